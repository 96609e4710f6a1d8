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
            description=f"{what.capitalize()} as a number of days before the present day in UTC; 0 "
            "is that day.",
        ),
    )


ENGAGEMENT: Final = th.ObjectType(
    th.Property(
        "tweet_selection",
        th.StringType,
        default=TweetSelection.RECENT.value,
        allowed_values=[each.value for each in TweetSelection],
        title="Tweet selection",
        description="Whose engagement is read: the `recent` posts of each account, as many as "
        "`number_of_tweets`, or the `specific` ones of `tweets`.",
    ),
    th.Property(
        "number_of_tweets",
        th.CustomType({"type": ["integer", "null"], "minimum": 1, "maximum": MAX_TWEETS}),
        default=20,
        title="Number of tweets",
        description="How many of an account's recent posts are read, without reposts. X charges "
        "for finding them; each is bought once in a run.",
    ),
    th.Property(
        "tweets",
        th.CustomType(
            {"type": ["array", "string", "null"], "items": {"type": ["string", "integer"]}}
        ),
        title="Tweets",
        description=f"The specific posts, at most {MAX_TWEETS}: ids or addresses such as "
        "https://x.com/user/status/20, as a list, or as a text with commas between.",
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
        description=f"What is counted: any of {', '.join(METRICS)}, as a list, or as a text with "
        "commas between. Unset: all of them. "
        "`engagement_totals` has metrics of its own and reads them all.",
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
        description=f"A list of one or more of {', '.join(WORDS)}: there is a row for each "
        "combination of their values, and what is not named is added up. Rows by hour have their "
        "date, too. Any order serves. A text with commas between is one grouping. "
        "Several groupings are a list of such lists; X answers three in one request. "
        "`engagement_totals` is grouped by tweet and engagement_type always.",
    ),
    th.Property(
        "duration",
        th.StringType,
        allowed_values=[DATE, RANGE],
        title="Duration",
        description="The days of `historical_engagement`: one `date`, as `report_date` tells it, "
        "or a `range` with a start and an end. All days are those of UTC. Unset: `date` if "
        "`report_date` or `specific_date` is set and nothing of a range, else `range`.",
    ),
    *_day(REPORT_DATE, "Report date", "the day of the report", 1),
    *_day(START, "Start date", "the first day of the range", 28),
    *_day(END, "End date", "the last day of the range (inclusive)", 1),
    th.Property(
        "lookback_days",
        th.CustomType(DAYS),
        default=2,
        title="Lookback (days)",
        description="How many days X's counts take to settle: a range from a specific start reads "
        "a day again until it was read so many days after its end.",
    ),
    additional_properties=False,
)
