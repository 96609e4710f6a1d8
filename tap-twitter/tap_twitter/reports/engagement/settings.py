"""The settings of the group `engagement`, named as the fields of Domo's Twitter Engagement."""

from __future__ import annotations

import enum
from typing import Any, Final

from singer_sdk import typing as th

from tap_twitter.dates import DateType, DaySetting
from tap_twitter.reports.engagement.grouping import WORDS
from tap_twitter.reports.engagement.metrics import METRICS
from tap_twitter.reports.engagement.report_days import DATE, END, RANGE, REPORT_DATE, START
from tap_twitter.reports.engagement.tweet_references import MAX_TWEETS

DATE_TEXT: Final[dict[str, Any]] = {
    "type": ["string", "null"],
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)",
    "errorMessage": "must be a date in the form 2026-07-01",
}
DAYS: Final[dict[str, Any]] = {"type": ["integer", "null"], "minimum": 0, "maximum": 36_500}


class TweetSelection(enum.StrEnum):
    """The values of the setting `tweet_selection`."""

    RECENT = "recent"
    SPECIFIC = "specific"


def _day(
    setting: DaySetting, title: str, what: str, days_back: int
) -> tuple[th.Property[Any], ...]:
    """The three settings of a day."""
    return (
        th.Property(
            setting.type,
            th.StringType,
            allowed_values=[each.value for each in DateType],
            title=f"{title}: type",
            description=f"How {what} is given: `specific` by `{setting.specific}`, `relative` by "
            f"`{setting.days_back}`. Unset: `specific` if `{setting.specific}` is set.",
        ),
        th.Property(
            setting.specific,
            th.CustomType(DATE_TEXT),
            title=f"{title}: specific date",
            description=f"{what.capitalize()} as a date in UTC, such as 2026-07-01.",
        ),
        th.Property(
            setting.days_back,
            th.CustomType(DAYS),
            default=days_back,
            title=f"{title}: days back",
            description=f"{what.capitalize()} as a number of days before today in UTC; 0 is today.",
        ),
    )


ENGAGEMENT: Final = th.ObjectType(
    th.Property(
        "tweet_selection",
        th.StringType,
        default=TweetSelection.RECENT.value,
        allowed_values=[each.value for each in TweetSelection],
        title="Tweet selection",
        description="The posts to report: the `recent` ones of each account, `number_of_tweets` of "
        "them, or the `specific` ones in `tweets`.",
    ),
    th.Property(
        "number_of_tweets",
        th.CustomType({"type": ["integer", "null"], "minimum": 1, "maximum": MAX_TWEETS}),
        default=20,
        title="Number of tweets",
        description="The number of recent posts per account, without reposts. X charges for "
        "listing them; each post is bought once per run.",
    ),
    th.Property(
        "tweets",
        th.CustomType(
            {"type": ["array", "string", "null"], "items": {"type": ["string", "integer"]}}
        ),
        title="Tweets",
        description=f"The specific posts, up to {MAX_TWEETS}: ids or URLs such as "
        "https://x.com/user/status/20, as a list or as text separated by commas.",
    ),
    th.Property(
        "engagement_metrics",
        th.CustomType(
            {
                "type": ["array", "string", "null"],
                "items": {"type": "string"},
            }
        ),
        title="Engagement metrics",
        description=f"The metrics to count: any of {', '.join(METRICS)}; a list, or text separated "
        "by commas. Unset: all. `engagement_totals` has its own metrics and always reads all of "
        "them.",
    ),
    th.Property(
        "group_by",
        th.CustomType(
            {
                "type": ["array", "string", "null"],
                "items": {"type": ["string", "array"], "items": {"type": "string"}},
            }
        ),
        default=["tweet", "engagement_type", "date"],
        title="Group by",
        description=f"One or more of {', '.join(WORDS)}, in any order. There is one row per "
        "combination of their values; the counts of everything else are added up. Rows by hour "
        "also have their date. Text separated by commas is one grouping. A list of lists is "
        "several groupings; X returns three per request. `engagement_totals` is always grouped by "
        "tweet and engagement_type.",
    ),
    th.Property(
        "duration",
        th.StringType,
        allowed_values=[DATE, RANGE],
        title="Duration",
        description="The days of `historical_engagement`, in UTC: one `date`, set by "
        "`report_date`, or a `range` with a start and an end. Unset: `date` if `report_date` or "
        "`specific_date` is set and nothing of a range; else `range`.",
    ),
    *_day(REPORT_DATE, "Report date", "the day of the report", 1),
    *_day(START, "Start date", "the first day of the range", 28),
    *_day(END, "End date", "the last day of the range (inclusive)", 1),
    th.Property(
        "lookback_days",
        th.CustomType(DAYS),
        default=2,
        title="Lookback (days)",
        description="The number of days after which X's counts are final. A range with a specific "
        "start reads a day again until this many days after its end.",
    ),
    additional_properties=False,
)
