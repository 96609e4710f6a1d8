"""The reports to choose from: their streams, and what each needs to be asked for."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tap_twitter.api.endpoints import ads, engagement, v2
from tap_twitter.reports.organic.settings import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.auth.credentials import AuthKind


class Subject(enum.Enum):
    """What a report is about, which the user has to name."""

    USERS = enum.auto()
    ACCOUNTS = enum.auto()
    QUERIES = enum.auto()
    LISTS = enum.auto()
    APP = enum.auto()
    """The X app itself, or what it can reach: nothing is to be named."""


@dataclass(frozen=True, slots=True)
class Report:
    """Streams that are loaded together.

    Attributes:
        job: The name of Meltano's job; its plugin is `twitter-<job>`.
        title: What it loads.
        subject: What it is about.
        endpoints: The endpoints that it requests, which say whose credentials it needs.
        streams: Its streams.
    """

    job: str
    title: str
    subject: Subject
    endpoints: tuple[Endpoint, ...]
    streams: tuple[str, ...]

    @property
    def kinds(self) -> frozenset[AuthKind]:
        """The kinds of credentials of which it needs one."""
        return frozenset.intersection(*(each.kinds for each in self.endpoints))


REPORTS: Final = (
    Report(
        "lookup",
        "the users behind a list of ids or handles: one row for each",
        Subject.USERS,
        (v2.USERS, v2.USERS_BY),
        ("users_lookup",),
    ),
    Report(
        "insights",
        "accounts and their posts with metrics, your own and others",
        Subject.ACCOUNTS,
        (v2.USERS, v2.TIMELINE, v2.TWEETS),
        ("account_insights", "tweet_insights"),
    ),
    Report(
        "messages",
        "direct messages of your own accounts, received and sent",
        Subject.ACCOUNTS,
        (v2.DM_EVENTS,),
        ("direct_messages", "direct_messages_sent"),
    ),
    Report(
        "mentions",
        "posts that mention accounts",
        Subject.ACCOUNTS,
        (v2.MENTIONS,),
        ("mentions",),
    ),
    Report(
        "followers",
        "followers of accounts, and whom they follow, day by day",
        Subject.ACCOUNTS,
        (v2.FOLLOWERS, v2.FOLLOWING),
        ("followers", "following"),
    ),
    Report(
        "lists",
        "members of lists, day by day",
        Subject.LISTS,
        (v2.LIST_MEMBERS,),
        ("list_members",),
    ),
    Report(
        "search",
        "posts of the last seven days that a search finds",
        Subject.QUERIES,
        (v2.SEARCH,),
        ("recent_search",),
    ),
    Report(
        "counts",
        "how many posts a search finds, by hour (app-only)",
        Subject.QUERIES,
        (v2.COUNTS,),
        ("tweet_counts",),
    ),
    Report(
        "usage", "what X has counted for your app (app-only)", Subject.APP, (v2.USAGE,), ("usage",)
    ),
    Report(
        "engagement",
        "engagement of your posts by day and hour (enterprise contract)",
        Subject.ACCOUNTS,
        (engagement.HISTORICAL, engagement.LAST_28_HOURS),
        ("historical_engagement", "engagement_28hr", "engagement_totals"),
    ),
    Report(
        "organic",
        "ads accounts in the tables of Fivetran's Twitter Organic (Ads API)",
        Subject.APP,
        (ads.ADS_TWEETS,),
        TABLES,
    ),
    Report(
        "analytics",
        "posts of ads accounts by day, through X API v2",
        Subject.APP,
        (ads.ADS_TWEETS, v2.TWEET_ANALYTICS),
        ("tweet_analytics",),
    ),
)


def scopes(reports: Iterable[Report]) -> list[str]:
    """The scopes to request by OAuth 2.0: what the reports need, and access that lasts."""
    needed = {"tweet.read", "users.read", "offline.access"}
    return sorted(needed.union(*(each.scopes for report in reports for each in report.endpoints)))
