"""The columns of the engagement streams."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.objects.fields import DATE, INTEGER, STRING, TEXT, TIME, Column, ValueType
from tap_twitter.reports.engagement.responses import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Columns = Sequence[Column]

SEEN: Final = (Status.AVAILABLE, Status.UNAVAILABLE, Status.UNSUPPORTED, Status.UNANSWERED)
TOO_OLD: Final = (
    "available; unavailable (the post is deleted or not public), unsupported (the post is too old "
    "for this metric)"
)


def _one_of(statuses: Iterable[Status]) -> ValueType:
    return ValueType({**STRING, "enum": [status.value for status in statuses]})


COMMON: Final[Columns] = (
    Column(
        "row_id",
        TEXT,
        "Identical for the same count in every run: a hash of account, grouping and what was "
        "counted.",
        is_nullable=False,
    ),
    Column(
        "account_id",
        TEXT,
        "The account whose posts these are, or for which the post was requested.",
        is_nullable=False,
    ),
    Column("group_by", TEXT, "The grouping of the count; null if X has no count."),
    Column("tweet_id", TEXT, "The post; null if posts are added up."),
    Column(
        "engagement_type",
        TEXT,
        "What was counted; null if all metrics are added up, or if X has none of the post.",
    ),
    Column("date", DATE, "The day of the engagement, in UTC; null if days are added up."),
    Column(
        "hour",
        ValueType({**INTEGER, "minimum": 0, "maximum": 23}),
        "The hour of the day, from 0 to 23, in UTC; null if hours are added up.",
    ),
    Column(
        "status",
        _one_of(SEEN),
        f"{TOO_OLD}, or unanswered (X said nothing about the post).",
        is_nullable=False,
    ),
    Column("count", ValueType({**INTEGER, "minimum": 0}), "How often; null if X has no count."),
    Column("start", TIME, "The start of the period that was counted."),
    Column(
        "end",
        TIME,
        "The end of the period that was counted (exclusive); for a day that was not over, the "
        "time up to which X had counted.",
    ),
)


def _changed(columns: Columns, **changes: Mapping[str, Any]) -> Columns:
    """Columns, some of them with other attributes."""
    return [replace(each, **changes.get(each.name, {})) for each in columns]


HISTORICAL_COLUMNS: Final = _changed(
    COMMON,
    row_id={
        "description": "Identical for the same count in every run: a hash of account, grouping and "
        "what was counted; if rows have no date, of the days of the report as well."
    },
    status={
        "type": _one_of(Status),
        "description": f"{TOO_OLD}, unanswered (X said nothing about the post), or returned (the "
        "post was unavailable, and other rows have its counts again).",
    },
)
SNAPSHOT_KEYS: Final = ("row_id", "read_at")
SNAPSHOT_COLUMNS: Final[Columns] = (
    *COMMON,
    Column("read_at", TIME, "When X was asked.", is_nullable=False),
)
TOTALS_COLUMNS: Final = _changed(
    SNAPSHOT_COLUMNS,
    **{
        name: {"description": "Always null: totals cover all time."}
        for name in ("date", "hour", "start", "end")
    },
)
