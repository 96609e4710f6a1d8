"""The engagement types that each endpoint of X's Engagement API counts.

Source: https://developer.x.com/en/docs/x-api/enterprise/engagement-api/api-reference/post-insights-engagement.
"""

from __future__ import annotations

from typing import Final

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
"""What X counts by day and hour, for the owners of posts."""

OWNER_TOTALS: Final = ("impressions", "engagements")
"""Totals that X gives to the owner alone, and of posts up to 90 days old."""

PUBLIC_TOTALS: Final = ("favorites", "retweets", "quote_tweets", "replies", "video_views")
"""Totals that X gives of every public post."""
