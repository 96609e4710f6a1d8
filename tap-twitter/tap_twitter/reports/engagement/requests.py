"""Requests within the limits of the Engagement API."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_twitter.dates import Period, stamp
from tap_twitter.reports.engagement.grouping import Grouping, packs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

DAYS_PER_REQUEST: Final = 28
"""X answers four weeks at a time."""

LONGEST: Final = timedelta(days=DAYS_PER_REQUEST)


@dataclass(frozen=True, slots=True)
class EngagementRequest:
    """One request.

    Attributes:
        tweets: Ids of posts.
        metrics: Engagement types.
        groupings: At most three.
        period: The time to count in; None if the endpoint has its own period.
    """

    tweets: tuple[str, ...]
    metrics: tuple[str, ...]
    groupings: tuple[Grouping, ...]
    period: Period | None = None

    @property
    def named_groupings(self) -> Iterator[tuple[str, Grouping]]:
        """The groupings with their names in X's response."""
        for number, grouping in enumerate(self.groupings, start=1):
            yield f"grouping_{number}", grouping

    def body(self) -> dict[str, Any]:
        """The request's JSON."""
        body: dict[str, Any] = {
            "tweet_ids": list(self.tweets),
            "engagement_types": list(self.metrics),
            "groupings": {
                name: {"group_by": [each.value for each in grouping.order]}
                for name, grouping in self.named_groupings
            },
        }
        if self.period:
            body |= {"start": stamp(self.period.start), "end": stamp(self.period.end)}
        return body

    def of(self, tweets: Collection[str]) -> EngagementRequest:
        """The same request for only those of its posts."""
        return replace(self, tweets=tuple(each for each in self.tweets if each in tweets))

    def without(self, tweets: Collection[str]) -> EngagementRequest:
        """The same request without these posts."""
        return replace(self, tweets=tuple(each for each in self.tweets if each not in tweets))


class Position(NamedTuple):
    """How far posts were read.

    Attributes:
        at: A moment: everything before it was read.
        part: In the window that starts there, the number of parts (see `grouping.packs`) that
            were read.
        below: In the next part, posts with this id and larger ones were read.
    """

    at: datetime
    part: int = 0
    below: int | None = None

    @property
    def is_in_window(self) -> bool:
        """Whether a window was started."""
        return self.part > 0 or self.below is not None

    def leaves(self, part: int, tweet: str) -> bool:
        """Whether a post is left to request in a part of the window."""
        if part != self.part or self.below is None:
            return part >= self.part
        return int(tweet) < self.below


class Sweep(NamedTuple):
    """Posts, and the period in which to count their engagement.

    Attributes:
        tweets: Ids of posts, newest first.
        begin: The start.
        end: The end.
    """

    tweets: tuple[str, ...]
    begin: Position
    end: datetime

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to request."""
        return not self.tweets or self.end <= self.begin.at


class Step(NamedTuple):
    """A request on the way through a sweep.

    Attributes:
        question: The request.
        position: How far the sweep's posts are read afterwards.
    """

    question: EngagementRequest
    position: Position

    @property
    def ends_window(self) -> bool:
        """Whether everything has been asked in the question's period."""
        return not self.position.is_in_window


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is counted, whatever posts and time it is counted for.

    Attributes:
        metrics: Engagement types.
        groupings: How they are grouped.
    """

    metrics: tuple[str, ...]
    groupings: tuple[Grouping, ...]

    def questions(self, tweets: Sequence[str], per_request: int) -> Iterator[EngagementRequest]:
        """The least requests about posts where the endpoint has a time of its own."""
        for _, pack, part in self._parts(tweets, per_request):
            yield EngagementRequest(part, self.metrics, pack)

    def steps(self, sweep: Sweep, per_request: int) -> Iterator[Step]:
        """The least requests for a sweep: window by window, so that days come in order."""
        for window in Period(sweep.begin.at, sweep.end).windows(DAYS_PER_REQUEST):
            begin = sweep.begin if window.start == sweep.begin.at else Position(window.start)
            parts = list(self._parts(sweep.tweets, per_request, begin))
            nexts = [number for number, _, _ in parts[1:]]
            for (number, pack, part), following in zip_longest(parts, nexts):
                question = EngagementRequest(part, self.metrics, pack, window)
                if following is None:
                    yield Step(question, Position(window.end))
                elif following > number:
                    yield Step(question, Position(window.start, following))
                else:
                    yield Step(question, Position(window.start, number, int(part[-1])))

    def _parts(
        self, tweets: Sequence[str], per_request: int, begin: Position | None = None
    ) -> Iterator[tuple[int, tuple[Grouping, ...], tuple[str, ...]]]:
        """Groupings and posts in parts of a request each, with the numbers of the groupings' parts.

        All posts are asked about some groupings before the next ones, newest posts first, so that
        one id tells how far a window was read, whatever posts are gone when it is gone on with.
        """
        for number, pack in enumerate(packs(self.groupings)):
            left = [each for each in tweets if begin is None or begin.leaves(number, each)]
            for start in range(0, len(left), per_request):
                yield number, pack, tuple(left[start : start + per_request])
