"""Base class of the streams that read X's Engagement API."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar

from tap_twitter.api.credential_choice import choose_credential
from tap_twitter.api.endpoints.engagement import ENGAGEMENT
from tap_twitter.api.endpoints.v2 import TIMELINE
from tap_twitter.api.engagement_errors import ForeignPostsError, OldPostsError
from tap_twitter.errors import (
    AccessError,
    Failure,
    InvalidRequestError,
)
from tap_twitter.objects.fields import json_schema
from tap_twitter.reports.engagement.authorship import Authorship
from tap_twitter.reports.engagement.metrics import OWNER_TOTALS
from tap_twitter.reports.engagement.parsed_settings import EngagementSettings
from tap_twitter.reports.engagement.responses import EngagementResponse, Notice, Status, read_answer
from tap_twitter.reports.engagement.snapshots import Snapshots
from tap_twitter.reports.engagement.unread_settings import SELECTION, unread
from tap_twitter.streams.account_stream import AccountStream
from tap_twitter.streams.progress import PLANNED_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.auth.account import Account
    from tap_twitter.cost.plan import Demand
    from tap_twitter.reports.engagement.requests import EngagementRequest
    from tap_twitter.reports.engagement.unread_settings import Mode


class EngagementStream(AccountStream):
    """A stream of engagement counts, account by account; they are snapshots unless reads resume.

    Posts named in the settings are requested in the name of each account until one account turns
    out to be their author: X returns counts only to the author.
    """

    selected_by_default = False
    """X offers the Engagement API only to enterprise customers."""

    ORDER = 1
    """They reuse the recent posts that other streams have bought."""

    ENDPOINT: ClassVar[Endpoint]
    """The endpoint of the requests."""

    IS_RESUMED: ClassVar = False
    """Whether the next run resumes a read that the budget ended; else it reads a new snapshot."""

    MODES: ClassVar[tuple[Mode, ...]] = SELECTION
    """The setting values that leave other settings unread."""

    @cached_property
    def own_schema(self) -> dict[str, Any]:
        """The stream's schema, which requires every column in every row."""
        return json_schema(self.name, self.COLUMNS, [each.name for each in self.COLUMNS])

    @cached_property
    def options(self) -> EngagementSettings:
        """The settings that all engagement streams share, read once.

        Raises:
            SettingError: The settings contradict X's rules or each other.
        """
        return EngagementSettings.from_settings(self.config["engagement"])

    @cached_property
    def _snapshots(self) -> Snapshots:
        return Snapshots(
            self.name,
            f"bookmarks.{self.name}.{self.BOOKMARK}",
            self.bookmark,
            self.write_bookmark,
            self.run.clock,
            self.logger,
        )

    @cached_property
    def _authorship(self) -> Authorship:
        """The authors found so far; other runs may find those that this run cannot request."""
        listed, shard = self.run.accounts.listed, self.run.shard
        elsewhere = [each for each in listed if not shard.takes(each.key)]
        # no run makes requests for accounts without credentials of their own
        settled = {each.name for each in (*self.identified.values(), *self._others)}
        unasked = [each for each in self.subjects if each.name not in settled]
        accounts = [*self.identified.values(), *unasked, *elsewhere]
        return Authorship(each.name for each in accounts)

    def prepare(self) -> None:
        """Check credentials, settings and bookmarks."""
        super().prepare()
        _ = self.options
        streams = self._siblings
        modes = dict.fromkeys(mode for each in streams for mode in each.MODES)
        found = "; ".join(unread(self.config["engagement"], modes))
        if found and self is streams[0]:
            self.logger.warning("Settings that are not read: %s.", found)
        for account in self.subjects:
            self.check_bookmark(self.run.directory.with_known_id(account))

    def check_bookmark(self, account: Account) -> None:
        """Check that the bookmark of an account can be used.

        Raises:
            StateError: It cannot be used.
        """
        self._snapshots.begun(account)

    def read_partition(self, account: Account) -> Iterator[dict[str, Any]]:
        """Yield the rows of an account's posts."""
        if self.run.api.quota.is_closed(ENGAGEMENT.name):
            return
        tweets = self._tweets(account)
        if not self.is_first(account):  # which rotation cannot give a larger budget
            self._count_requests_anew()  # requests for the posts returned no engagement
        if tweets is None:
            self.leave_out(account)
        elif tweets:
            yield from self.read_tweets(account, tweets)
        if error := self._authorship.missing():
            self.run.failures.add(Failure(self.name, error, account.name))

    def read_tweets(self, account: Account, tweets: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        """Yield the rows of some posts, which are an account's own as far as is known.

        Raises:
            TapError: X does not return the counts.
        """
        questions = list(self.questions(account, tweets))
        self.expect(len(questions), PLANNED_REQUESTS)
        return self._snapshots.read(
            account,
            questions,
            partial(self.counted_answers, account),
            partial(self.can_ask, account, "reads it again"),
        )

    def counted_answers(
        self, account: Account, question: EngagementRequest
    ) -> Iterator[EngagementResponse]:
        """The answers to a request, which then counts as finished work.

        Raises:
            TapError: X does not return the counts.
        """
        yield from self.answers(account, question)
        self.advance(1)

    def leave_out(self, account: Account) -> bool:
        """Record an account that the budget keeps from being read (for snapshots: read whole).

        The account that the run started with is not recorded once it was read in part: rotation
        cannot give it more, and it would keep the others waiting.
        """
        if super().leave_out(account):
            return True
        if not (self.IS_RESUMED or self.is_first(account)):
            self.rotation.add(account, is_begun=True)
        return False

    def endpoint(self, account: Account) -> Endpoint:  # noqa: ARG002
        """The endpoint of the requests about an account's posts."""
        return self.ENDPOINT

    def endpoints_for(self, account: Account) -> tuple[Endpoint, ...]:
        """The endpoints of the requests about an account's posts."""
        return (self.endpoint(account),)

    def answers(
        self, account: Account, question: EngagementRequest
    ) -> Iterator[EngagementResponse]:
        """Send a request, and split it if X accepts only parts of it.

        Raises:
            TapError: X does not return the counts.
        """
        question = question.without(self._authorship.refused(account.name))
        if not question.tweets:
            return
        try:
            answer = self.requester.fetch(
                self.endpoint(account), question.body(), partial(read_answer, question), account
            )
        except ForeignPostsError as error:
            self._authorship.refuse(account.name, error.tweets.intersection(question.tweets))
            yield from self._without(account, question, error.tweets)
        except OldPostsError as error:
            yield from self._without(account, question, error.tweets)
            yield from self._old(account, question.of(error.tweets))
        else:
            self._authorship.find(question.tweets)
            yield answer

    def is_first(self, account: Account) -> bool:
        """Whether the run started with an account, which thus had the whole budget available."""
        return account is next(iter(self.identified.values()))

    def can_ask(self, account: Account, otherwise: str) -> bool:
        """Whether the budget has a request left for an account.

        Args:
            account: The account that is read.
            otherwise: What the warning says about the next run if no request is left.
        """
        if self.run.api.budget.affordable(1, Decimal()):
            return True
        if not self.leave_out(account):
            self.requester.warn_of_budget(
                f"'{self.name}' of account '{account.name}' is not complete. The next run "
                f"{otherwise}."
            )
        return False

    def demands(self) -> Iterator[Demand]:
        """The requests of the next run, with as many recent posts as the settings allow.

        X's contracts do not charge for single posts; finding recent posts is charged once,
        whichever streams need them.
        """
        yield from self.identifying_demands()
        first = self._siblings[0]
        for account in map(self.run.directory.with_known_id, self.allowed):
            if self.options.tweets is None and self is first:
                recent = max(self.options.number_of_tweets, TIMELINE.min_per_request)
                yield self.requester.demand(TIMELINE, recent, account)._replace(probes=1)
            for question in self.questions(account, self._foreseen):
                yield self.requester.demand(self.endpoint(account), len(question.tweets), account)

    def questions(self, account: Account, tweets: tuple[str, ...]) -> Iterator[EngagementRequest]:
        """The requests about an account's posts in the next run."""
        raise NotImplementedError

    @property
    def _siblings(self) -> list[EngagementStream]:
        """The selected engagement streams; the first one does the work that all share."""
        streams = self.run.selected_streams
        return [each for each in streams if isinstance(each, EngagementStream)]

    @property
    def _foreseen(self) -> tuple[str, ...]:
        """The posts of the settings, or placeholders, unknown to bookmarks, for recent posts."""
        count = self.options.number_of_tweets
        return self.options.tweets or tuple(str(-each) for each in range(1, count + 1))

    def _tweets(self, account: Account) -> tuple[str, ...] | None:
        """The posts to request in an account's name; None if the budget cannot pay to find any."""
        if self.options.tweets is None:
            count = self.options.number_of_tweets
            self._make_sure_of_counts(account, count)
            return self.run.recent_posts.recent(self.requester, account, count)
        return tuple(each for each in self.options.tweets if not self._authorship.knows(each))

    def _make_sure_of_counts(self, account: Account, count: int) -> None:
        """Check, before posts are bought, that X counts an account's posts at all.

        X charges for posts, but not for a refusal to count them. The budget does not limit this
        request, so that all requests of a small budget are left for counts.

        Raises:
            TapError: X does not count them.
        """
        endpoint = self.endpoint(account)
        is_known = self.run.recent_posts.knows(str(account.user_id), count)
        credential = choose_credential(endpoint, account)
        if is_known or self.run.api.quota.has_admitted(credential, ENGAGEMENT.name):
            return
        with suppress(InvalidRequestError):  # the later requests are for another time
            self.requester.probe(endpoint, account)
        self._count_requests_anew()

    def _old(self, account: Account, question: EngagementRequest) -> Iterator[EngagementResponse]:
        """Request posts without the metrics that X does not have for old posts."""
        missing = [
            Notice(tweet, metric, Status.UNSUPPORTED)
            for tweet in question.tweets
            for metric in OWNER_TOTALS
        ]
        yield EngagementResponse(question, {}, missing, None)
        left = tuple(each for each in question.metrics if each not in OWNER_TOTALS)
        yield from self.answers(account, replace(question, metrics=left))

    def _without(
        self, account: Account, question: EngagementRequest, tweets: frozenset[str]
    ) -> Iterator[EngagementResponse]:
        """Request all posts except those that X has objected to."""
        rest = question.without(tweets)
        if len(rest.tweets) == len(question.tweets):
            msg = (
                f"X says that some of {len(question.tweets)} posts are another account's, but not "
                "which: request fewer of 'engagement.tweets' at a time to find them."
            )
            raise AccessError(msg)
        yield from self.answers(account, rest)
