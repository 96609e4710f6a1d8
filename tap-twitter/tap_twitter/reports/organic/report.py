"""The stream of Fivetran's report: what organic posts have earned by X's Ads API."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.endpoints.ads import ADS_TWEETS, ORGANIC_STATS, STATS
from tap_twitter.dates import stamp
from tap_twitter.reports.organic.account_days import AccountDays
from tap_twitter.reports.organic.daily_report import DailyReportStream
from tap_twitter.reports.organic.report_bookmark import MAX_DAYS
from tap_twitter.reports.organic.report_columns import REPORT
from tap_twitter.reports.organic.span_read import Way
from tap_twitter.reports.organic.stats import answers_at_once
from tap_twitter.reports.organic.stats_jobs import StatsJobs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tap_twitter.auth.account import Account
    from tap_twitter.reports.organic.span_read import SpanRead

SYNC_DAYS: Final = 7
"""The longest time that X answers at once for."""


class OrganicTweetReportStream(DailyReportStream):
    """A row for each post and day of an ads account."""

    name = "organic_tweet_report"
    primary_keys = ("account_id", "date", "organic_tweet_id", "placement")
    COLUMNS = REPORT
    ENDPOINTS = (ADS_TWEETS, STATS)

    def days_of(self, account: Account) -> AccountDays:
        """The days of the account's time zone."""
        return AccountDays.of(self.ads_account(account).timezone)

    def ways(self, read: SpanRead, *, is_resumed: bool) -> Sequence[Way]:
        """At once, and by jobs.

        Days that went by since the last run are read at once, unless that takes longer than one
        window of X's limit. What goes further back is read by jobs, as X wants it
        (https://docs.x.com/x-ads-api/analytics).
        """
        requester, clock = self.requester, self.run.clock
        jobs = StatsJobs(requester, read.account, read.days, clock, is_resumed=is_resumed)
        by_jobs = Way(jobs.answers, STATS.per_request, MAX_DAYS)
        ask_at_once = partial(answers_at_once, requester, read.account)
        at_once = Way(ask_at_once, STATS.per_request, SYNC_DAYS)
        assert STATS.user_limit is not None
        is_short = not read.span.is_back and len(list(read.requests(at_once))) <= STATS.user_limit
        return (at_once, by_jobs) if self.is_test or is_short else (by_jobs, at_once)

    def row(
        self, account: Account, post_id: int, midnight: datetime, numbers: Mapping[str, int]
    ) -> dict[str, Any]:
        """The row of a post and a day."""
        return {
            "account_id": account.name,
            "date": stamp(midnight),
            "organic_tweet_id": str(post_id),
            "placement": ORGANIC_STATS["placement"],
            **numbers,
        }
