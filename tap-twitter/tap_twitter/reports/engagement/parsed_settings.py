"""The parsed settings of the group `engagement`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from tap_twitter.reports.engagement.grouping import groupings
from tap_twitter.reports.engagement.metrics import metrics_in
from tap_twitter.reports.engagement.report_days import ReportDays, report_days
from tap_twitter.reports.engagement.requests import Wanted
from tap_twitter.reports.engagement.settings import TweetSelection
from tap_twitter.reports.engagement.tweet_references import tweet_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class EngagementSettings:
    """The settings, parsed and checked.

    Attributes:
        wanted: The metrics, and how they are grouped.
        tweets: Ids of the posts; None for an account's recent ones.
        number_of_tweets: The number of recent posts.
    """

    wanted: Wanted
    tweets: tuple[str, ...] | None
    number_of_tweets: int

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> EngagementSettings:
        """Read the settings that all engagement streams share.

        Raises:
            SettingError: They contradict X's rules or each other.
        """
        metrics = metrics_in(settings.get("engagement_metrics"))
        specific = TweetSelection(settings["tweet_selection"]) is TweetSelection.SPECIFIC
        return cls(
            wanted=Wanted(metrics, groupings(settings["group_by"])),
            tweets=tweet_ids(settings.get("tweets")) if specific else None,
            number_of_tweets=settings["number_of_tweets"],
        )


@dataclass(frozen=True, slots=True)
class HistoricalSettings:
    """The settings of `historical_engagement`, parsed and checked.

    Attributes:
        options: Those that all engagement streams share.
        days: The days of the report.
        lookback_days: The number of finished days to read again.
    """

    options: EngagementSettings
    days: ReportDays
    lookback_days: int

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], now: datetime) -> HistoricalSettings:
        """Read the settings.

        Args:
            settings: Those of the group.
            now: In UTC.

        Raises:
            SettingError: They contradict X's rules or each other.
        """
        options = EngagementSettings.from_settings(settings)
        return cls(options, report_days(settings, now), settings["lookback_days"])

    @property
    def goes_on(self) -> bool:
        """Whether a run may resume where the last one ended.

        Days and hours that were read stay valid only if all have separate rows, the report starts
        on the same day in every run, and sums over posts are of the same posts.
        """
        is_dated = all(each.is_dated for each in self.options.wanted.groupings)
        of_other_posts = self.adds_up_posts and self.options.tweets is None
        return self.days.keeps_start and is_dated and not of_other_posts

    @property
    def adds_up_posts(self) -> bool:
        """Whether some counts are sums over posts, which only hold for exactly those posts."""
        return not all(each.by_tweet for each in self.options.wanted.groupings)

    def posts(self, tweets: Iterable[str]) -> str | None:
        """What identifies sums over these posts; None if no count is such a sum."""
        return _digest(sorted(tweets)) if self.adds_up_posts else None

    @property
    def window(self) -> str | None:
        """What identifies rows of these days, if not all rows have dates."""
        all_dated = all(each.is_dated for each in self.options.wanted.groupings)
        return None if all_dated else self.days.label

    @property
    def subject(self) -> str:
        """What a bookmark is about: if any of it changes, reading starts over."""
        wanted = self.options.wanted
        parts = [
            sorted(wanted.metrics),
            sorted(each.name for each in wanted.groupings),
            self.options.tweets and sorted(self.options.tweets),
            self.days.first.isoformat() if self.days.keeps_start else self.days.label,
        ]
        return _digest(parts)


def _digest(value: Any) -> str:
    return sha256(json.dumps(value).encode()).hexdigest()[:16]
