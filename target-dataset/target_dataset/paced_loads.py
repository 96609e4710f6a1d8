"""When rows are committed: at once, or as seldom as the store allows."""

from __future__ import annotations

import logging
import weakref
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from dataset_store.waiting_rows import WaitingFolder
from target_dataset.errors import conflicts_of
from target_dataset.staging import StagedRows, room_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    from dataset_store import Dataset
    from dataset_store.widening import Conflicts

logger = logging.getLogger("target-dataset")

_LOOK_SECONDS: Final = 0.2
"""How often a wait for the next commit looks whether a signal asks to stop."""


class PacedLoads:
    """Appends and upserts rows, each dataset at most once in an interval.

    Rows that have to wait do so on disk. What is not committed is lost with this object; its STATE
    is withheld, so that the next run brings it again.

    Args:
        interval_seconds: How long after a commit the next one may follow; 0 commits at once.
        conflicts: What becomes of columns whose types contradict each other.
    """

    def __init__(self, interval_seconds: float, conflicts: Conflicts = "error") -> None:
        self._interval = interval_seconds
        self._conflicts = conflicts
        self._last = monotonic()
        self._has_committed = False
        self._waiting: dict[tuple[str, tuple[str, ...]], StagedRows] = {}
        self._folder: WaitingFolder | None = None
        self._count = 0

    @property
    def is_waiting(self) -> bool:
        """Whether rows are held back."""
        return bool(self._waiting)

    @property
    def is_due(self) -> bool:
        """Whether rows are held back that may be committed now."""
        return self.is_waiting and self.seconds_left <= 0

    @property
    def seconds_left(self) -> float:
        """How long until the next commit."""
        return self._last + self._interval - monotonic()

    def write(self, dataset: Dataset, rows: pa.Table, keys: Sequence[str] = ()) -> None:
        """Upsert rows by their keys, or append them if there are none.

        Raises:
            UserError: There is no room for rows that have to wait.
        """
        if self._interval:
            self._hold(dataset, rows, tuple(keys))
        elif keys:
            dataset.upsert(rows, keys)
        else:
            dataset.append(rows)

    def _hold(self, dataset: Dataset, rows: pa.Table, keys: tuple[str, ...]) -> None:
        with room_for(dataset):
            if self._folder is None:
                self._folder = WaitingFolder()
                weakref.finalize(self, self._folder.remove)
            place = (dataset.id, keys)
            if place not in self._waiting:
                self._count += 1
                folder = self._folder.path / str(self._count)
                self._waiting[place] = StagedRows(dataset, folder, self._conflicts)
            self._waiting[place].add(rows)

    def commit(self) -> None:
        """Commit what is held back, each dataset in one commit.

        Raises:
            DatasetError: The store does not take it.
        """
        for (_, keys), staged in self._waiting.items():
            staged.finish()
            with conflicts_of(f"Dataset {staged.dataset.id}"):
                staged.dataset.load(staged, keys)
            staged.remove()
            logger.info("Dataset %s: committed %d rows", staged.dataset.id, staged.rows)
        if self._waiting:
            self._last = monotonic()
            self._has_committed = True
        self._waiting.clear()

    def commit_last(self, is_stopping: Callable[[], bool]) -> None:
        """Commit what is held back as soon as the interval allows.

        Args:
            is_stopping: Whether a signal asks to stop: then it is tried at once.
        """
        if self.is_waiting and self._has_committed and self.seconds_left > 0:
            logger.info(
                "Waiting %.0f seconds to commit the last rows: the store allows one commit per "
                "%.0f seconds (`commit_interval`)",
                self.seconds_left,
                self._interval,
            )
            while self.seconds_left > 0 and not is_stopping():
                sleep(min(_LOOK_SECONDS, max(0.0, self.seconds_left)))
        self.commit()
