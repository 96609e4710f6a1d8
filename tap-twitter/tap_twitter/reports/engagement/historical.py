"""The report of engagement by post, type, date and hour (Domo: Historical Engagement)."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.endpoints.engagement import HISTORICAL
from tap_twitter.dates import hour_of, midnight
from tap_twitter.errors import InvalidRequestError
from tap_twitter.objects.snowflakes import first_id
from tap_twitter.reports.engagement.bookmark import EngagementBookmark
from tap_twitter.reports.engagement.columns import HISTORICAL_COLUMNS
from tap_twitter.reports.engagement.parsed_settings import HistoricalSettings
from tap_twitter.reports.engagement.report_days import FIRST_DAY
from tap_twitter.reports.engagement.rows import Rows
from tap_twitter.reports.engagement.stream import EngagementStream
from tap_twitter.reports.engagement.unavailable import Unavailable
from tap_twitter.reports.engagement.unread_settings import DAYS, SELECTION
from tap_twitter.streams.progress import PLANNED_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tap_twitter.auth.account import Account
    from tap_twitter.dates import Period
    from tap_twitter.reports.engagement.bookmark import Stage
    from tap_twitter.reports.engagement.requests import EngagementRequest, Step
    from tap_twitter.reports.engagement.responses import EngagementResponse


DAYS_KEPT: Final = 365
"""The number of days back that one of X's pages allows; another allows back to 2014-09-01."""

GOES_ON: Final = "resumes there"
SUMS_BEGIN_AGAIN: Final = (
    "starts again with the sums that it has not finished, so 'budget.max_requests' must be large "
    "enough for these"
)


