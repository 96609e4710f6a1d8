"""The counts of posts that X gives for a search, hour by hour."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.vocabulary import use_tweet_words
from tap_twitter.dates import stamp
from tap_twitter.objects.fields import COUNT, FLAG, TIME, Column, Field, objects

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

COUNT_FIELDS: Final = (
    Field("start", TIME, "The beginning of the hour.", is_nullable=False),
    Field(
        "end",
        TIME,
        "The end of the hour, which is not part of it; of the last row, the time up "
        "to which X has counted.",
    ),
    Field("tweet_count", COUNT, "The number of posts that the query matches."),
)
COUNT_COLUMNS: Final[Sequence[Column]] = (
    *COUNT_FIELDS,
    Column("is_complete", FLAG, "Whether the hour is over. If not, the next run replaces the row."),
    Column("read_at", TIME, "The time of the request."),
)
WHOLE_HOUR: Final = re.compile(r".*T[0-9]{2}:00:00(\.0+)?Z", re.ASCII)


def count_rows(response: dict[str, Any], read_at: datetime) -> list[dict[str, Any]]:
    """A row for each hour in X's JSON object, in either vocabulary; the object is changed.

    The first hour and the last one may be parts. A part of the first one is skipped, as it would
    replace the whole that an earlier run has brought.
    """
    rows = []
    for each in objects(response.get("data")):
        use_tweet_words(each)
        row = {field.name: field.value(each) for field in COUNT_FIELDS}
        if WHOLE_HOUR.fullmatch(row["start"] or ""):
            is_complete = bool(WHOLE_HOUR.fullmatch(row["end"] or ""))
            rows.append({**row, "is_complete": is_complete, "read_at": stamp(read_at)})
    return rows


def total_count(response: dict[str, Any]) -> int:
    """The number of posts in all hours, parts of hours included; the object is changed."""
    total = 0
    for each in objects(response.get("data")):
        use_tweet_words(each)
        total += COUNT.read(each.get("tweet_count")) or 0
    return total
