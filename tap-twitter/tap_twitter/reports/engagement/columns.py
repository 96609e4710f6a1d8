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
        "The same for the same count in every run: a hash of account, grouping and what the count "
        "is of.",
        is_nullable=False,
    ),
    Column(
        "account_id",
        TEXT,
        "The account whose posts these are, or that the post was asked for.",
        is_nullable=False,
    ),
    Column("group_by", TEXT, "What the count is told apart by; null where X has no count."),
    Column("tweet_id", TEXT, "The post; null where posts are added up."),
    Column(
        "engagement_type",
        TEXT,
        "What was counted; null where all metrics are added up, and where X has none of the post.",
    ),
    Column("date", DATE, "The day of the engagement, in UTC; null where days are added up."),
    Column(
        "hour",
        ValueType({**INTEGER, "minimum": 0, "maximum": 23}),
        "The hour of the day, from 0 to 23, in UTC; null where hours are added up.",
    ),
    Column(
        "status",
        _one_of(SEEN),
        f"{TOO_OLD}, or unanswered (X said nothing of the post).",
        is_nullable=False,
    ),
    Column("count", ValueType({**INTEGER, "minimum": 0}), "How often; null where X has no count."),
    Column("start", TIME, "From when on engagement was counted."),
    Column(
        "end",
        TIME,
        "Until when, that moment not included; for a day that was not over, until when X had "
        "counted it.",
    ),
)


def _changed(columns: Columns, **changes: Mapping[str, Any]) -> Columns:
    """Columns, some of them with other attributes."""
    return [replace(each, **changes.get(each.name, {})) for each in columns]


HISTORICAL_COLUMNS: Final = _changed(
    COMMON,
    row_id={
        "description": "The same for the same count in every run: a hash of account, grouping and "
        "what the count is of; where rows have no date, of the days of the report as well."
    },
    status={
        "type": _one_of(Status),
        "description": f"{TOO_OLD}, unanswered (X said nothing of the post), or returned (the post "
        "was unavailable, and other rows have its counts again).",
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
        name: {"description": "Always null: totals are of all time."}
        for name in ("date", "hour", "start", "end")
    },
)
