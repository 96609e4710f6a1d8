"""The dataset that holds a stream's rows about one input dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataset_store.identity import writeback_id

if TYPE_CHECKING:
    from dataset_store.base import Dataset, DatasetStore


def writeback_title(stream: str) -> str:
    """The start of the names of a stream's writeback datasets, unless a setting overrides it."""
    return stream.replace("_", " ").capitalize()


def writeback_dataset(store: DatasetStore, stream: str, input_id: str) -> Dataset | None:
    """The writeback dataset of an input; None if it does not exist yet.

    If the store assigns GUIDs itself, the dataset is found by its labels among those named after
    the stream.
    """
    if store.capabilities.chosen_ids:
        return store.find(writeback_id(stream, input_id))
    for info in store.search(writeback_title(stream)):
        if (info.labels.get("stream"), info.labels.get("input")) == (stream, input_id):
            return store.find(info.id)
    return None
