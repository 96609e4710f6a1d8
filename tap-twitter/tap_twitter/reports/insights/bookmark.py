"""How far an account's posts have been read: what its bookmark holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tap_twitter.errors import StateError
from tap_twitter.streams.bookmarks import Span

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class ReadBookmark:
    """The bookmark of one account; its size does not depend on the number of posts.

    X takes bounds by id, so that ids are all it takes to go on: no token of a page, which may die.

    Attributes:
        without: The kinds of posts that are left out.
        floor: The newest id that finished reads have given; None before there were any.
        read: From the newest to the oldest id that a read under way has given; None between reads.
        count: How many posts that read has given.
    """

    without: tuple[str, ...] = ()
    floor: int | None = None
    read: Span | None = None
    count: int = 0

    @classmethod
    def from_bookmark(cls, bookmark: Any, without: tuple[str, ...], where: str) -> ReadBookmark:
        """Read a bookmark; one of reads that left out more than is left out now counts as none.

        Args:
            bookmark: From the state; None makes a new one.
            without: The kinds of posts that are left out now.
            where: Its place in the state, for the error.

        Raises:
            StateError: It is not of the form that `as_bookmark` gives.
        """
        try:
            known = dict(bookmark or {})
            if not set(known.get("without", ())) <= set(without):
                return cls(without)
            floor, read = known.get("floor"), known.get("read")
            return cls(
                without,
                None if floor is None else int(floor),
                None if read is None else Span(*map(int, read)),
                int(known.get("count", 0)),
            )
        except (TypeError, ValueError):
            raise StateError(where) from None

    def as_bookmark(self) -> dict[str, Any]:
        """The progress as JSON values, without what is not set."""
        named = {
            "without": list(self.without),
            "floor": None if self.floor is None else str(self.floor),
            "read": None if self.read is None else [str(self.read.low), str(self.read.high)],
            "count": self.count,
        }
        return {name: value for name, value in named.items() if value}

    @property
    def low(self) -> int | None:
        """The oldest id that the read under way has come to."""
        return self.read.low if self.read else None

    def after(self, ids: Sequence[int]) -> ReadBookmark:
        """The progress once a page of posts with these ids was given."""
        if not ids:
            return self
        read = self.read.joined(ids) if self.read else Span(min(ids), max(ids))
        return replace(self, read=read, count=self.count + len(ids))

    def finished(self) -> ReadBookmark:
        """The progress once a read has given everything."""
        newest = [self.floor] if self.floor is not None else []
        newest += [self.read.high] if self.read else []
        return ReadBookmark(self.without, max(newest, default=None))
