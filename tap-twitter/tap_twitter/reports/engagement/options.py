"""What the settings of the group `engagement` ask for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from tap_twitter.reports.engagement.days import ReportDays, report_days
from tap_twitter.reports.engagement.grouping import groupings
from tap_twitter.reports.engagement.metrics import METRICS
from tap_twitter.reports.engagement.questions import Wanted
from tap_twitter.reports.engagement.settings import TweetSelection
from tap_twitter.reports.engagement.tweets import tweet_ids

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Options:
    """The settings, read and checked.

    Attributes:
        wanted: What is counted, and how it is grouped.
        tweets: Ids of the posts; None where an account's recent ones are meant.
        number_of_tweets: How many recent posts.
    """

    wanted: Wanted
    tweets: tuple[str, ...] | None
    number_of_tweets: int

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Options:
        """Read the settings that all engagement streams share.

        Raises:
            SettingError: They contradict X's rules or each other.
        """
        metrics = tuple(dict.fromkeys(settings.get("engagement_metrics") or METRICS))
        specific = TweetSelection(settings["tweet_selection"]) is TweetSelection.SPECIFIC
        return cls(
            wanted=Wanted(metrics, groupings(settings["group_by"])),
            tweets=tweet_ids(settings.get("tweets")) if specific else None,
            number_of_tweets=settings["number_of_tweets"],
        )


@dataclass(frozen=True, slots=True)
class HistoricalOptions:
    """The settings of `historical_engagement`, read and checked.

    Attributes:
        options: Those that all engagement streams share.
        days: The days of the report.
        lookback_days: How many finished days are read again.
    """

    options: Options
    days: ReportDays
    lookback_days: int

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], now: datetime) -> HistoricalOptions:
        """Read the settings.

        Args:
            settings: Those of the group.
            now: In UTC.

        Raises:
            SettingError: They contradict X's rules or each other.
        """
        options = Options.from_settings(settings)
        return cls(options, report_days(settings, now), settings["lookback_days"])

    @property
    def goes_on(self) -> bool:
        """Whether a run may go on where the last one ended.

        Days and hours that were read stay as they are only where all are told apart, the report
        begins on the same day in every run, and sums over posts are of the same ones.
        """
        of_same_posts = self.options.tweets is not None
        parts = self.options.wanted.groupings
        return self.days.keeps_start and all(
            each.is_dated and (each.by_tweet or of_same_posts) for each in parts
        )

    @property
    def window(self) -> str | None:
        """What tells the rows of these days from those of others, where not all have dates."""
        all_dated = all(each.is_dated for each in self.options.wanted.groupings)
        return None if all_dated else self.days.label

    @property
    def subject(self) -> str:
        """What a bookmark is about: where any of it changes, reading begins anew."""
        wanted = self.options.wanted
        parts = [
            sorted(wanted.metrics),
            sorted(each.name for each in wanted.groupings),
            self.options.tweets and sorted(self.options.tweets),
            self.days.first.isoformat() if self.days.keeps_start else self.days.label,
        ]
        return sha256(json.dumps(parts).encode()).hexdigest()[:16]
