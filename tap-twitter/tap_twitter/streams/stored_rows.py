"""Whether the rows that the tap has sent are stored, or read at all.

X charges for every response, and a response that was in flight when the receiving end died is
requested again. So nothing more is bought before the last rows are stored, as far as that is
visible: their datasets have commits that are younger than they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dataset_store import DatasetError, writeback_id
from tap_twitter.singer.receiver import POLL_SECONDS, is_piped, reader_is_behind, reader_is_gone

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from dataset_store import DatasetStore
    from tap_twitter.clock import Clock

MAX_WAIT_SECONDS: Final = 5.0
"""A target that takes longer holds its rows back on purpose: the tap stops waiting for it."""


class StoredRows:
    """The datasets that receive the rows, if the target shares the store.

    There is no waiting until one of them was seen to receive rows during this run: the rows may go
    elsewhere. If commits are not cheap to watch, as over HTTP, there is no waiting at all.

    Args:
        store: The presumed store of the datasets.
        clock: Tells the time and sleeps.
        first_wait_seconds: How long a target that reads from a pipe may take until the datasets are
            seen to receive the first rows of the run.
    """

    def __init__(self, store: DatasetStore, clock: Clock, first_wait_seconds: float = 0) -> None:
        self._store = store
        self._clock = clock
        self._begun_at = clock.now()
        self._first_wait_seconds = first_wait_seconds if is_piped() else 0.0
        self._takes_rows = False
        self._is_slow = False

    def await_rows(self, dataset_ids: Collection[str]) -> None:
        """Wait until the rows sent so far for these datasets are stored, or will not be soon.

        Raises:
            BrokenPipeError: Nobody reads the output any longer.
        """
        if not self._store.capabilities.cheap_watch:
            return
        sent_at = self._clock.now()
        while self._waits_for_first and reader_is_behind():
            self._pause()
        read_at = self._clock.now()
        while not self._is_slow:
            commits = self._commits(dataset_ids)
            if len(commits) == len(dataset_ids) and all(each > sent_at for each in commits):
                return
            waited = (self._clock.now() - read_at).total_seconds()
            if not self._takes_rows and waited >= self._patience(commits):
                self._first_wait_seconds = 0.0
                return
            self._is_slow = waited > MAX_WAIT_SECONDS
            self._pause()

    def _patience(self, commits: Sequence[datetime]) -> float:
        """How long to wait for the first rows: longer if datasets of earlier runs exist."""
        return MAX_WAIT_SECONDS if self._waits_for_first and commits else self._first_wait_seconds

    @property
    def _waits_for_first(self) -> bool:
        """Whether the target may still turn out to take rows: it may have to start up first."""
        return self._first_wait_seconds > 0 and not self._takes_rows

    def _pause(self) -> None:
        if reader_is_gone():
            raise BrokenPipeError
        self._clock.sleep(POLL_SECONDS)

    def _commits(self, dataset_ids: Collection[str]) -> list[datetime]:
        """When the existing datasets were last written."""
        commits = [commit for each in dataset_ids if (commit := self._last_commit(each))]
        self._takes_rows = self._takes_rows or any(each > self._begun_at for each in commits)
        return commits

    def _last_commit(self, dataset_id: str) -> datetime | None:
        try:
            dataset = self._store.find(dataset_id)
            return dataset.versions(limit=1)[0].committed_at if dataset else None
        except DatasetError:
            return None


class Writeback:
    """The writeback datasets of a pass.

    Args:
        store: The store of the input datasets, and of the writeback datasets if it is shared.
        stream: The stream of their rows.
        input_ids: The input datasets.
        clock: Tells the time and sleeps.
    """

    def __init__(
        self, store: DatasetStore, stream: str, input_ids: Sequence[str], clock: Clock
    ) -> None:
        self._rows = StoredRows(store, clock)
        self._ids = [writeback_id(stream, input_id) for input_id in input_ids]

    def await_rows(self, positions: Iterable[int]) -> None:
        """Wait until the rows sent so far for these inputs are stored, or will not be soon.

        Args:
            positions: The positions of the inputs, in the order in which they were given.

        Raises:
            BrokenPipeError: Nobody reads the output any longer.
        """
        self._rows.await_rows({self._ids[position] for position in positions})
