"""The stream of daily numbers by X API v2, for apps to which X gives no organic stats.

Source: https://docs.x.com/x-api/posts/get-post-analytics.
"""

from __future__ import annotations

from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from tap_twitter.api.endpoints.ads import ADS_TWEETS
from tap_twitter.api.endpoints.v2 import TWEET_ANALYTICS
from tap_twitter.api.vocabulary import Vocabulary
from tap_twitter.dates import midnight as utc_midnight
from tap_twitter.dates import moment_of, stamp
from tap_twitter.objects.fields import DATE, Column, objects
from tap_twitter.reports.organic.account_days import AccountDays
from tap_twitter.reports.organic.columns import ACCOUNT_ID
from tap_twitter.reports.organic.daily_report import DailyReportStream
from tap_twitter.reports.organic.payload import LONG, TEXT
from tap_twitter.reports.organic.report_bookmark import MAX_DAYS
from tap_twitter.reports.organic.span_read import Way
from tap_twitter.values import id_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from tap_twitter.api.requester import Requester
    from tap_twitter.auth.account import Account
    from tap_twitter.reports.organic.span_read import SpanRead
    from tap_twitter.reports.organic.stats import Answer, Numbers, StatsRequest

UTC_DAYS: Final = AccountDays(ZoneInfo("UTC"))


def _metric(name: str, description: str) -> Column:
    return Column(name, LONG, description, is_nullable=False)


METRICS: Final[Sequence[Column]] = (
    _metric("app_install_attempts", "Clicks that led to the page of an app in its store."),
    _metric("app_opens", "Clicks that opened an app."),
    _metric("bookmarks", "Bookmarks."),
    _metric("detail_expands", "Clicks that opened the post."),
    _metric("email_tweet", "How often the post was sent by email."),
    _metric("engagements", "All engagements."),
    _metric("follows", "Follows from the post."),
    _metric("hashtag_clicks", "Clicks on hashtags."),
    _metric("impressions", "How often the post was seen."),
    _metric("likes", "Likes."),
    _metric("media_views", "Views of photos, videos and GIFs."),
    _metric("permalink_clicks", "Clicks on the address of the post."),
    _metric("quote_tweets", "Quotes."),
    _metric("replies", "Replies."),
    _metric("retweets", "Reposts."),
    _metric("shares", "How often the post was shared."),
    _metric("unfollows", "Unfollows from the post."),
    _metric("unlikes", "Likes that were taken back."),
    _metric("url_clicks", "Clicks on links."),
    _metric("user_profile_clicks", "Clicks on the profile."),
)

ANALYTICS: Final[Sequence[Column]] = (
    ACCOUNT_ID,
    Column("date", DATE, "The day in UTC.", is_nullable=False),
    Column("id", TEXT, "The post.", is_nullable=False),
    *METRICS,
)


class TweetAnalyticsStream(DailyReportStream):
    """A row for each post and day in UTC of an ads account."""

    name = "tweet_analytics"
    primary_keys = ("id", "date")
    COLUMNS = ANALYTICS
    ENDPOINTS = (ADS_TWEETS, TWEET_ANALYTICS)

    def days_of(self, account: Account) -> AccountDays:  # noqa: ARG002
        """Days in UTC, like X's own."""
        return UTC_DAYS

    def ways(self, read: SpanRead, *, is_resumed: bool) -> Sequence[Way]:  # noqa: ARG002
        """By one endpoint. X does not document how many days it takes: those of a job."""
        ask = partial(_answers, self.requester, read.account)
        return [Way(ask, TWEET_ANALYTICS.per_request, MAX_DAYS)]

    def row(
        self, account: Account, post_id: int, midnight: datetime, numbers: Mapping[str, int]
    ) -> dict[str, Any]:
        """The row of a post and a day."""
        date = midnight.date().isoformat()
        return {"account_id": account.name, "date": date, "id": str(post_id), **numbers}


def _answers(
    requester: Requester, account: Account, requests: Iterable[StatsRequest]
) -> Iterator[Answer]:
    """The answers to requests, until the budget is used up.

    Raises:
        TapError: X refuses a request.
    """
    for request in requests:
        count = requester.affordable(TWEET_ANALYTICS, len(request.ids), account)
        if count < len(request.ids):
            request = request.cut(count)  # noqa: PLW2901
        if request.ids:
            params, read = partial(_params, request), partial(_numbers, request)
            yield request, requester.fetch_worded(TWEET_ANALYTICS, params, read, account)
        if request.is_cut:
            return


def _params(request: StatsRequest, words: Vocabulary) -> dict[str, str]:
    """What X is asked with. The buckets are a field to select since X's spec 2.167 alone."""
    buckets = ["timestamped_metrics"] if words is Vocabulary.POST else []
    return {
        "ids": ",".join(map(str, request.ids)),
        "start_time": stamp(utc_midnight(request.first)),
        "end_time": stamp(utc_midnight(request.end)),
        "granularity": "daily",
        "analytics.fields": ",".join(["id", *buckets, *(each.name for each in METRICS)]),
    }


def _numbers(request: StatsRequest, body: Mapping[str, Any]) -> dict[int, Numbers]:
    """The numbers in an answer, by post; days without any have zeros."""
    found: dict[int, Numbers] = {}
    for entry in objects(body.get("data")):
        post_id = id_number(entry.get("id"))
        if post_id is None:
            continue
        days = {
            moment.astimezone(UTC).date(): each.get("metrics")
            for each in objects(entry.get("timestamped_metrics"))
            if (moment := moment_of(each.get("timestamp"))) is not None
        }
        metrics = [each if isinstance(each := days.get(day), dict) else {} for day in request.days]
        found[post_id] = {
            column.name: [LONG.read(each.get(column.name)) or 0 for each in metrics]
            for column in METRICS
        }
    return found
