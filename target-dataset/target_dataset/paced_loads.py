"""The timing of commits: at once, or as rarely as the store requires."""

from __future__ import annotations

import logging
import weakref
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from dataset_store.waiting_rows import WaitingFolder
from target_dataset.errors import conflicts_of
from target_dataset.loads import ignore
from target_dataset.staging import StagedRows, room_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    from dataset_store import Dataset
    from dataset_store.widening import Conflicts
    from target_dataset.loads import OnCommit

logger = logging.getLogger("target-dataset")

_LOOK_SECONDS: Final = 0.2
"""How often a wait for the next commit checks for a signal to stop."""


class PacedLoads:
    """Appends and upserts rows, with at most one commit per interval.

    Waiting rows are on disk. Rows that are not committed are lost with this object; their STATE
    is withheld, so that the next run reads them again.

    Args:
        interval_seconds: The minimum time between two commits; 0 commits at once.
        conflicts: How to handle columns whose types contradict each other.
        on_commit: Receives the dataset and the number of rows of each commit.
    """

    def __init__(
        self,
        interval_seconds: float,
        conflicts: Conflicts = "error",
        on_commit: OnCommit = ignore,
    ) -> None:
        self._on_commit = on_commit
        self._interval = interval_seconds
        self._conflicts = conflicts
        self._last = monotonic()
        self._has_committed = False
        self._waiting: dict[tuple[str, tuple[str, ...]], StagedRows] = {}
        self._folder: WaitingFolder | None = None
        self._count = 0

    @property
    def is_waiting(self) -> bool:
        """Whether any rows are held back."""
        return bool(self._waiting)

    @property
    def is_due(self) -> bool:
        """Whether rows are held back and can be committed now."""
        return self.is_waiting and self.seconds_left <= 0

    @property
    def seconds_left(self) -> float:
        """The time until the next commit."""
        return self._last + self._interval - monotonic()

    def write(self, dataset: Dataset, rows: pa.Table, keys: Sequence[str] = ()) -> None:
        """Upsert rows by their keys, or append them if there are none.

        Raises:
            UserError: The disk has no room for waiting rows.
        """
        if self._interval:
            self._hold(dataset, rows, tuple(keys))
            return
        if keys:
            dataset.upsert(rows, keys)
        else:
            dataset.append(rows)
        self._on_commit(dataset, rows.num_rows)

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
        """Commit the rows held back, with one commit per dataset.

        Raises:
            DatasetError: The store rejects them.
        """
        for (_, keys), staged in self._waiting.items():
            staged.finish()
            with conflicts_of(f"Dataset {staged.dataset.id}"):
                staged.dataset.load(staged, keys)
            staged.remove()
            self._on_commit(staged.dataset, staged.rows)
            logger.info("Dataset %s: committed %d rows", staged.dataset.id, staged.rows)
        if self._waiting:
            self._last = monotonic()
            self._has_committed = True
        self._waiting.clear()

    def commit_last(self, is_stopping: Callable[[], bool]) -> None:
        """Commit the rows held back as soon as the interval allows.

        Args:
            is_stopping: Whether a signal asks to stop; if so, the commit is tried at once.
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
