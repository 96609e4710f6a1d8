"""The dataset that holds a stream's rows about one input dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataset_store.identity import writeback_id

if TYPE_CHECKING:
    from dataset_store.base import Dataset, DatasetStore


def writeback_title(stream: str) -> str:
    """How the names of a stream's writeback datasets begin, unless a setting says otherwise."""
    return stream.replace("_", " ").capitalize()


def writeback_dataset(store: DatasetStore, stream: str, input_id: str) -> Dataset | None:
    """The writeback dataset of an input; None if it is not there yet.

    Where the store gives out GUIDs itself, it is found by its labels among those that are called
    after the stream.
    """
    if store.capabilities.chosen_ids:
        return store.find(writeback_id(stream, input_id))
    for info in store.search(writeback_title(stream)):
        if (info.labels.get("stream"), info.labels.get("input")) == (stream, input_id):
            return store.find(info.id)
    return None
