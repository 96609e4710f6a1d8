"""The report of engagement by post, type, date and hour (Domo: Historical Engagement)."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from tap_twitter.api.engagement import HISTORICAL
from tap_twitter.reports.engagement.options import HistoricalOptions
from tap_twitter.reports.engagement.progress import Progress
from tap_twitter.reports.engagement.rows import Rows
from tap_twitter.reports.engagement.stream import EngagementStream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tap_twitter.accounts import Account
    from tap_twitter.reports.engagement.questions import Question, Step, Sweep


class HistoricalEngagementStream(EngagementStream):
    """Counts of the engagement with posts in a span of days.

    A range from a specific start whose rows are told apart by date goes on where the last run
    ended, less the lookback; posts that are new among the recent ones are read from its start. All
    other reports are read whole in each run.
    """

    name = "historical_engagement"
    primary_keys = ("row_id",)
    ENDPOINT = HISTORICAL
    ENDPOINTS = (HISTORICAL,)

    @cached_property
    def now(self) -> datetime:
        """The moment from which the run counts days back: the same for all accounts."""
        return self._tap.clock.now()

    @cached_property
    def report(self) -> HistoricalOptions:
        """The settings, read once.

        Raises:
            SettingError: They contradict X's rules or each other.
        """
        return HistoricalOptions.from_settings(self.config["engagement"], self.now)

    def prepare(self) -> None:
        """Check credentials, settings and bookmarks."""
        super().prepare()
        for account in self.accounts:
            _ = self._progress(account)
        days = self.report.days
        self.logger.info(
            "'%s' reports the days from %s to %s, in UTC.", self.name, days.first, days.last
        )

    def read_tweets(self, account: Account, tweets: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        """Give the counts of some posts, request by request."""
        sweeps = self._sweeps(account, tweets)
        progress = self._begun(account, sweeps)
        period = self.report.days.period(self.now)
        rows = Rows(str(account.user_id), self.report.window, period)
        for number, step in enumerate(self._steps(sweeps), start=1):
            if number <= progress.step:
                continue
            if not self.can_ask:
                return
            for answer in self.answers(account, step.question):
                yield from rows.take(answer)
            if step.ends_window:
                yield from rows.close_window()
            if rows.is_settled:
                self.save_cursor(account, progress.stepped(number).as_cursor())
        yield from rows.close()
        through = self.report.days.last_closed(self.now)
        finished = progress.finished(tweets, through) if self.report.goes_on else None
        self.save_cursor(account, finished and finished.as_cursor())

    def questions(self, account: Account, tweets: tuple[str, ...]) -> Iterator[Question]:
        """What is left to ask; posts that the bookmark does not know are asked about whole."""
        for step in self._steps(self._sweeps(account, tweets)):
            yield step.question

    def _progress(self, account: Account) -> Progress:
        return Progress.from_cursor(self.cursor(account), self.report.subject)

    def _begun(self, account: Account, sweeps: list[Sweep]) -> Progress:
        end, steps = self.report.days.period(self.now).end, self._steps(sweeps)
        return self._progress(account).begun(sweeps, steps, end, self.report.lookback_days)

    def _sweeps(self, account: Account, tweets: tuple[str, ...]) -> list[Sweep]:
        period = self.report.days.period(self.now)
        return self._progress(account).sweeps(tweets, period, self.report.lookback_days)

    def _steps(self, sweeps: list[Sweep]) -> Iterator[Step]:
        for sweep in sweeps:
            yield from self.report.options.wanted.steps(sweep, self.ENDPOINT.per_request)
