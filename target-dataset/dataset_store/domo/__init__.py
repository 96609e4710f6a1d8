"""Datasets in Domo, through its DataSet API and its Stream API."""

from __future__ import annotations

from dataset_store.domo.options import DomoOptions
from dataset_store.domo.store import DomoStore

__all__ = ["DomoOptions", "DomoStore"]
