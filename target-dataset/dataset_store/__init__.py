"""Datasets by ID, independent of where they are stored, and of Singer and X."""

from __future__ import annotations

from dataset_store.base import (
    Below,
    Capabilities,
    Commit,
    Dataset,
    DatasetInfo,
    DatasetSpec,
    DatasetStore,
    RowSource,
    Version,
)
from dataset_store.errors import (
    DatasetError,
    DatasetExistsError,
    DatasetNotFoundError,
    SchemaConflictError,
    StoreError,
)
from dataset_store.identity import dataset_id, writeback_id
from dataset_store.stores import open_store
from dataset_store.writebacks import writeback_dataset, writeback_title

__all__ = [
    "Below",
    "Capabilities",
    "Commit",
    "Dataset",
    "DatasetError",
    "DatasetExistsError",
    "DatasetInfo",
    "DatasetNotFoundError",
    "DatasetSpec",
    "DatasetStore",
    "RowSource",
    "SchemaConflictError",
    "StoreError",
    "Version",
    "dataset_id",
    "open_store",
    "writeback_dataset",
    "writeback_id",
    "writeback_title",
]
