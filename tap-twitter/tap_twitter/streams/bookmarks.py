"""Bookmarks for sources that X gives page by page: newest first, or as a whole.

The SDK's bookmarks promote the newest value that was seen, and so skip what lies below it if a read
is stopped. These remember both ends of the part that was read, and where to resume. Ids are
compared as numbers: as texts, ids of unequal length sort wrongly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_SKIPPED: Final = 10
"""So many spans a bookmark remembers, the widest, so that a state stays small; what lies in others
is given again."""


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
        without: The kinds of items that are left out.
    """

    floor: int | None = None
    read: Span | None = None
    page: str | None = None
    skipped: tuple[Span, ...] = ()
    given: int = 0
    without: tuple[str, ...] = ()

    @property
    def low(self) -> int | None:
        """The oldest id that the read under way has come to."""
        return self.read.low if self.read else None

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
        moved = replace(self, read=self._span_with(ids))
        if next_page is None or self._reaches_floor(ids):
            return moved.finished()
        low = moved.low
        skipped = tuple(span for span in self.skipped if low is None or span.low < low)
        return replace(moved, page=next_page, skipped=skipped)

    def joined(self, ids: Sequence[int]) -> NewestFirstBookmark:
        """The bookmark once a page with these ids was given, all of them new.

        Of a source that takes bounds by id there is no token to keep.
        """
        return replace(self, read=self._span_with(ids), given=self.given + len(ids))

    def finished(self) -> NewestFirstBookmark:
        """The cursor once a read has given all that it was to give."""
        newest = [span.high for span in self._spans]
        if self.floor is not None:
            newest.append(self.floor)
        return NewestFirstBookmark(max(newest, default=None), without=self.without)

    def restarted(self) -> NewestFirstBookmark:
        """The cursor of a read that begins at the top again, since its token has died."""
        widest = sorted(_merged(self._spans), key=Span.width, reverse=True)[:MAX_SKIPPED]
        skipped = tuple(sorted(widest, key=lambda each: -each.high))
        return NewestFirstBookmark(self.floor, skipped=skipped, without=self.without)

    @property
    def _spans(self) -> tuple[Span, ...]:
        """All that was given since the last finished read."""
        return (self.read, *self.skipped) if self.read else self.skipped

    def _reaches_floor(self, ids: Sequence[int]) -> bool:
        return self.floor is not None and any(item <= self.floor for item in ids)

    def _span_with(self, ids: Sequence[int]) -> Span | None:
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
            "without": list(self.without) or None,
        }
        return {name: value for name, value in named.items() if value is not None}

    @classmethod
    def from_bookmark(
        cls, bookmark: Any, where: str, without: tuple[str, ...] = ()
    ) -> NewestFirstBookmark:
        """Read what `as_bookmark` has written; one of reads that left out more counts as none.

        Args:
            bookmark: From the state; None makes a new one.
            where: Its place in the state, for the error.
            without: The kinds of items that are left out now.

        Raises:
            StateError: It is none.
        """
        try:
            known = dict(bookmark or {})
            if not set(known.get("without", ())) <= set(without):
                return cls(without=without)
            page = known.get("page")
            if page is not None and not isinstance(page, str):
                raise StateError(where)
            floor = known.get("floor")
            return cls(
                None if floor is None else int(floor),
                None if known.get("read") is None else _span(known["read"]),
                page,
                tuple(_span(each) for each in known.get("skipped", ())),
                # earlier builds counted posts as `count`
                int(known.get("given") or known.get("count") or 0),
                without,
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


@dataclass(frozen=True, slots=True)
class SnapshotBookmark:
    """How far a list has been read of which X gives all, page by page, and nothing else.

    Attributes:
        date: The UTC day on which the snapshot began; None before the first one.
        page: X's token of the page on which it resumes; None once it is complete.
        given: The number of items that it has given.
    """

    date: date | None = None
    page: str | None = None
    given: int = 0

    @property
    def is_begun(self) -> bool:
        """Whether the snapshot was stopped in the middle."""
        return self.page is not None

    def as_bookmark(self) -> dict[str, Any]:
        """The bookmark as JSON values; null is written, so that merged states keep no old token."""
        return {
            "date": self.date.isoformat() if self.date else None,
            "page": self.page,
            "given": self.given,
        }

    @classmethod
    def from_bookmark(cls, bookmark: Any, where: str) -> SnapshotBookmark:
        """Read what `as_bookmark` has written.

        Args:
            bookmark: From the state; None makes a new one.
            where: Its place in the state, for the error.

        Raises:
            StateError: It is none.
        """
        try:
            known = dict(bookmark or {})
            begun, page = known.get("date"), known.get("page")
            if not isinstance(page, str | None):
                raise StateError(where)
            day = None if begun is None else date.fromisoformat(begun)
            return cls(day, page, int(known.get("given", 0)))
        except (TypeError, ValueError):
            raise StateError(where) from None
