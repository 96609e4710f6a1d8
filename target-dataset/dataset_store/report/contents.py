"""What a report shows: figures of datasets that have their columns, and a list of all datasets."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dataset_store.errors import DatasetError, StoreError
from dataset_store.report.results import result_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataset_store.base import Dataset, DatasetInfo, DatasetStore
    from dataset_store.report.figures import Figure
    from dataset_store.report.results import Result

logger = logging.getLogger(__name__)

MAX_DATASETS: Final = 8
"""The maximum number of datasets that a figure is drawn of: those with the most rows."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure of one dataset.

    Attributes:
        dataset: The dataset.
        result: Its values; None if it has none.
        is_readable: Whether it could be read.
    """

    dataset: DatasetInfo
    result: Result | None
    is_readable: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """A figure with the datasets that it is drawn of.

    Attributes:
        figure: The figure.
        drawn: The datasets with the most rows first.
        left_out: How many more datasets have its columns.
    """

    figure: Figure
    drawn: Sequence[Drawn]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Contents:
    """What a report shows.

    Attributes:
        sections: The figures that at least one dataset has the columns for.
        datasets: All datasets, by name.
    """

    sections: Sequence[Section]
    datasets: Sequence[DatasetInfo]


def collect(store: DatasetStore, figures: Sequence[Figure]) -> Contents:
    """Compute all figures of a store.

    Raises:
        StoreError: The store does not support SQL, or does not exist.
    """
    if not store.capabilities.sql:
        message = (
            "report: this store does not support queries; load the streams into a local store or "
            "object storage, too, and write the report of that one"
        )
        raise StoreError(message)
    infos = list(store.list())
    opened = [(info, store.open(info.id)) for info in infos]
    sections = []
    for figure in figures:
        fitting = [(info, dataset) for info, dataset in opened if figure.fits(dataset.schema)]
        if fitting:
            sections.append(_section(figure, fitting))
    return Contents(sections, infos)


def _section(figure: Figure, fitting: Sequence[tuple[DatasetInfo, Dataset]]) -> Section:
    by_rows = sorted(fitting, key=lambda each: -each[0].rows)
    drawn = [_drawn(figure, info, dataset) for info, dataset in by_rows[:MAX_DATASETS]]
    return Section(figure, drawn, max(len(by_rows) - MAX_DATASETS, 0))


def _drawn(figure: Figure, info: DatasetInfo, dataset: Dataset) -> Drawn:
    """One figure; a dataset that cannot be read leaves a sentence there, and a warning."""
    try:
        return Drawn(info, result_of(figure, dataset))
    except DatasetError as error:
        logger.warning("%s is not drawn of dataset %r: %s", figure.title, info.name, error)
        return Drawn(info, None, is_readable=False)
