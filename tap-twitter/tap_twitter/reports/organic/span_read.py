"""The read of some days of the report: which requests it takes, and how they are made."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from tap_twitter.api.endpoints.ads import STATS
from tap_twitter.errors import InvalidRequestError, TapError
from tap_twitter.reports.organic.account_days import windows_before
from tap_twitter.reports.organic.report_bookmark import MAX_DAYS, Span
from tap_twitter.reports.organic.stats import StatsRequest, answers_at_once, is_refused
from tap_twitter.reports.organic.stats_jobs import StatsJobs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tap_twitter.api.requester import Requester
    from tap_twitter.auth.account import Account
    from tap_twitter.clock import Clock
    from tap_twitter.reports.organic.account_days import AccountDays
    from tap_twitter.reports.organic.stats import Answer

SYNC_DAYS: Final = 7
"""The longest time that X answers at once for."""

NOT_SERVED: Final = (
    "X does not give stats of organic posts (entity ORGANIC_TWEET) to this app; its documents have "
    "dropped them on 2026-06-18. Deselect 'organic_tweet_report', and select 'tweet_analytics': it "
    "has daily numbers of posts from X API v2, which charges for them."
)


@dataclass
class SpanRead:
    """The read of a span of the report of an ads account.

    Attributes:
        requester: Requests X.
        account: The ads account.
        days: Its days.
        clock: Tells the time and sleeps.
        posts: The ids of its posts, newest first.
        span: The span; it moves with the answers.
        is_resumed: Whether an earlier run has begun it.
        missing: Posts that X's answers have left out.
    """

    requester: Requester
    account: Account
    days: AccountDays
    clock: Clock
    posts: Sequence[int]
    span: Span
    is_resumed: bool
    missing: set[int] = field(default_factory=set, init=False)

    @property
    def is_complete(self) -> bool:
        """Whether no post remains to be read."""
        return not self._remaining

    def answers(self, *, is_test: bool = False) -> Iterator[Answer]:
        """X's answers, until the budget is used up.

        Days that went by since the last run are read at once, unless that takes longer than one
        window of X's limit; what goes further back is read by jobs, as X wants it
        (https://docs.x.com/x-ads-api/analytics). If X refuses one way, the other one is tried.

        Args:
            is_test: Whether a few rows are enough.

        Raises:
            TapError: X refuses both ways, or does not give an answer.
        """
        at_once = partial(answers_at_once, self.requester, self.account), SYNC_DAYS
        jobs = StatsJobs(
            self.requester, self.account, self.days, self.clock, is_resumed=self.is_resumed
        )
        by_jobs = jobs.answers, MAX_DAYS
        is_fast = is_test or (not self.span.is_back and self._fits_a_window)
        for way, most_days in (at_once, by_jobs) if is_fast else (by_jobs, at_once):
            try:
                for request, numbers in way(list(self._requests(most_days))):
                    self.missing.update(each for each in request.ids if each not in numbers)
                    if request.completes is not None:
                        self.span = replace(self.span, below=request.completes)
                    yield request, numbers
            except InvalidRequestError as error:
                if not is_refused(error):
                    raise
            else:
                return
        raise TapError(NOT_SERVED)

    @property
    def _fits_a_window(self) -> bool:
        """Whether X allows all requests in 15 minutes."""
        assert STATS.user_limit is not None
        return sum(1 for _ in self._requests(SYNC_DAYS)) <= STATS.user_limit

    @property
    def _remaining(self) -> list[int]:
        """The posts that remain, as far as they were published before the span's end."""
        span = self.span
        return [
            each for each in self.posts if span.takes(each) and self.days.first_day(each) < span.end
        ]

    def _requests(self, most_days: int) -> Iterator[StatsRequest]:
        """The requests that remain: post by post, newest days first."""
        for ids in _batches(self._remaining, STATS.per_request):
            oldest = self.days.first_day(ids[-1])
            windows = [
                each
                for each in windows_before(self.span.end, self.span.first, most_days)
                if oldest < each[1]
            ]
            for first, end in windows:
                known = [each for each in ids if self.days.first_day(each) < end]
                completes = ids[-1] if (first, end) == windows[-1] else None
                yield StatsRequest(known, first, end, completes)


def _batches(items: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    return (items[start : start + size] for start in range(0, len(items), size))
