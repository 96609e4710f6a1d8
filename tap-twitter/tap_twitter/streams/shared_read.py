"""One read of a source that X returns newest first, for several streams with a cursor each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_twitter.streams.bookmarks import NewestFirstBookmark


class SharedRead:
    """A read down to the oldest cursor that gives each stream the items new to it.

    Args:
        cursors: The cursors of the streams, by stream name.
        limit: The maximum number of items that a stream takes from a read, newest first; items
            below them are skipped for good.

    Attributes:
        cursors: The cursors after the pages read so far.
        page: X's token of the page to request; None is the first page.
    """

    def __init__(
        self, cursors: Mapping[str, NewestFirstBookmark], limit: int | None = None
    ) -> None:
        self.cursors = dict(cursors)
        self.page: str | None = None
        self._limit = limit
        self._given: dict[str, int] = {}  # by stream that the read serves

    @property
    def is_done(self) -> bool:
        """Whether every stream has all items new to it."""
        return not self._given

    def is_for(self, name: str) -> bool:
        """Whether a stream may still get items."""
        return name in self._given

    @property
    def floor(self) -> int | None:
        """The id at which the read stops; None if it reads to the end."""
        floors = [self.cursors[name].floor for name in self._given]
        known = [floor for floor in floors if floor is not None]
        return min(known) if known and len(known) == len(floors) else None

    @property
    def lowest(self) -> int | None:
        """The lowest id that the read has reached."""
        reads = [self.cursors[name].read for name in self._given]
        return min((read.low for read in reads if read), default=None)

    def begin(self) -> bool:
        """Begin the next read.

        An interrupted read resumes where it stopped, unless another stream still lacks items above
        or below that place: then the read starts at the top.

        Returns:
            Whether the read resumes, so that items that arrived meanwhile need another read.
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
        """Read from the top, for all streams; items already given are not given again."""
        self.page = None
        self.cursors = {name: each.restarted() for name, each in self.cursors.items()}
        self._given = dict.fromkeys(self.cursors, 0)

    def drop(self, name: str) -> None:
        """Stop reading for a stream, and leave its cursor as it is."""
        del self.cursors[name]
        self._given.pop(name, None)

    def take(self, name: str, item: int) -> bool:
        """Whether a stream gets an item of the page, which is one of its own.

        The item counts as given, as do items given before the read restarted at the top.
        """
        if not self.is_for(name) or self._is_full(name):
            return False
        cursor = self.cursors[name]
        is_new = cursor.takes(item)
        self._given[name] += is_new or cursor.skips(item)
        return is_new

    def after(self, ids: Sequence[int], next_page: str | None) -> None:
        """Move the cursors after all items of a page were given.

        Args:
            ids: The ids of all items on the page.
            next_page: X's token of the page below it; None on the last page.
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
        """Whether resuming the interrupted reads leaves out no stream."""
        low = min((each.read.low for each in begun if each.read), default=None)
        return len({each.page for each in begun}) == 1 and all(
            each.is_begun or (low is not None and each.floor is not None and low <= each.floor)
            for each in self.cursors.values()
        )
