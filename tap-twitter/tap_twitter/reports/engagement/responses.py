"""X's responses: counts, nested in the order of their grouping, and posts without counts."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_twitter.api.engagement_errors import TOO_OLD, OldPostsError
from tap_twitter.dates import Period, moment_of
from tap_twitter.errors import TransientError
from tap_twitter.reports.engagement.grouping import Dimension
from tap_twitter.reports.engagement.metrics import OWNER_TOTALS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_twitter.reports.engagement.grouping import Grouping
    from tap_twitter.reports.engagement.requests import EngagementRequest

PATTERNS: Final[Mapping[Dimension, re.Pattern[str]]] = {
    Dimension.TWEET: re.compile(r"[0-9]{1,19}"),
    Dimension.TYPE: re.compile(r"[a-z][a-z_]*"),
    Dimension.DAY: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    Dimension.HOUR: re.compile(r"[01][0-9]|2[0-3]"),
}
"""The patterns of the keys in X's responses; a post id may look like an hour."""

COUNT: Final = re.compile(r"[0-9]{1,18}")

UNAVAILABLE: Final = "unavailable_tweet_ids"
UNSUPPORTED: Final[Mapping[str, tuple[str, ...]]] = {
    "unsupported_for_video_views_tweet_ids": ("video_views",),
    TOO_OLD: OWNER_TOTALS,
}
"""Response keys that list posts too old for some metrics (1800 and 90 days)."""


class Status(enum.StrEnum):
    """The status of a post, or of one of its metrics, at X.

    Attributes:
        RETURNED: X has counts of the post again; it was unavailable at an earlier request.
    """

    AVAILABLE = "available"
    UNAVAILABLE = "unavailable"
    UNSUPPORTED = "unsupported"
    UNANSWERED = "unanswered"
    RETURNED = "returned"


class Key(NamedTuple):
    """The dimensions of a count; None if the count covers all values of a dimension."""

    tweet_id: str | None = None
    engagement_type: str | None = None
    date: str | None = None
    hour: str | None = None


FIELDS: Final[Mapping[Dimension, str]] = dict(zip(Dimension, Key._fields, strict=True))


class Notice(NamedTuple):
    """A post, or one of its metrics, for which X has no counts."""

    tweet_id: str
    engagement_type: str | None
    status: Status


@dataclass(frozen=True, slots=True)
class EngagementResponse:
    """X's response to an `EngagementRequest`.

    Attributes:
        question: The request.
        counts: By grouping: the counts that X has.
        notices: Posts and metrics without counts.
        period: The period that X counted in, if the response or the request gives it.
    """

    question: EngagementRequest
    counts: Mapping[Grouping, Sequence[tuple[Key, int]]]
    notices: Sequence[Notice]
    period: Period | None

    @property
    def unavailable(self) -> frozenset[str]:
        """Posts that are deleted or not public."""
        return frozenset(
            each.tweet_id for each in self.notices if each.status is Status.UNAVAILABLE
        )

    @property
    def available(self) -> frozenset[str]:
        """The other posts of the request."""
        return frozenset(self.question.tweets) - self.unavailable


def read_answer(question: EngagementRequest, body: Mapping[str, Any]) -> EngagementResponse:
    """Parse the body of a successful response.

    Counts that X sets to 0 because it does not have them are left out if they can be recognized.

    Raises:
        OldPostsError: The body holds nothing but posts that are too old for some metrics.
        TransientError: The body does not have the form that X documents.
    """
    old = _ids(body, TOO_OLD)
    if old and not any(name in body for name, _ in question.named_groupings):
        raise OldPostsError(old)
    gone = [each for each in question.tweets if each in _ids(body, UNAVAILABLE)]
    empty: dict[str, Any] | None = {} if len(gone) == len(question.tweets) else None
    counts = {
        grouping: list(_leaves(body.get(name, empty), grouping.nesting, Key()))
        for name, grouping in question.named_groupings
    }
    unsupported = list(_unsupported(question, body))
    if unsupported:
        silent = {(notice.tweet_id, notice.engagement_type) for notice in unsupported}
        counts = {
            grouping: [leaf for leaf in leaves if leaf[0][:2] not in silent]
            for grouping, leaves in counts.items()
        }
    notices = [
        *(Notice(each, None, Status.UNAVAILABLE) for each in gone),
        *(Notice(each, None, Status.UNANSWERED) for each in _unanswered(question, counts, gone)),
        *unsupported,
    ]
    return EngagementResponse(question, counts, notices, _period(body) or question.period)


def _unsupported(question: EngagementRequest, body: Mapping[str, Any]) -> Iterator[Notice]:
    for name, metrics in UNSUPPORTED.items():
        listed = _ids(body, name)
        for tweet in question.tweets:
            if tweet in listed:
                asked = (each for each in metrics if each in question.metrics)
                yield from (Notice(tweet, metric, Status.UNSUPPORTED) for metric in asked)


def _unanswered(
    question: EngagementRequest,
    counts: Mapping[Grouping, Sequence[tuple[Key, int]]],
    gone: Sequence[str],
) -> Iterator[str]:
    """Posts that X neither counts nor calls unavailable, if a grouping separates posts."""
    by_tweet = next((each for each in question.groupings if each.by_tweet), None)
    if by_tweet:
        told = {key.tweet_id for key, _ in counts[by_tweet]}.union(gone)
        yield from (tweet for tweet in question.tweets if tweet not in told)


def _leaves(node: Any, left: tuple[Dimension, ...], key: Key) -> Iterator[tuple[Key, int]]:
    if not left:
        yield key, _count(node)
        return
    if not isinstance(node, dict):
        raise _incomplete()
    for name, inner in node.items():
        dimension = next((each for each in left if PATTERNS[each].fullmatch(name)), None)
        if dimension is None:
            raise _incomplete()
        rest = tuple(each for each in left if each is not dimension)
        yield from _leaves(inner, rest, key._replace(**{FIELDS[dimension]: name}))


def _count(value: Any) -> int:
    """A count; X writes it as a string, and in places as a number."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not (isinstance(text, str) and COUNT.fullmatch(text)):
        raise _incomplete()
    return int(text)


def _ids(body: Mapping[str, Any], name: str) -> frozenset[str]:
    listed = body.get(name)
    return frozenset(map(str, listed)) if isinstance(listed, list) else frozenset()


def _period(body: Mapping[str, Any]) -> Period | None:
    start, end = moment_of(body.get("start")), moment_of(body.get("end"))
    return Period(start, end) if start and end else None


def _incomplete() -> TransientError:
    return TransientError("X's response about engagement does not have the documented form.")
