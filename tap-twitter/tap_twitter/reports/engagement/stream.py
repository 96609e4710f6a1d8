"""The base of the streams that read X's Engagement API."""

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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.auth.account import Account
    from tap_twitter.cost.plan import Demand
    from tap_twitter.reports.engagement.requests import EngagementRequest
    from tap_twitter.reports.engagement.unread_settings import Mode


class EngagementStream(AccountStream):
    """A stream of counts of engagement, account by account: of snapshots, unless it resumes reads.

    Posts that settings name are asked about in the name of each account until one of them turns
    out to be their author: X gives nobody else's.
    """

    selected_by_default = False
    """X gives the Engagement API to enterprise customers alone."""

    ENDPOINT: ClassVar[Endpoint]
    """What is asked."""

    IS_RESUMED: ClassVar = False
    """Whether the next run resumes a read that the budget ends; else it reads another snapshot."""

    MODES: ClassVar[tuple[Mode, ...]] = SELECTION
    """Which settings are not read beside which others."""

    @cached_property
    def own_schema(self) -> dict[str, Any]:
        """The stream's schema, by which every row has every column."""
        return json_schema(self.name, self.COLUMNS, [each.name for each in self.COLUMNS])

    @cached_property
    def options(self) -> EngagementSettings:
        """The settings that all engagement streams share, read once.

        Raises:
            SettingError: They contradict X's rules or each other.
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
        """What is found out of authors; those that this run cannot ask may be found by others."""
        listed, shard = self.run.accounts.listed, self.run.shard
        elsewhere = [each for each in listed if not shard.takes(each.key)]
        # those without credentials of their own are asked by no run
        settled = {each.name for each in (*self.identified.values(), *self._others)}
        unasked = [each for each in self.accounts if each.name not in settled]
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
        for account in self.accounts:
            self.check_bookmark(self.run.directory.with_known_id(account))

    def check_bookmark(self, account: Account) -> None:
        """Make sure that the bookmark of an account can be used.

        Raises:
            StateError: It cannot.
        """
        self._snapshots.begun(account)

    def read_account(self, account: Account) -> Iterator[dict[str, Any]]:
        """Give the rows of an account's posts."""
        if self.run.api.quota.is_closed(ENGAGEMENT.name):
            return
        tweets = self._tweets(account)
        if not self.is_first(account):  # which no turn would give a bigger budget
            self._count_requests_anew()  # those for the posts have told nothing of their engagement
        if tweets is None:
            self.leave_out(account)
        elif tweets:
            yield from self.read_tweets(account, tweets)
        if error := self._authorship.missing():
            self.run.failures.add(Failure(self.name, error, account.name))

    def read_tweets(self, account: Account, tweets: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        """Give the rows of some posts, which are an account's own as far as is known.

        Raises:
            TapError: X does not give them.
        """
        return self._snapshots.read(
            account,
            self.questions(account, tweets),
            partial(self.answers, account),
            partial(self.can_ask, account, "reads it again"),
        )

    def leave_out(self, account: Account) -> bool:
        """Note an account that the budget keeps from being read; of snapshots, being read whole.

        The one that the run has begun with is not noted, once it was read in part: no turn gives it
        more, and it would keep the others waiting.
        """
        if super().leave_out(account):
            return True
        if not (self.IS_RESUMED or self.is_first(account)):
            self.rotation.add(account, is_begun=True)
        return False

    def endpoint(self, account: Account) -> Endpoint:  # noqa: ARG002
        """What is asked about an account's posts."""
        return self.ENDPOINT

    def endpoints_for(self, account: Account) -> tuple[Endpoint, ...]:
        """What is asked about an account's posts."""
        return (self.endpoint(account),)

    def answers(
        self, account: Account, question: EngagementRequest
    ) -> Iterator[EngagementResponse]:
        """Ask a question, in parts where X wants parts of it only.

        Raises:
            TapError: X does not answer.
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
        """Whether the run has begun with an account, so that the whole budget was there for it."""
        return account is next(iter(self.identified.values()))

    def can_ask(self, account: Account, otherwise: str) -> bool:
        """Whether the budget has a request left for an account.

        Args:
            account: Who is read.
            otherwise: What is said to happen in the next run, where it has none.
        """
        if self.run.api.budget.affordable(1, Decimal()):
            return True
        if not self.leave_out(account):
            self.logger.warning(
                "The requests of the run are used up before '%s' of account '%s' is complete: the "
                "next run %s.",
                self.name,
                account.name,
                otherwise,
            )
        return False

    def demands(self) -> Iterator[Demand]:
        """The requests of the next run, with as many recent posts as the settings allow.

        X's contracts charge for no single post; finding recent ones is charged once, whichever
        streams need them.
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
        """What is asked about an account's posts in the next run."""
        raise NotImplementedError

    @property
    def _siblings(self) -> list[EngagementStream]:
        """The selected streams of engagement, of which the first does what is done for all."""
        streams = self.run.selected_streams
        return [each for each in streams if isinstance(each, EngagementStream)]

    @property
    def _foreseen(self) -> tuple[str, ...]:
        """The posts of the settings, or stand-ins for recent posts, which no bookmark knows."""
        count = self.options.number_of_tweets
        return self.options.tweets or tuple(str(-each) for each in range(1, count + 1))

    def _tweets(self, account: Account) -> tuple[str, ...] | None:
        """The posts to ask about in an account's name; None where the budget finds out none."""
        if self.options.tweets is None:
            count = self.options.number_of_tweets
            self._make_sure_of_counts(account, count)
            return self.run.recent_posts.recent(self.requester, account, count)
        return tuple(each for each in self.options.tweets if not self._authorship.knows(each))

    def _make_sure_of_counts(self, account: Account, count: int) -> None:
        """Find out, before posts are bought, whether X counts an account's at all.

        X charges for posts, and not for saying that it does not count them. No budget limits this
        request, so that a small one has all its requests for counts.

        Raises:
            TapError: X does not count them.
        """
        endpoint = self.endpoint(account)
        is_known = self.run.recent_posts.knows(str(account.user_id), count)
        credential = choose_credential(endpoint, account)
        if is_known or self.run.api.quota.has_admitted(credential, ENGAGEMENT.name):
            return
        with suppress(InvalidRequestError):  # what is asked for later is another time
            self.requester.probe(endpoint, account)
        self._count_requests_anew()

    def _old(self, account: Account, question: EngagementRequest) -> Iterator[EngagementResponse]:
        """Ask about posts without the metrics that X does not have of old ones."""
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
        """Ask about all posts but those that X has objected to."""
        rest = question.without(tweets)
        if len(rest.tweets) == len(question.tweets):
            msg = (
                f"X says that some of {len(question.tweets)} posts are another account's, but not "
                "which: request fewer of 'engagement.tweets' at a time to find them."
            )
            raise AccessError(msg)
        yield from self.answers(account, rest)
