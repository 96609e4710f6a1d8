"""The read of some days of the report: which requests it takes, and how they are made."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from tap_twitter.errors import InvalidRequestError
from tap_twitter.reports.organic.account_days import AccountDays, windows_before
from tap_twitter.reports.organic.stats import Answer, StatsRequest, is_refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tap_twitter.auth.account import Account
    from tap_twitter.reports.organic.report_bookmark import Span


class Way(NamedTuple):
    """A way in which X gives daily numbers of posts.

    Attributes:
        ask: Gives the answers to requests, in their order, until the budget is used up.
        most_ids: The maximum number of posts in a request.
        most_days: The maximum number of days.
    """

    ask: Callable[[Iterable[StatsRequest]], Iterator[Answer]]
    most_ids: int
    most_days: int


@dataclass
class SpanRead:
    """The read of a span of the report of an ads account.

    Attributes:
        account: The ads account.
        days: Its days.
        posts: The ids of its posts, newest first.
        span: The span; it moves with the answers.
        missing: Posts that X's answers have left out.
    """

    account: Account
    days: AccountDays
    posts: Sequence[int]
    span: Span
    missing: set[int] = field(default_factory=set, init=False)

    @property
    def is_complete(self) -> bool:
        """Whether no post remains to be read."""
        return not self._remaining

    @property
    def rows(self) -> int:
        """How many rows remain: one for each post and day since it was published."""
        span, first_day = self.span, self.days.first_day
        published = (max(span.first, first_day(each)) for each in self._remaining)
        return sum((span.end - first).days for first in published)

    def answers(self, ways: Sequence[Way]) -> Iterator[Answer]:
        """X's answers, until the budget is used up.

        Args:
            ways: How to ask; if X refuses a way, the next one is tried.

        Raises:
            TapError: X refuses all ways, or does not give an answer.
        """
        *_, last = ways
        for way in ways:
            try:
                for request, numbers in way.ask(list(self.requests(way))):
                    self.missing.update(each for each in request.ids if each not in numbers)
                    if request.completes is not None:
                        self.span = replace(self.span, below=request.completes)
                    yield request, numbers
            except InvalidRequestError as error:
                if way is last or not is_refused(error):
                    raise
            else:
                return

    def requests(self, way: Way) -> Iterator[StatsRequest]:
        """The requests that remain: post by post, newest days first."""
        for ids in _batches(self._remaining, way.most_ids):
            oldest = self.days.first_day(ids[-1])
            windows = [
                each
                for each in windows_before(self.span.end, self.span.first, way.most_days)
                if oldest < each[1]
            ]
            for first, end in windows:
                known = [each for each in ids if self.days.first_day(each) < end]
                completes = ids[-1] if (first, end) == windows[-1] else None
                yield StatsRequest(known, first, end, completes)

    @property
    def _remaining(self) -> list[int]:
        """The posts that remain, as far as they were published before the span's end."""
        span, first_day = self.span, self.days.first_day
        return [each for each in self.posts if span.takes(each) and first_day(each) < span.end]


def _batches(items: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    return (items[start : start + size] for start in range(0, len(items), size))
