"""The base of reports: what each post of an ads account has earned, day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.endpoints.ads import ADS_TWEETS
from tap_twitter.dates import months_before
from tap_twitter.errors import SettingError, StateError
from tap_twitter.reports.organic.report_bookmark import ReportBookmark
from tap_twitter.reports.organic.settings import Timeframe
from tap_twitter.reports.organic.span_read import SpanRead
from tap_twitter.reports.organic.stream import OrganicStream
from tap_twitter.reports.organic.tweets import TWEETS
from tap_twitter.streams.ads_pages import read_pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from tap_twitter.auth.account import Account
    from tap_twitter.reports.organic.account_days import AccountDays
    from tap_twitter.reports.organic.span_read import Way
    from tap_twitter.reports.organic.stats import Numbers, StatsRequest

FROZEN: Final = (
    "Setting 'organic.timeframe_months' is {now}, and the first sync of '{stream}' has read "
    "{then}. As with Fivetran, it cannot be changed after that: set it back to {then}, or read "
    "everything again with a new state (`meltano run --full-refresh`)."
)


class DailyReportStream(OrganicStream):
    """The daily numbers of all posts of an ads account, also of posts older than the days read."""

    ORDER = 1
    """They reuse the posts that other streams have listed."""

    def days_of(self, account: Account) -> AccountDays:
        """The days of an ads account.

        Raises:
            AccountError: Its time zone is unknown.
        """
        raise NotImplementedError

    def ways(self, read: SpanRead, *, is_resumed: bool) -> Sequence[Way]:
        """How X is asked about a span.

        Args:
            read: The read of the span.
            is_resumed: Whether an earlier run has begun it.
        """
        raise NotImplementedError

    def row(
        self, account: Account, post_id: int, midnight: datetime, numbers: Mapping[str, int]
    ) -> dict[str, Any]:
        """The row of a post and a day, which begins at a moment."""
        raise NotImplementedError

    @property
    def bookmark_properties(self) -> tuple[str, ...]:
        """The day: a run gives new days, and some before them again."""
        return ("date",)

    def check_bookmark(self, bookmark: Any) -> None:
        """Make sure that it is one of this stream, for the timeframe of the settings.

        Raises:
            StateError: It is none of the stream's.
            SettingError: The timeframe was another one.
        """
        if bookmark is None:
            return
        try:
            then = ReportBookmark.from_state(bookmark).timeframe
        except (TypeError, ValueError):
            where = f"bookmarks.{self.name}"
            raise StateError(where) from None
        now = self.settings["timeframe_months"]
        if then != now:
            raise SettingError(FROZEN.format(now=now, then=then, stream=self.name))

    def read_partition(self, account: Account) -> Iterator[dict[str, Any]]:
        """Give the rows of an ads account.

        Raises:
            TapError: X does not give them.
        """
        days = self.days_of(account)
        posts = self._posts(account)
        if posts is None:
            self.stop(account)
            return
        today = days.day(self.run.clock.now())
        rollback_days = self.settings["rollback_days"]
        bookmark = self._begun(account, days, posts, today)
        if self.is_one_part:
            spans = bookmark.spans(today, rollback_days)
            self.expect(sum(SpanRead(account, days, posts, each).rows for each in spans), "rows")
        while span := bookmark.next_span(today, rollback_days):
            read = SpanRead(account, days, posts, span)
            yield from self._rows(read, bookmark)
            if not read.is_complete:
                self.stop(account)
                return
            bookmark = bookmark.after(read.span)
            self.write_bookmark(account, bookmark.as_state())

    def _rows(self, read: SpanRead, bookmark: ReportBookmark) -> Iterator[dict[str, Any]]:
        """Give the rows of a span, and move its bookmark with X's answers."""
        ways = self.ways(read, is_resumed=read.span in {bookmark.forward, bookmark.back})
        self.write_bookmark(read.account, bookmark.at(read.span).as_state())
        for request, numbers in read.answers(ways):
            rows = list(self._rows_of(read, request, numbers))
            yield from self.synced(rows)
            self.advance(len(rows))
            if request.completes is not None:
                self.write_bookmark(read.account, bookmark.at(read.span).as_state())
        if read.missing:
            self.logger.warning(
                "X gives no numbers for %d posts of ads account '%s': they have no rows in '%s'.",
                len(read.missing),
                read.account.name,
                self.name,
            )

    def _rows_of(
        self, read: SpanRead, request: StatsRequest, numbers: Mapping[int, Numbers]
    ) -> Iterator[dict[str, Any]]:
        """The rows of an answer: a post has one for each day since it was published."""
        days = [(day, read.days.midnight(day)) for day in request.days]
        for post_id in request.ids:
            if (found := numbers.get(post_id)) is None:
                continue
            published = read.days.first_day(post_id)
            for index, (day, midnight) in enumerate(days):
                if day >= published:
                    values = {name: series[index] for name, series in found.items()}
                    yield self.row(read.account, post_id, midnight, values)

    def _posts(self, account: Account) -> Sequence[int] | None:
        """The ids of the account's posts, newest first; None if the budget does not let them be.

        Engagement comes to posts of any age, so all of them are asked about on every day.
        """
        if (known := self.run.ads_posts.of(account.name)) is not None:
            return known
        query = {**TWEETS.query, "trim_user": "true"}
        if not self.requester.affordable(ADS_TWEETS, 1, account):
            return None
        for page in read_pages(self.requester, ADS_TWEETS, query, account):
            self.run.ads_posts.note(account.name, page)
            if page.cursor and not self.requester.affordable(ADS_TWEETS, 1, account):
                return None
        return self.run.ads_posts.of(account.name)

    def _begun(
        self, account: Account, days: AccountDays, posts: Sequence[int], today: date
    ) -> ReportBookmark:
        """The bookmark of earlier runs, or a new one for the timeframe."""
        if (value := self.bookmark(account)) is not None:
            return ReportBookmark.from_state(value)
        timeframe = Timeframe(self.settings["timeframe_months"])
        if timeframe.months is not None:
            start = months_before(today, timeframe.months)
        else:
            start = min((days.first_day(each) for each in posts[-1:]), default=today)
        return ReportBookmark.begun(timeframe.value, min(start, today), today)
