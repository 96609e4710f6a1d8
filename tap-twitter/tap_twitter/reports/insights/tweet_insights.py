"""The report of posts and their metrics by account (ForePaaS: tweet_insights)."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.endpoints.v2 import TIMELINE, TWEETS
from tap_twitter.auth.account import Account
from tap_twitter.objects.post_columns import post_row
from tap_twitter.objects.post_fields import POST_COLUMNS
from tap_twitter.objects.post_requests import price_of_included
from tap_twitter.objects.posts_response import ClosedTimelineError
from tap_twitter.reports.insights.known_posts import NOTHING, KnownPosts
from tap_twitter.reports.insights.reading import Reading, ReadingSettings
from tap_twitter.reports.insights.vanished import Vanished
from tap_twitter.streams.account_stream import AccountStream
from tap_twitter.streams.bookmarks import NewestFirstBookmark
from tap_twitter.streams.paged import PagedStream, unknown_count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from dataset_store import Dataset
    from tap_twitter.api.vocabulary import Vocabulary
    from tap_twitter.reports.insights.reading import Part

KNOWN_NOTE: Final = (
    "Known posts ('insights.known_posts') that X has not returned are requested by id, and charged "
    "as posts if they still exist; the plan leaves them out."
)


class TweetInsightsStream(PagedStream[Account], AccountStream):
    """One row per post of the accounts; an edited post has a new id, and so a row of its own.

    Source: https://docs.x.com/x-api/posts/timelines/introduction. Each run reads the new posts, and
    again the posts younger than the lookback, since metrics change.
    """

    name = "tweet_insights"
    primary_keys = ("id",)
    COLUMNS = POST_COLUMNS
    ENDPOINTS = (TIMELINE, TWEETS)

    @property
    def bookmark_properties(self) -> tuple[str, ...]:
        """The creation time: posts are read back through the lookback."""
        return ("created_at",)

    @cached_property
    def options(self) -> ReadingSettings:
        """The settings, read once.

        Raises:
            SettingError: The start date is invalid.
        """
        settings = self.config["insights"]
        kinds = {"replies": "include_replies", "retweets": "include_retweets"}
        return ReadingSettings(
            self.now,
            tuple(kind for kind, setting in kinds.items() if not settings[setting]),
            timedelta(days=settings["lookback_days"]),
            self.start,
            settings["expand_originals"],
        )

    @cached_property
    def known_posts(self) -> Dataset | None:
        """The dataset of earlier rows, if the settings name one and it exists.

        Raises:
            InputDatasetError: The dataset cannot be used.
        """
        reference = self.config["insights"].get("known_posts")
        if reference is None:
            return None
        from tap_twitter.reports.insights.known_posts_dataset import (  # noqa: PLC0415 - PyArrow
            open_known_posts,
        )

        dataset = open_known_posts(self.run.datasets, reference)
        if dataset is None:
            self.logger.warning(
                "There is no dataset '%s' ('insights.known_posts') yet: this run marks no posts "
                "that X no longer returns.",
                reference,
            )
        return dataset

    def prepare(self) -> None:
        """Check credentials, bookmarks, and the locations of datasets."""
        super().prepare()
        _ = self.known_posts

    def read_partition(self, account: Account) -> Iterator[dict[str, Any]]:
        """Yield the rows of an account's posts, page by page."""
        if self.starts_later:
            return
        known = self._known[str(account.user_id)]
        username, clock = self.username_of(account), self.run.clock
        vanished = Vanished(self.requester, account, username, known, self.own_columns, clock)
        reading = self.read_of(account)
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
        self.tell_budget(account, reading)
        if not reading.is_stopped:
            yield from vanished.rows(known.hidden)

    @property
    def plan_notes(self) -> tuple[str, ...]:
        """Notes on costs that the plan cannot know."""
        how_many = unknown_count(self.ITEMS, self.name, self.options.depth)
        known = () if self.known_posts is None else (KNOWN_NOTE,)
        return (how_many, *known, *super().plan_notes)

    def read_of(self, account: Account) -> Reading:  # type: ignore[override]
        """The read of an account, resumed from its bookmark.

        Raises:
            StateError: The bookmark is invalid.
        """
        found, without = self.bookmark(account), self.options.without
        bookmark = NewestFirstBookmark.from_bookmark(found, self.where, without)
        source = self.source_of(account, self.options.depth)
        return Reading(source, bookmark, self.options, partial(self.save, account))

    def price_of_included(self, words: Vocabulary) -> Decimal:
        """The price that X may charge for authors and for posts that others refer to."""
        prices = self.run.api.ledger.prices
        return price_of_included(prices, words, with_originals=self.options.with_originals)

    def _share(self, account: Account, reading: Reading) -> None:
        """Share the bought posts with other streams, unless replies are missing."""
        if "replies" not in self.options.without:
            ids = list(map(str, reading.newest))
            self.run.recent_posts.note(str(account.user_id), ids, is_whole=reading.is_whole)

    @cached_property
    def _known(self) -> Mapping[str, KnownPosts]:
        """The rows of earlier runs, by account."""
        if self.known_posts is None:
            return dict.fromkeys(self.identified, NOTHING)
        from tap_twitter.reports.insights.known_posts_dataset import (  # noqa: PLC0415 - PyArrow
            known_by_account,
        )

        since = self.options.lookback_id
        return known_by_account(self.known_posts, self.identified, since, self.options.without)

    def _rows(self, account: Account, part: Part, known: KnownPosts) -> Iterator[dict[str, Any]]:
        read_at, username = self.run.clock.now(), self.username_of(account)
        for post_id in part.answer.posts:
            yield known.completed(post_row(account, username, post_id, part.answer, read_at))
