"""What organic posts earn on a day of an ads account: the same whenever and however it is asked.

A day's numbers grow until some hours after its end, and never shrink. Those of its hours add up to
them, and so do totals.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sandbox.ads.zones import DAY, HOUR
from sandbox.pace import fraction

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sandbox.ads.zones import Calendar

ENGAGEMENT: Final = (
    "impressions",
    "engagements",
    "likes",
    "clicks",
    "url_clicks",
    "retweets",
    "replies",
    "follows",
    "unfollows",
    "app_clicks",
    "card_engagements",
    "carousel_swipes",
    "poll_card_vote",
    "qualified_impressions",
    "tweets_send",
)
VIDEO: Final = (
    "video_total_views",
    "video_views_25",
    "video_views_50",
    "video_views_75",
    "video_views_100",
    "video_cta_clicks",
    "video_content_starts",
    "video_3s100pct_views",
    "video_6s_views",
    "video_15s_views",
)
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {"ENGAGEMENT": ENGAGEMENT, "VIDEO": VIDEO}
_FIRST_DAY_IMPRESSIONS: Final = 900
_SHARES: Final = {
    "likes": 0.06,
    "retweets": 0.02,
    "replies": 0.015,
    "follows": 0.006,
    "unfollows": 0.002,
    "tweets_send": 0.001,
}
_WITH_LINK: Final = {"url_clicks": 0.04}
_WITH_CARD: Final = {"card_engagements": 0.05, "carousel_swipes": 0.02, "app_clicks": 0.01}
_WITH_POLL: Final = {"poll_card_vote": 0.08}
_OF_STARTS: Final = {
    "video_total_views": 0.9,
    "video_views_25": 0.8,
    "video_views_50": 0.6,
    "video_views_75": 0.45,
    "video_views_100": 0.3,
    "video_3s100pct_views": 0.7,
    "video_6s_views": 0.5,
    "video_15s_views": 0.25,
    "video_cta_clicks": 0.02,
}


@dataclass(frozen=True)
class Subject:
    """A post, as far as its numbers depend on it.

    Attributes:
        id: Its id.
        published: When it was published.
        has_link: Whether it has a link.
        has_card: Whether it has a card.
        has_poll: Whether it has a poll.
        has_video: Whether it has a video.
    """

    id: str
    published: datetime
    has_link: bool = False
    has_card: bool = False
    has_poll: bool = False
    has_video: bool = False


class Tally:
    """Counts engagement with posts.

    Args:
        seed: The world's.
        calendar: The days of the ads account.
        now: When the numbers are asked for.
        final_after_hours: How long after its end a day's numbers grow.
    """

    def __init__(
        self, seed: int, calendar: Calendar, now: datetime, final_after_hours: float
    ) -> None:
        self._seed = seed
        self._calendar = calendar
        self._now = now
        self._late = timedelta(hours=final_after_hours)

    def daily(self, subject: Subject, day: date) -> dict[str, int]:
        """The numbers of a day, by metric; those that are zero are left out."""
        start, end = self._bounds(day)
        share = (self._now - start) / (end - start + self._late)
        if share <= 0:
            return {}
        final = self._final(subject, day)
        counted = {name: int(count * min(share, 1)) for name, count in final.items()}
        return {name: count for name, count in counted.items() if count}

    def hourly(self, subject: Subject, hour: datetime) -> dict[str, int]:
        """The numbers of the hour of a day that a moment lies in."""
        day = self._calendar.day(hour)
        start, end = self._bounds(day)
        index = (hour - start) // HOUR
        begun = min(-((start - end) // HOUR), -((start - self._now) // HOUR))
        if index >= begun:
            return {}
        parts = {
            name: count * (index + 1) // begun - count * index // begun
            for name, count in self.daily(subject, day).items()
        }
        return {name: count for name, count in parts.items() if count}

    def _bounds(self, day: date) -> tuple[datetime, datetime]:
        return self._calendar.midnight(day), self._calendar.midnight(day + DAY)

    def _final(self, subject: Subject, day: date) -> dict[str, int]:
        """What a day has once no more is added."""
        age = (day - self._calendar.day(subject.published)).days
        if age < 0:
            return {}
        key = f"{self._seed}:ads:{subject.id}:{day}".encode()
        draw = hashlib.blake2b(key, digest_size=64).digest()
        scale = _FIRST_DAY_IMPRESSIONS // (1 + age * age) + 1
        impressions = int(scale * (0.3 + fraction(draw[:4])))
        shares = _SHARES | (_WITH_LINK if subject.has_link else {})
        shares |= (_WITH_CARD if subject.has_card else {}) | (
            _WITH_POLL if subject.has_poll else {}
        )
        found = {
            name: int(impressions * share * 2 * fraction(draw[place : place + 2]))
            for place, (name, share) in zip(range(4, 64, 2), shares.items(), strict=False)
        }
        found["clicks"] = found.get("url_clicks", 0) + impressions // 40
        parts = set(found) - {"unfollows", "url_clicks"}
        found["engagements"] = sum(found[name] for name in parts)
        found["impressions"] = impressions
        found["qualified_impressions"] = impressions * 4 // 5
        return found | (_videos(impressions, draw) if subject.has_video else {})


def _videos(impressions: int, draw: bytes) -> dict[str, int]:
    starts = int(impressions * (0.5 + fraction(draw[60:64]) / 2))
    found = {name: int(starts * share) for name, share in _OF_STARTS.items()}
    return found | {"video_content_starts": starts}
