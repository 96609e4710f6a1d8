"""Cursors for sources that X gives newest first, page by page.

The SDK's bookmarks promote the newest value that was seen, and so skip what lies below it where a
read is broken off. These cursors remember both ends of the part that was read, and where to go on.
Ids are compared as numbers: as texts, ids of unequal length sort wrongly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_SKIPPED: Final = 10
"""So many spans a cursor remembers, the widest, so that a state stays small; what lies in others is
given again."""


@dataclass(frozen=True, slots=True)
class Span:
    """Ids from `low` to `high`, both included."""

    low: int
    high: int

    def __contains__(self, item: int) -> bool:
        """Whether an id lies within."""
        return self.low <= item <= self.high

    def width(self) -> int:
        """How far its ends lie apart."""
        return self.high - self.low

    def joined(self, ids: Sequence[int]) -> Span:
        """The span that takes in these ids, too."""
        return Span(min(self.low, *ids), max(self.high, *ids))


@dataclass(frozen=True, slots=True)
class NewestFirstBookmark:
    """How far a source has been read.

    Attributes:
        floor: Everything up to this id was given by earlier reads; None where there were none.
        read: What the read under way has given; None between reads.
        page: X's token of the page on which the read goes on; None begins at the top.
        skipped: What reads before it had given, which began at the top again; from the top down.
        given: How many items the read under way has given, where somebody counts them.
    """

    floor: int | None = None
    read: Span | None = None
    page: str | None = None
    skipped: tuple[Span, ...] = ()
    given: int = 0

    @property
    def is_begun(self) -> bool:
        """Whether a read was broken off and waits to be finished."""
        return self.page is not None

    def takes(self, item: int) -> bool:
        """Whether an item with this id was not given yet."""
        if self.floor is not None and item <= self.floor:
            return False
        return not any(item in span for span in self._spans)

    def skips(self, item: int) -> bool:
        """Whether an item was given before the read lost its way."""
        return any(item in span for span in self.skipped)

    def after(self, ids: Sequence[int], next_page: str | None) -> NewestFirstBookmark:
        """The cursor once a page was given.

        The read ends where the source ends, or where the page holds an item of an earlier read.

        Args:
            ids: Of all items on the page, taken or not.
            next_page: X's token of the page below it; None on the last one.
        """
        read = self._joined(ids)
        if next_page is None or self._reaches_floor(ids):
            return replace(self, read=read).finished()
        skipped = tuple(span for span in self.skipped if read is None or span.low < read.low)
        return NewestFirstBookmark(self.floor, read, next_page, skipped, self.given)

    def finished(self) -> NewestFirstBookmark:
        """The cursor once a read has given all that it was to give."""
        newest = [span.high for span in self._spans]
        if self.floor is not None:
            newest.append(self.floor)
        return NewestFirstBookmark(max(newest, default=None))

    def restarted(self) -> NewestFirstBookmark:
        """The cursor of a read that begins at the top again, since its token has died."""
        widest = sorted(_merged(self._spans), key=Span.width, reverse=True)[:MAX_SKIPPED]
        return NewestFirstBookmark(
            self.floor, skipped=tuple(sorted(widest, key=lambda each: -each.high))
        )

    @property
    def _spans(self) -> tuple[Span, ...]:
        """All that was given since the last finished read."""
        return (self.read, *self.skipped) if self.read else self.skipped

    def _reaches_floor(self, ids: Sequence[int]) -> bool:
        return self.floor is not None and any(item <= self.floor for item in ids)

    def _joined(self, ids: Sequence[int]) -> Span | None:
        if not ids:
            return self.read
        return self.read.joined(ids) if self.read else Span(min(ids), max(ids))

    def as_bookmark(self) -> dict[str, Any]:
        """The cursor as JSON values, without what is not set."""
        named = {
            "floor": None if self.floor is None else str(self.floor),
            "read": None if self.read is None else _as_json(self.read),
            "page": self.page,
            "skipped": [_as_json(span) for span in self.skipped] or None,
            "given": self.given or None,
        }
        return {name: value for name, value in named.items() if value is not None}

    @classmethod
    def from_bookmark(cls, bookmark: Any, where: str) -> NewestFirstBookmark:
        """Read what `as_bookmark` has written; nothing makes a new cursor.

        Args:
            bookmark: From the state.
            where: Its place in the state, for the error.

        Raises:
            StateError: It is none.
        """
        try:
            known = dict(bookmark or {})
            page = known.get("page")
            if page is not None and not isinstance(page, str):
                raise StateError(where)
            floor = known.get("floor")
            return cls(
                None if floor is None else int(floor),
                None if known.get("read") is None else _span(known["read"]),
                page,
                tuple(_span(each) for each in known.get("skipped", ())),
                int(known.get("given", 0)),
            )
        except (TypeError, ValueError):
            raise StateError(where) from None


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The spans without overlaps, from the top down."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda each: -each.high):
        if merged and span.high >= merged[-1].low:
            merged[-1] = merged[-1].joined([span.low])
        else:
            merged.append(span)
    return merged


def _as_json(span: Span) -> list[str]:
    return [str(span.low), str(span.high)]


def _span(value: Any) -> Span:
    low, high = value
    return Span(int(low), int(high))
