"""The report of accounts' posts with their metrics (ForePaaS: tweet_insights)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from dataset_store import dataset_id
from tap_twitter.api.endpoints.v2 import TIMELINE, TWEETS
from tap_twitter.api.vocabulary import Vocabulary
from tap_twitter.cost.ledger import Resource
from tap_twitter.dates import start_of
from tap_twitter.errors import SettingError
from tap_twitter.objects.post_columns import post_row
from tap_twitter.objects.post_fields import POST_COLUMNS
from tap_twitter.objects.posts_response import ClosedTimelineError
from tap_twitter.reports.insights.bookmark import ReadBookmark
from tap_twitter.reports.insights.known_posts import (
    NOTHING,
    KnownPosts,
    known_by_account,
    open_known_posts,
)
from tap_twitter.reports.insights.reading import Reading, ReadingSettings
from tap_twitter.reports.insights.vanished import Vanished
from tap_twitter.streams.account_stream import AccountStream
from tap_twitter.streams.recent_posts import MIN_PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from dataset_store import Dataset
    from tap_twitter.auth.account import Account
    from tap_twitter.cost.plan import Demand
    from tap_twitter.reports.insights.reading import Part

WORDS_NOTE: Final = (
    "The plan assumes that X accepts `tweet` words. In `post` words, posts bring along others and "
    "their authors, which X may charge for: plan with 'api.vocabulary: post' to see that cost."
)

KNOWN_NOTE: Final = (
    "Known posts ('insights.known_posts') that X has not returned are requested by id, and charged "
    "as posts if they still exist; the plan leaves them out."
)


class TweetInsightsStream(AccountStream):
    """A row for each post of the accounts; an edit of a post has an id, and so a row, of its own.

    Source: https://docs.x.com/x-api/posts/timelines/introduction. Each run reads what is new, and
    again what is younger than the lookback, since metrics move.
    """

    name = "tweet_insights"
    primary_keys = ("id",)
    COLUMNS = POST_COLUMNS
    ENDPOINTS = (TIMELINE, TWEETS)
    selected_by_default = False
    """What X charges for is read where it is asked for."""

    @property
    def bookmark_properties(self) -> tuple[str, ...]:
        """Posts are read back to those that the lookback reads again."""
        return ("created_at",)

    @cached_property
    def options(self) -> ReadingSettings:
        """The settings, read once.

        Raises:
            SettingError: The start date is none.
        """
        settings, now = self.config["insights"], self.run.clock.now()
        kinds = {"replies": "include_replies", "retweets": "include_retweets"}
        return ReadingSettings(
            now,
            tuple(kind for kind, setting in kinds.items() if not settings[setting]),
            timedelta(days=settings["lookback_days"]),
            self._start(now),
            settings["expand_originals"],
        )

    @cached_property
    def known_posts(self) -> Dataset | None:
        """The dataset of earlier rows, where the settings name one and there is one.

        Raises:
            InputDatasetError: It does not serve.
        """
        reference = self.config["insights"].get("known_posts")
        if reference is None:
            return None
        dataset = open_known_posts(self.run.datasets, reference)
        if dataset is None:
            self.logger.warning(
                "There is no dataset '%s' ('insights.known_posts') yet: this run marks no posts "
                "that X no longer returns.",
                reference,
            )
        return dataset

    def prepare(self) -> None:
        """Check credentials, bookmarks, and where datasets are."""
        super().prepare()
        _ = self.stored_rows
        for account in self.accounts:
            _ = self._progress(self.run.directory.with_known_id(account))
        _ = self.known_posts

    def read_account(self, account: Account) -> Iterator[dict[str, Any]]:
        """Give the rows of an account's posts, page by page."""
        if self.options.starts_later:
            return
        known = self._known[str(account.user_id)]
        username, clock = self.username_of(account), self.run.clock
        vanished = Vanished(self.requester, account, username, known, self.own_columns, clock)
        reading = Reading(
            self.requester,
            account,
            self.options,
            self._progress(account),
            partial(self.page_size, account),
            partial(self.save_progress, account),
        )
        try:
            for part in reading.parts():
                vanished.note(part.answer)
                yield from self._rows(account, part, known)
                given = part.answer.posts
                missed = known.between(part.low, part.high)
                yield from vanished.rows([each for each in missed if each not in given])
        except ClosedTimelineError as error:
            yield from vanished.rows(known.between(0, None), error.status)
            raise
        self._share(account, reading)
        if not reading.is_stopped:
            yield from vanished.rows(known.hidden)

    def demands(self) -> Iterator[Demand]:
        """As many posts of each account as X goes back; it does not tell how many are new.

        What a read that was broken off has given is left out, but for a page of new ones.
        """
        if self.options.starts_later:
            return
        yield from self.identifying_demands()
        for account in map(self.run.directory.with_known_id, self.allowed):
            left = self.options.depth - self._progress(account).count
            demand = self.requester.demand(TIMELINE, max(left, TIMELINE.per_request), account)
            yield demand._replace(price=demand.price + self._price_of_references)

    @property
    def plan_notes(self) -> tuple[str, ...]:
        """What the plan cannot know."""
        how_many = (
            "X does not say how many posts are new before it returns them: for 'tweet_insights', "
            f"the plan counts the {self.options.depth:,} posts that X goes back at most."
        )
        notes = [how_many]
        if self.known_posts is not None:
            notes.append(KNOWN_NOTE)
        if self.run.api.vocabulary.may_change:
            notes.append(WORDS_NOTE)
        return tuple(notes)

    def page_size(self, account: Account) -> int:
        """How many posts the next page may have; 0 where the budget is used up, which it says."""
        if self.ABORT_AT_RECORD_COUNT is not None:
            return MIN_PAGE
        wanted, extra = TIMELINE.per_request, self._price_of_references
        size = self.requester.affordable(TIMELINE, wanted, account, extra)
        if size >= MIN_PAGE:
            return size
        if not self.leave_out(account):
            self.logger.warning(
                "The budget of the run is used up: posts of account '%s' are left. The next run "
                "resumes here.",
                account.name,
            )
        return 0

    def save_progress(self, account: Account, progress: ReadBookmark, count: int) -> None:
        """Keep how far an account was read; then wait until the rows given since are stored."""
        self.write_bookmark(account, progress.as_bookmark())
        if count:
            self.stored_rows.await_rows({dataset_id(self.name)})

    def _start(self, now: datetime) -> datetime | None:
        given = self.config.get("start_date")
        start = start_of(given, now) if given else None
        if given and start is None:
            msg = f"Setting 'start_date' is {given}, which is not a calendar date or time."
            raise SettingError(msg)
        if start and start > now:
            self.logger.warning(
                "Setting 'start_date' is %s, which is in the future: no posts are read.", given
            )
        return start

    @property
    def _price_of_references(self) -> Decimal:
        """What X may charge for what comes along with a post, at most, in USD."""
        prices, is_post = (
            self.run.api.ledger.prices,
            self.run.api.vocabulary.words is Vocabulary.POST,
        )
        price = prices[Resource.USER] if is_post else Decimal()
        if is_post or self.options.with_originals:
            price += prices[Resource.POST]
        return price

    def _share(self, account: Account, reading: Reading) -> None:
        """Let other streams have what was bought, unless replies are missing in it."""
        if "replies" not in self.options.without:
            ids = list(map(str, reading.newest))
            self.run.recent_posts.note(str(account.user_id), ids, is_whole=reading.is_whole)

    def _progress(self, account: Account) -> ReadBookmark:
        where = f"bookmarks.{self.name}.{self.BOOKMARK}"
        return ReadBookmark.from_bookmark(self.bookmark(account), self.options.without, where)

    @cached_property
    def _known(self) -> Mapping[str, KnownPosts]:
        """By account: the rows of earlier runs."""
        if self.known_posts is None:
            return dict.fromkeys(self.identified, NOTHING)
        since = self.options.lookback_id
        return known_by_account(self.known_posts, self.identified, since, self.options.without)

    def _rows(self, account: Account, part: Part, known: KnownPosts) -> Iterator[dict[str, Any]]:
        read_at, username = self.run.clock.now(), self.username_of(account)
        for post_id in part.answer.posts:
            yield known.completed(post_row(account, username, post_id, part.answer, read_at))