class HistoricalEngagementStream(EngagementStream):
    """Counts of the engagement with posts over a range of days.

    If the range has a specific start and its rows are separated by date, each run resumes where the
    last run ended, less the lookback; posts new among the recent ones are read from the start of
    the range. All other reports are read whole in each run.
    """

    name = "historical_engagement"
    primary_keys = ("row_id",)
    COLUMNS = HISTORICAL_COLUMNS
    ENDPOINT = HISTORICAL
    ENDPOINTS = (HISTORICAL,)
    MODES = (*SELECTION, *DAYS)
    IS_RESUMED = True

    _floor = midnight(FIRST_DAY)
    """X has no counts before this moment."""

    @property
    def bookmark_properties(self) -> tuple[str, ...]:
        """The date, for reports that resume where the last run ended."""
        return ("date",) if self.report.goes_on else ()

    @cached_property
    def now(self) -> datetime:
        """The moment from which the run counts days back: the same for all accounts."""
        return self.run.clock.now()

    @cached_property
    def report(self) -> HistoricalSettings:
        """The settings, read once.

        Raises:
            SettingError: The settings contradict X's rules or each other.
        """
        return HistoricalSettings.from_settings(self.config["engagement"], self.now)

    def prepare(self) -> None:
        """Check credentials, settings and bookmarks."""
        super().prepare()
        days = self.report.days
        self.logger.info(
            "'%s' reports the days from %s to %s, in UTC.", self.name, days.first, days.last
        )

    def check_bookmark(self, account: Account) -> None:
        """Check that the bookmark of an account can be used."""
        _ = self._progress(account)

    def read_tweets(self, account: Account, tweets: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        """Yield the counts of some posts, request by request."""
        progress = self._resumed(account, tweets)
        absent = Unavailable(progress.gone, self._unavailable)
        rows = Rows(str(account.user_id), self.report.window, self._period)
        steps = deque(self._steps(progress, tweets))
        self.expect(len(steps), PLANNED_REQUESTS)
        while steps:
            stage, step = steps.popleft()
            if not self.can_ask(account, GOES_ON if rows.is_settled else SUMS_BEGIN_AGAIN):
                return
            for answer in self.counted_answers(account, step.question):
                yield from rows.take(answer)
                yield from map(rows.returned, absent.take(answer))
            if step.ends_window:
                yield from rows.close_window()
            if absent.has_returned and progress.read:
                self._keep(account, progress.begun_anew(), absent, tweets)
                self.expect(-len(steps), PLANNED_REQUESTS)  # the new read announces its own
                yield from self.read_tweets(account, tweets)
                return
            if rows.is_settled:
                self._keep(account, stage.after(step.position), absent, tweets)
        yield from rows.close()
        yield from map(rows.returned, absent.refuse(self._authorship.refused(account.name)))
        finished = progress.finished(tweets, self._period.end)
        self._keep(
            account, finished if self.report.goes_on else progress.begun_anew(), absent, tweets
        )

    @property
    def plan_notes(self) -> tuple[str, ...]:
        """A note that the plan has no ids of recent posts, some of which may be known already."""
        if self.options.tweets is None and self.report.goes_on:
            return (f"The plan counts all recent posts of '{self.name}' as new.",)
        return ()

    def answers(
        self, account: Account, question: EngagementRequest
    ) -> Iterator[EngagementResponse]:
        """Send a request, limited to the time for which X has counts.

        X's pages disagree on how far back that is; a refusal shows it.

        Raises:
            TapError: X does not return the counts.
        """
        assert question.period
        period = question.period.since(self._floor)
        if period.is_empty:
            return
        try:
            yield from super().answers(account, replace(question, period=period))
        except InvalidRequestError as error:
            self._give_up_days(period, error)
            yield from self.answers(account, question)

    def _give_up_days(self, period: Period, error: InvalidRequestError) -> None:
        """Start later in this run if a refusal may be about how far back the request goes.

        Raises:
            InvalidRequestError: The cause is something else, or nothing of the report is left.
        """
        floor = midnight(self.now.date()) - timedelta(days=DAYS_KEPT - 1)
        if period.start >= floor or self._floor == floor:
            raise error
        if self._period.end <= floor:
            msg = (
                "X refuses the days of the report, maybe because of their age: one of its pages "
                f"says that it keeps {DAYS_KEPT} days. End the report after {floor.date()}."
            )
            raise InvalidRequestError(msg) from None
        self._floor = floor
        self.logger.warning(
            "X refuses to count from %s on: one of its pages says that it keeps %d days. '%s' "
            "starts on %s in this run.",
            period.start.date(),
            DAYS_KEPT,
            self.name,
            floor.date(),
        )

    def questions(self, account: Account, tweets: tuple[str, ...]) -> Iterator[EngagementRequest]:
        """The remaining requests; posts that the bookmark does not know are requested whole."""
        for _, step in self._steps(self._resumed(account, tweets), tweets):
            yield step.question

    def _tweets(self, account: Account) -> tuple[str, ...] | None:
        """The posts to request; a warning if all of them are newer than the report."""
        tweets = super()._tweets(account)
        end = first_id(self._period.end)
        if tweets and all(int(each) >= end for each in tweets):
            count = self.options.number_of_tweets
            more = f"raise 'engagement.number_of_tweets' ({count}) or "
            self.logger.warning(
                "'%s' has nothing to count for account '%s': the report ends at %s UTC, and all "
                "of its %d posts are newer. To count posts, %send the report later.",
                self.name,
                account.name,
                f"{self._period.end:%Y-%m-%d %H:%M}",
                len(tweets),
                more if self.options.tweets is None and len(tweets) >= count else "",
            )
        return tweets

    @cached_property
    def _period(self) -> Period:
        return self.report.days.period(self.now)

    @cached_property
    def _unavailable(self) -> set[str]:
        """Posts that X has called unavailable in this run; other accounts do not retry them."""
        return set()

    def _progress(self, account: Account) -> EngagementBookmark:
        return EngagementBookmark.from_cursor(self.bookmark(account), self.report.subject)

    def _resumed(self, account: Account, tweets: tuple[str, ...]) -> EngagementBookmark:
        return self._progress(account).resumed(
            tweets,
            self._period,
            hour_of(self.now),
            self.report.lookback_days,
            self.report.posts(tweets),
        )

    def _steps(
        self, progress: EngagementBookmark, tweets: tuple[str, ...]
    ) -> Iterator[tuple[Stage, Step]]:
        newest_first = sorted(tweets, key=int, reverse=True)
        for stage in progress.stages(newest_first, self._period):
            for step in self.report.options.wanted.steps(stage.sweep, self.ENDPOINT.per_request):
                yield stage, step

    def _keep(
        self,
        account: Account,
        progress: EngagementBookmark,
        absent: Unavailable,
        tweets: tuple[str, ...],
    ) -> None:
        gone = absent.among(self.options.tweets or tweets)
        self.write_bookmark(account, replace(progress, gone=gone).as_cursor())
