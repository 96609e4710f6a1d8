"""How far the report was read: the days that are complete, and those that are being read.

A run first completes the latest days that an earlier run was stopped in, then reads those that have
ended since, with a rollback window before them, and last goes back in time to where the timeframe
begins. Within a span of days, posts are read newest first, and its bookmark is the last one read.
So the state is small, and no finished request is made again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.values import id_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FIRST_DAYS: Final = 30
"""What the first sync reads first
(https://fivetran.com/docs/connectors/applications/twitter#syncoverview)."""

MAX_DAYS: Final = 90
"""The longest time that X reports in one go."""


@dataclass(frozen=True)
class Span:
    """Days that are being read.

    Attributes:
        first: The first day.
        end: The day after the last one.
        below: The id of the last post that was read; those with smaller ids remain. None if none
            was read yet.
        is_back: Whether the span goes back in time, rather than forward.
    """

    first: date
    end: date
    below: int | None = None
    is_back: bool = False

    def takes(self, post_id: int) -> bool:
        """Whether a post remains to be read."""
        return self.below is None or post_id < self.below

    def as_list(self) -> list[str]:
        """The span in the state: a list, which orchestrators that merge states replace whole."""
        below = [] if self.below is None else [str(self.below)]
        return [self.first.isoformat(), self.end.isoformat(), *below]


@dataclass(frozen=True)
class ReportBookmark:
    """How far the report of an ads account was read.

    Attributes:
        timeframe: The setting `timeframe_months` of the first sync.
        start: The first day of the timeframe.
        first: The first of the days that are complete.
        end: The day after the last one of them.
        forward: The days after them that are being read, with the rollback window.
        back: The days before them that are being read.
    """

    timeframe: str
    start: date
    first: date
    end: date
    forward: Span | None = None
    back: Span | None = None

    @classmethod
    def begun(cls, timeframe: str, start: date, today: date) -> ReportBookmark:
        """Before anything was read."""
        return cls(timeframe, start, today, today)

    @classmethod
    def from_state(cls, value: Mapping[str, Any]) -> ReportBookmark:
        """The bookmark in a state.

        Raises:
            ValueError: It was not written by `as_state`.
        """
        try:
            start, first, end = (
                date.fromisoformat(value[name]) for name in ("start", "from", "to")
            )
            forward = _span(value["forward"], is_back=False)
            back = _span(value["back"], is_back=True)
            timeframe = str(value["timeframe"])
        except (KeyError, TypeError) as error:
            raise ValueError(error) from None
        if not start <= first <= end:
            msg = "its days are in no order"
            raise ValueError(msg)
        return cls(timeframe, start, first, end, forward, back)

    def as_state(self) -> dict[str, Any]:
        """The bookmark in the state."""
        return {
            "timeframe": self.timeframe,
            "start": self.start.isoformat(),
            "from": self.first.isoformat(),
            "to": self.end.isoformat(),
            "forward": self.forward.as_list() if self.forward else [],
            "back": self.back.as_list() if self.back else [],
        }

    def next_span(self, today: date, rollback_days: int) -> Span | None:
        """What to read next; None if everything was read.

        Args:
            today: The day that has not ended yet in the account's time zone.
            rollback_days: How many days before the last sync are read again.
        """
        if self.forward:
            return self.forward
        if self.end < today:
            floor = self.end - timedelta(days=rollback_days)
            return Span(max(self.first, floor), today)
        if self.back or self.first <= self.start:
            return self.back
        newest = self.end - timedelta(days=FIRST_DAYS)
        floor = newest if newest < self.first else self.first - timedelta(days=MAX_DAYS)
        return Span(max(self.start, floor), self.first, is_back=True)

    def spans(self, today: date, rollback_days: int) -> Iterator[Span]:
        """All that remains to be read, in order; the arguments are those of `next_span`."""
        bookmark = self
        while span := bookmark.next_span(today, rollback_days):
            yield span
            bookmark = bookmark.after(span)

    def at(self, span: Span) -> ReportBookmark:
        """The bookmark while a span is being read."""
        return replace(self, back=span) if span.is_back else replace(self, forward=span)

    def after(self, span: Span) -> ReportBookmark:
        """The bookmark once a span was read."""
        if span.is_back:
            return replace(self, first=span.first, back=None)
        return replace(self, end=span.end, forward=None)


def _span(value: Any, *, is_back: bool) -> Span | None:
    if not isinstance(value, list):
        raise TypeError(value)
    if not value:
        return None
    first, end, *below = value
    last = id_number(below[0]) if below else None
    span = Span(date.fromisoformat(first), date.fromisoformat(end), last, is_back=is_back)
    if len(below) > 1 or (below and last is None) or span.first >= span.end:
        raise ValueError(value)
    return span
