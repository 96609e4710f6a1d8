"""What a run has written into each dataset, for its summary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dataset_store import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataset_store import Dataset, DatasetInfo

    OnCommit = Callable[[Dataset, int], None]


def ignore(dataset: Dataset, rows: int) -> None:
    """Take no notice of a commit."""


@dataclass(slots=True)
class Load:
    """What a run has written into one dataset.

    Attributes:
        dataset: The dataset.
        streams: The streams whose rows go there, in order of appearance.
        method: How they are loaded: upsert, append-only or overwrite.
        rows_before: How many rows it had before the first write; None if finding out is not cheap.
        written: Rows that were committed: with `upsert` new ones and replaced ones.
    """

    dataset: Dataset
    method: str
    rows_before: int | None
    streams: dict[str, None] = field(default_factory=dict)
    written: int = 0

    def info(self) -> DatasetInfo | None:
        """The dataset as it is now; None if the store does not say."""
        try:
            return self.dataset.info()
        except DatasetError:
            return None


class Loads:
    """The datasets of a run, by GUID."""

    def __init__(self) -> None:
        self.by_dataset: dict[str, Load] = {}

    def begin(self, stream: str, dataset: Dataset, method: str, *, counts_rows: bool) -> None:
        """Note that rows of a stream go into a dataset.

        Args:
            stream: The stream.
            dataset: The dataset.
            method: How they are loaded.
            counts_rows: Whether counting the rows of a dataset is cheap.
        """
        if dataset.id not in self.by_dataset:
            before = dataset.info().rows if counts_rows else None
            self.by_dataset[dataset.id] = Load(dataset, method, before)
        load = self.by_dataset[dataset.id]
        load.dataset = dataset  # the newest object knows the newest commit
        load.streams[stream] = None

    @property
    def written(self) -> int:
        """How many rows were committed."""
        return sum(each.written for each in list(self.by_dataset.values()))

    def add(self, dataset: Dataset, rows: int) -> None:
        """Count rows that were committed."""
        self.by_dataset[dataset.id].written += rows
