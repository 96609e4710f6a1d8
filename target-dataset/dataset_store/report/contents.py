"""What a report shows: figures of datasets that have their columns, and a list of all datasets."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dataset_store.errors import DatasetError, StoreError
from dataset_store.progress import untracked
from dataset_store.report.results import result_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dataset_store.base import Dataset, DatasetInfo, DatasetStore
    from dataset_store.progress import Tracker
    from dataset_store.report.figures import Figure
    from dataset_store.report.results import Result

    Opened = tuple[DatasetInfo, Dataset]

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


def collect(
    store: DatasetStore, figures: Sequence[Figure], tracker: Tracker | None = None
) -> Contents:
    """Compute all figures of a store.

    Args:
        store: The store.
        figures: The figures.
        tracker: Gets the number of figures to draw, and counts them.

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
    fitting = [(figure, _fitting(figure, opened)) for figure in figures]
    tracker = tracker or untracked()
    tracker.expect(sum(len(found[:MAX_DATASETS]) for _, found in fitting), "figures")
    sections = [_section(figure, found, tracker) for figure, found in fitting if found]
    return Contents(sections, infos)


def _fitting(figure: Figure, opened: Sequence[Opened]) -> Sequence[Opened]:
    """The datasets that have the columns of a figure, those with the most rows first."""
    found = [(info, dataset) for info, dataset in opened if figure.fits(dataset.schema)]
    return sorted(found, key=lambda each: -each[0].rows)


def _section(figure: Figure, fitting: Sequence[Opened], tracker: Tracker) -> Section:
    drawn = []
    for info, dataset in fitting[:MAX_DATASETS]:
        drawn.append(_drawn(figure, info, dataset))
        tracker.advance(1)
    return Section(figure, drawn, max(len(fitting) - MAX_DATASETS, 0))


def _drawn(figure: Figure, info: DatasetInfo, dataset: Dataset) -> Drawn:
    """One figure; a dataset that cannot be read leaves a sentence there, and a warning."""
    try:
        return Drawn(info, result_of(figure, dataset))
    except DatasetError as error:
        logger.warning("%s is not drawn of dataset %r: %s", figure.title, info.name, error)
        return Drawn(info, None, is_readable=False)
