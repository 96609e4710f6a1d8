"""What the tap can see of the rows that it has sent: whether they are stored, or read at all.

X charges for every answer, and an answer that was on its way when the receiving end died is asked
for again. So the next users are not bought before the last ones are stored, as far as that can be
seen: the writeback dataset has a commit that is younger than the rows.
"""

from __future__ import annotations

import select
import sys
from io import UnsupportedOperation
from typing import TYPE_CHECKING, Final

from dataset_store import DatasetError, writeback_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from dataset_store import DatasetStore
    from tap_twitter.clock import Clock

LONGEST_WAIT_SECONDS: Final = 5.0
"""A target that takes longer holds its rows back on purpose: it is not waited for any more."""

POLL_SECONDS: Final = 0.02


class Writeback:
    """The writeback datasets of a pass.

    Nothing is waited for until one of them was seen to take rows during this run: they may as well
    go elsewhere.

    Args:
        store: Where the input datasets live, and the writeback datasets if the target shares it.
        stream: Whose rows they hold.
        input_ids: The input datasets.
        clock: Tells the time and sleeps.
    """

    def __init__(
        self, store: DatasetStore, stream: str, input_ids: Sequence[str], clock: Clock
    ) -> None:
        self._store = store
        self._ids = [writeback_id(stream, input_id) for input_id in input_ids]
        self._clock = clock
        self._begun_at = clock.now()
        self._takes_rows = False
        self._is_slow = False

    def await_rows(self, positions: Iterable[int]) -> None:
        """Wait until the rows sent so far for these inputs are stored, or will not be soon.

        Args:
            positions: Of the inputs, in the order in which they were given.

        Raises:
            BrokenPipeError: Nobody reads the output any more.
        """
        sent_at = self._clock.now()
        ids = {self._ids[position] for position in positions}
        while not self._is_slow and not self._are_stored(ids, sent_at):
            if reader_is_gone():
                raise BrokenPipeError
            self._is_slow = (self._clock.now() - sent_at).total_seconds() > LONGEST_WAIT_SECONDS
            self._clock.sleep(POLL_SECONDS)

    def _are_stored(self, ids: set[str], sent_at: datetime) -> bool:
        commits = [commit for each in ids if (commit := self._last_commit(each))]
        self._takes_rows = self._takes_rows or any(each > self._begun_at for each in commits)
        return not self._takes_rows or (len(commits) == len(ids) and min(commits) > sent_at)

    def _last_commit(self, dataset_id: str) -> datetime | None:
        try:
            dataset = self._store.find(dataset_id)
            return dataset.versions(limit=1)[0].committed_at if dataset else None
        except DatasetError:
            return None


def reader_is_gone() -> bool:
    """Whether the program that reads standard output has closed it."""
    try:
        descriptor = sys.stdout.fileno()
    except (UnsupportedOperation, ValueError):
        return False
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
