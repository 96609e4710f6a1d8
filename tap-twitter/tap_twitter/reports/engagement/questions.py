"""What X is asked: requests within the limits of the Engagement API."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_twitter.dates import Period, stamp
from tap_twitter.reports.engagement.grouping import Grouping, packs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

DAYS_PER_REQUEST: Final = 28
"""X answers four weeks at a time."""


@dataclass(frozen=True, slots=True)
class Question:
    """One request.

    Attributes:
        tweets: Ids of posts.
        metrics: Engagement types.
        groupings: At most three.
        period: The time to count in; None where the endpoint has a time of its own.
    """

    tweets: tuple[str, ...]
    metrics: tuple[str, ...]
    groupings: tuple[Grouping, ...]
    period: Period | None = None

    @property
    def named_groupings(self) -> Iterator[tuple[str, Grouping]]:
        """The groupings with the names under which X answers them."""
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

    def of(self, tweets: Collection[str]) -> Question:
        """The same about only those of its posts."""
        return replace(self, tweets=tuple(each for each in self.tweets if each in tweets))

    def without(self, tweets: Collection[str]) -> Question:
        """The same without these posts."""
        return replace(self, tweets=tuple(each for each in self.tweets if each not in tweets))


class Sweep(NamedTuple):
    """Posts, and the time in which their engagement is counted."""

    tweets: tuple[str, ...]
    period: Period


class Step(NamedTuple):
    """A request on the way through a sweep.

    Attributes:
        question: What is asked.
        ends_window: Whether all posts have been asked about in the question's period.
    """

    question: Question
    ends_window: bool

    def ends_before(self, moment: datetime) -> bool:
        """Whether all that the request counts lies before a moment."""
        period = self.question.period
        return period is not None and period.end <= moment


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is counted, whatever posts and time it is counted for.

    Attributes:
        metrics: Engagement types.
        groupings: How they are grouped.
    """

    metrics: tuple[str, ...]
    groupings: tuple[Grouping, ...]

    def questions(
        self, tweets: Sequence[str], per_request: int, period: Period | None = None
    ) -> Iterator[Question]:
        """The least requests about posts in one period of X's length."""
        for start in range(0, len(tweets), per_request):
            for pack in packs(self.groupings):
                part = tuple(tweets[start : start + per_request])
                yield Question(part, self.metrics, pack, period)

    def steps(self, sweep: Sweep, per_request: int) -> Iterator[Step]:
        """The least requests for a sweep: window by window, so that days come in order."""
        for window in sweep.period.windows(DAYS_PER_REQUEST):
            questions = list(self.questions(sweep.tweets, per_request, window))
            for number, question in enumerate(questions, start=1):
                yield Step(question, number == len(questions))
