"""One read of a source that X gives newest first, for several streams with a cursor each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_twitter.streams.bookmarks import NewestFirstBookmark


class SharedRead:
    """Reads down to the oldest cursor, and gives each stream what is new to it.

    Args:
        cursors: Of the streams, by their names.
        limit: The most items that a stream takes of a read, its newest ones; what lies below them
            is left out for good.

    Attributes:
        cursors: As the pages so far have left them.
        page: X's token of the page to ask for; None is the first one.
    """

    def __init__(
        self, cursors: Mapping[str, NewestFirstBookmark], limit: int | None = None
    ) -> None:
        self.cursors = dict(cursors)
        self.page: str | None = None
        self._limit = limit
        self._given: dict[str, int] = {}  # by stream that is being read for

    @property
    def is_done(self) -> bool:
        """Whether every stream has all that is new to it."""
        return not self._given

    def is_for(self, name: str) -> bool:
        """Whether a stream may be given something yet."""
        return name in self._given

    @property
    def floor(self) -> int | None:
        """What the read goes down to; None where it goes down to the end."""
        floors = [self.cursors[name].floor for name in self._given]
        known = [floor for floor in floors if floor is not None]
        return min(known) if known and len(known) == len(floors) else None

    @property
    def lowest(self) -> int | None:
        """The lowest id that the read has come to."""
        reads = [self.cursors[name].read for name in self._given]
        return min((read.low for read in reads if read), default=None)

    def begin(self) -> bool:
        """Begin the next read.

        One that was broken off goes on where it stood, unless another stream has not been given
        what lies above that place or below it: then all is read from the top.

        Returns:
            Whether it goes on, so that what came in meanwhile takes another read.
        """
        begun = {name: each for name, each in self.cursors.items() if each.is_begun}
        if not begun or not self._is_enough_for_all(list(begun.values())):
            self.restart()
            return False
        self.page = next(iter(begun.values())).page
        self._given = {name: each.given for name, each in begun.items()}
        for name in [each for each in self._given if self._is_full(each)]:
            self._finish(name, self.cursors[name])
        return True

    def restart(self) -> None:
        """Read from the top, for all streams; what was given is not given again."""
        self.page = None
        self.cursors = {name: each.restarted() for name, each in self.cursors.items()}
        self._given = dict.fromkeys(self.cursors, 0)

    def drop(self, name: str) -> None:
        """Read no more for a stream, and leave its cursor as it is."""
        del self.cursors[name]
        self._given.pop(name, None)

    def take(self, name: str, item: int) -> bool:
        """Whether a stream is to be given an item of the page, one of its own.

        It counts as given, as does what was given before the read began at the top again.
        """
        if not self.is_for(name) or self._is_full(name):
            return False
        cursor = self.cursors[name]
        is_new = cursor.takes(item)
        self._given[name] += is_new or cursor.skips(item)
        return is_new

    def after(self, ids: Sequence[int], next_page: str | None) -> None:
        """Move the cursors, once all items of a page were given.

        Args:
            ids: Of all items on the page.
            next_page: X's token of the page below it; None on the last one.
        """
        self.page = next_page
        for name in list(self._given):
            counted = replace(self.cursors[name], given=self._given[name])
            cursor = counted.after(ids, next_page)
            if self._is_full(name) or not cursor.is_begun:
                self._finish(name, cursor)
            else:
                self.cursors[name] = cursor

    def _finish(self, name: str, cursor: NewestFirstBookmark) -> None:
        self.cursors[name] = cursor.finished()
        del self._given[name]

    def _is_full(self, name: str) -> bool:
        return self._limit is not None and self._given[name] >= self._limit

    def _is_enough_for_all(self, begun: Sequence[NewestFirstBookmark]) -> bool:
        """Whether going on with what was broken off leaves out nobody."""
        low = min((each.read.low for each in begun if each.read), default=None)
        return len({each.page for each in begun}) == 1 and all(
            each.is_begun or (low is not None and each.floor is not None and low <= each.floor)
            for each in self.cursors.values()
        )
