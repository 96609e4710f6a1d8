"""The columns of the report.

Source: https://fivetran.com/docs/connectors/applications/twitter/connector-schema. Names have an
underscore between digits and letters, unlike X's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tap_twitter.objects.fields import Column
from tap_twitter.reports.organic.payload import INSTANT, LONG, TEXT

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Metric(Column):
    """A column with a daily number.

    Attributes:
        source: X's name for it.
    """

    source: str = ""


def _metric(name: str, description: str, source: str = "") -> Metric:
    return Metric(name, LONG, description, source=source or name, is_nullable=False)


METRICS: Final[Sequence[Metric]] = (
    _metric("app_clicks", "Clicks that opened or installed an app."),
    _metric("card_engagements", "Clicks on the card."),
    _metric("carousel_swipes", "Swipes through the slides of a carousel."),
    _metric("clicks", "Clicks on the post: links, media, the profile and others."),
    _metric("engagements", "All engagements."),
    _metric("follows", "Follows from the post."),
    _metric("impressions", "How often the post was seen."),
    _metric("likes", "Likes."),
    _metric("poll_card_vote", "Votes in the poll."),
    _metric("qualified_impressions", "Impressions that X counts as qualified."),
    _metric("replies", "Replies."),
    _metric("retweets", "Reposts."),
    _metric("tweets_send", "Posts that the post led to."),
    _metric("unfollows", "Unfollows from the post."),
    _metric("url_clicks", "Clicks on links."),
    _metric("video_15_s_views", "Views of 15 seconds.", "video_15s_views"),
    _metric(
        "video_3_s_100_pct_views", "Views of 3 seconds, fully in view.", "video_3s100pct_views"
    ),
    _metric("video_6_s_views", "Views of 6 seconds.", "video_6s_views"),
    _metric("video_content_starts", "How often the video started."),
    _metric("video_cta_clicks", "Clicks on the video's call to action."),
    _metric(
        "video_total_views",
        "Views: since 2026-08-13 fully in view for 3 seconds, or started by hand; before, half in "
        "view for 2 seconds. Numbers from before and after that day do not compare.",
    ),
    _metric("video_views_25", "Views of 25 % of the video."),
    _metric("video_views_50", "Views of half of the video."),
    _metric("video_views_75", "Views of 75 % of the video."),
    _metric("video_views_100", "Views of the whole video."),
)
"""What X counts in the groups ENGAGEMENT and VIDEO."""

REPORT: Final[Sequence[Column]] = (
    Column("account_id", TEXT, "The ads account.", is_nullable=False),
    Column(
        "date",
        INSTANT,
        "The day: its midnight in the time zone of the ads account, in UTC.",
        is_nullable=False,
    ),
    Column("organic_tweet_id", TEXT, "The post.", is_nullable=False),
    Column("placement", TEXT, "ALL_ON_TWITTER.", is_nullable=False),
    *METRICS,
)
