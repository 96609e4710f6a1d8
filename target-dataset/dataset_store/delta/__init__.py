"""Datasets as Delta Lake tables, one folder per GUID."""

from __future__ import annotations

from dataset_store.delta.local_folder import LocalFolder
from dataset_store.delta.store import DeltaStore
from dataset_store.delta.upkeep import LocalOptions, Upkeep

__all__ = ["DeltaStore", "LocalFolder", "LocalOptions", "Upkeep"]
