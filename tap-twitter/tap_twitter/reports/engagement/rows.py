"""Rows: one per count, and one per post or metric for which X has no counts."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

from tap_twitter.dates import ONE_DAY, Period, midnight, stamp
from tap_twitter.reports.engagement.responses import Key, Notice, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tap_twitter.reports.engagement.grouping import Grouping
    from tap_twitter.reports.engagement.responses import EngagementResponse

ROW_IDS: Final = UUID("c28391b3-6cc5-4630-9588-57714e16f839")
"""The namespace of the rows' ids, which are UUIDs of version 5."""


@dataclass
class Rows:
    """Makes rows from responses, and adds up what X splits over several requests.

    Args:
        account_id: The account whose posts are counted.
        window: What distinguishes counts without a date from those of other times; None if another
            column does.
        whole: The period of the report; None if each response has its own.
        extra: Columns of all rows.
    """

    account_id: str
    window: str | None = None
    whole: Period | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._sums: dict[Grouping, dict[Key, int]] = {}
        self._periods: dict[Grouping, Period | None] = {}
        self._noticed: set[Notice] = set()
        self._unanswered: dict[Notice, Period | None] = {}
        self._told: set[str | None] = set()

    @property
    def is_settled(self) -> bool:
        """Whether every count taken so far has become a row."""
        return not self._sums

    def take(self, answer: EngagementResponse) -> Iterator[dict[str, Any]]:
        """Yield the rows that a response completes; other counts are kept until complete."""
        for notice in answer.notices:
            if notice.status is Status.UNANSWERED:
                self._unanswered.setdefault(notice, answer.period)
            elif notice not in self._noticed:
                self._noticed.add(notice)
                yield self._notice_row(notice, answer.period)
        for grouping, leaves in answer.counts.items():
            self._told.update(key.tweet_id for key, _ in leaves)
            if grouping.by_tweet and (grouping.is_dated or self.window is None):
                for key, count in leaves:
                    yield self._row(grouping, key, count, answer.period)
            else:
                sums = self._sums.setdefault(grouping, defaultdict(int))
                for key, count in leaves:
                    sums[key] += count
                self._periods[grouping] = _joined(self._periods.get(grouping), answer.period)

    def close_window(self) -> Iterator[dict[str, Any]]:
        """Yield the sums by day and hour, after all posts were requested for their days."""
        yield from self._close([grouping for grouping in self._sums if grouping.is_dated])

    def close(self) -> Iterator[dict[str, Any]]:
        """Yield the rest after the last request: sums, and posts that X said nothing about."""
        yield from self._close(list(self._sums))
        for notice, period in self._unanswered.items():
            if notice.tweet_id not in self._told:
                yield self._notice_row(notice, period)

    def returned(self, tweet: str) -> dict[str, Any]:
        """The row of a post that X counts again: it replaces the one without a count."""
        return self._notice_row(Notice(tweet, None, Status.RETURNED), None)

    def _close(self, complete: list[Grouping]) -> Iterator[dict[str, Any]]:
        for grouping in complete:
            period = self._periods.pop(grouping)
            for key, count in self._sums.pop(grouping).items():
                yield self._row(grouping, key, count, period)

    def _row(
        self, grouping: Grouping, key: Key, count: int, period: Period | None
    ) -> dict[str, Any]:
        window = None if grouping.is_dated else self.window
        return {
            "row_id": self._row_id(grouping.name, window, *key),
            "account_id": self.account_id,
            "group_by": grouping.name,
            "tweet_id": key.tweet_id,
            "engagement_type": key.engagement_type,
            "date": key.date,
            "hour": None if key.hour is None else int(key.hour),
            "status": Status.AVAILABLE.value,
            "count": count,
            **_span(key, period),
            **self.extra,
        }

    def _notice_row(self, notice: Notice, period: Period | None) -> dict[str, Any]:
        return {
            "row_id": self._row_id("", self.window, notice.tweet_id, notice.engagement_type),
            "account_id": self.account_id,
            "group_by": None,
            "tweet_id": notice.tweet_id,
            "engagement_type": notice.engagement_type,
            "date": None,
            "hour": None,
            "status": notice.status.value,
            "count": None,
            **_span(Key(), self.whole or period),
            **self.extra,
        }

    def _row_id(self, *parts: str | None) -> str:
        """Identical for the same count in every run, and different for any other count."""
        return str(uuid5(ROW_IDS, json.dumps([self.account_id, *parts])))


def _span(key: Key, period: Period | None) -> dict[str, str | None]:
    """When the counted engagement happened: in a day or hour, as far as that was counted."""
    if key.date is not None:
        start = midnight(date.fromisoformat(key.date)) + timedelta(hours=int(key.hour or 0))
        own = Period(start, start + (ONE_DAY if key.hour is None else timedelta(hours=1)))
        period = Period(max(own.start, period.start), min(own.end, period.end)) if period else own
    if period is None:
        return {"start": None, "end": None}
    return {"start": stamp(period.start), "end": stamp(period.end)}


def _joined(one: Period | None, other: Period | None) -> Period | None:
    """From the start of the first to the end of the last."""
    if one is None or other is None:
        return one or other
    return Period(min(one.start, other.start), max(one.end, other.end))
