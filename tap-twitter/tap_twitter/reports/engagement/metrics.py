"""The engagement types that each endpoint of X's Engagement API counts.

Source: https://developer.x.com/en/docs/x-api/enterprise/engagement-api/api-reference/post-insights-engagement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from singer_plugin.similar import did_you_mean
from tap_twitter.errors import SettingError
from tap_twitter.reports.engagement.words import words_in

if TYPE_CHECKING:
    from collections.abc import Sequence

SETTING: Final = "engagement.engagement_metrics"

METRICS: Final = (
    "impressions",
    "engagements",
    "favorites",
    "retweets",
    "replies",
    "video_views",
    "media_views",
    "media_engagements",
    "url_clicks",
    "hashtag_clicks",
    "detail_expands",
    "permalink_clicks",
    "app_install_attempts",
    "app_opens",
    "email_tweet",
    "user_follows",
    "user_profile_clicks",
)
"""Metrics that X counts by day and hour, for the owners of posts."""

OWNER_TOTALS: Final = ("impressions", "engagements")
"""Totals that X gives only to the owner, and for posts up to 90 days old."""

PUBLIC_TOTALS: Final = ("favorites", "retweets", "quote_tweets", "replies", "video_views")
"""Totals that X gives for every public post."""


def metrics_in(value: str | Sequence[str] | None) -> tuple[str, ...]:
    """Read the setting `engagement.engagement_metrics`; all metrics if it names none.

    Raises:
        SettingError: One of them is not counted by day and hour.
    """
    found = dict.fromkeys(each.lower() for each in words_in(value))
    for each in found:
        if each not in METRICS:
            msg = (
                f"Setting '{SETTING}' has '{each}', which is not a metric."
                f"{did_you_mean(each, METRICS)} Known metrics: {', '.join(METRICS)}."
            )
            raise SettingError(msg)
    return tuple(found) or METRICS
