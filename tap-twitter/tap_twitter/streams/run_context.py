"""What the streams of a run share, made from the settings on first use."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import requests

from tap_twitter.accounts.accounts import Accounts
from tap_twitter.api.bounded import Bounds
from tap_twitter.api.client import Client
from tap_twitter.api.rate_limits import RateLimits
from tap_twitter.api.retries import OF_RUNS
from tap_twitter.api.run import ApiRun
from tap_twitter.api.vocabulary import CurrentVocabulary, Vocabulary
from tap_twitter.auth.keyring import Keyring
from tap_twitter.auth.token_store import TokenStore
from tap_twitter.clock import Clock, SystemClock
from tap_twitter.cost.ledger import Budget, Ledger, prices
from tap_twitter.errors import OnAccountFailure
from tap_twitter.singer.constant_columns import ConstantColumns
from tap_twitter.singer.receiver import Receiver
from tap_twitter.streams.account_directory import AccountDirectory
from tap_twitter.streams.ads_accounts import AdsAccounts
from tap_twitter.streams.ads_posts import AdsPosts
from tap_twitter.streams.failures import Failures
from tap_twitter.streams.progress import ProgressReport
from tap_twitter.streams.recent_posts import RecentPosts
from tap_twitter.streams.shard import Shard
from tap_twitter.streams.store_settings import StoreSettings

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Mapping, Sequence

    from dataset_store import DatasetStore
    from tap_twitter.auth.credentials import AuthKind


class SelectedStream(Protocol):
    """A stream, as far as the context of its run knows it."""

    name: str

    @property
    def kinds(self) -> frozenset[AuthKind]:
        """The kinds of credentials that may read the stream."""


class RunContext:
    """The parts of one run that its streams share, such as X's limits and the bill.

    Args:
        config: The settings of the tap.
        logger: Receives messages that belong to no single stream.
        user_agent: The name that the tap sends to X.
        flush: Hands the written rows to the target.
        selected: Returns the selected streams in reading order.

    Attributes:
        clock: Tells the time and sleeps.
        endurance: How long to outlast faults of X.
        known_ids: The ids of accounts from X, by handle or login, as the state has them.
        may_count: Whether the plan may buy the counts of what searches find.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        logger: logging.Logger,
        user_agent: str,
        flush: Callable[[], None],
        selected: Callable[[], Sequence[SelectedStream]],
    ) -> None:
        self.clock: Clock = SystemClock()
        self.endurance = OF_RUNS
        self.known_ids: dict[str, str] = {}
        self.may_count = False
        self._config = config
        self._logger = logger
        self._user_agent = user_agent
        self._flush = flush
        self._selected = selected

    @property
    def selected_streams(self) -> Sequence[SelectedStream]:
        """The selected streams in reading order."""
        return self._selected()

    def _kinds(self) -> list[frozenset[AuthKind]]:
        return [each.kinds for each in self.selected_streams]

    @cached_property
    def api(self) -> ApiRun:
        """What all requests of the run share."""
        settings, owner_id = self._config["api"], self._config["budget"].get("app_owner_id")
        return ApiRun(
            self._client,
            Ledger(prices(self._config), self.clock, Budget.from_config(self._config)),
            CurrentVocabulary(Vocabulary(settings["vocabulary"])),
            settings,
            None if owner_id is None else str(owner_id),
            before_wait=self._before_wait,
            on_answer=self.progress.answered,
        )

    @cached_property
    def limits(self) -> RateLimits:
        """X's rate limits, as its responses report them."""
        longest = self._config["api"]["max_wait_seconds"]
        return RateLimits(self.clock, longest, self._logger, endurance=self.endurance)

    @cached_property
    def _client(self) -> Client:
        api, endurance = self._config["api"], self.endurance
        return Client(
            requests.Session(),
            self.limits,
            Bounds(endurance.timeout(api["timeout_seconds"]), api["max_response_mb"]),
            user_agent=api.get("user_agent") or self._user_agent,
            concurrency=api["concurrency"],
        )

    def _before_wait(self) -> None:
        """Hand all rows to the target, and check that it takes them, before more is bought."""
        self._flush()
        self._receiver.await_acceptance()

    @cached_property
    def _receiver(self) -> Receiver:
        return Receiver(self.clock)

    @cached_property
    def keyring(self) -> Keyring:
        """Makes credentials from settings and connected logins."""
        api = self._config["api"]
        store = TokenStore(Path(self._config["auth"]["token_store"]))
        oauth_url = api.get("oauth_url") or api["base_url"]
        return Keyring(store, oauth_url, self._client.post_form, self.clock)

    @cached_property
    def accounts(self) -> Accounts:
        """The accounts to read, and their credentials."""
        return Accounts(self._config, self.keyring, self._kinds)

    @cached_property
    def directory(self) -> AccountDirectory:
        """X's answers about the accounts, requested once per run."""
        return AccountDirectory(self.accounts, self.clock, self.known_ids)

    @cached_property
    def ads_accounts(self) -> AdsAccounts:
        """The ads accounts that the users see, requested once in a run."""
        return AdsAccounts(self.accounts)

    @cached_property
    def ads_posts(self) -> AdsPosts:
        """The posts of ads accounts whose lists were read in this run."""
        return AdsPosts()

    @cached_property
    def recent_posts(self) -> RecentPosts:
        """The newest posts of the accounts, bought once per run."""
        return RecentPosts()

    @cached_property
    def store_settings(self) -> StoreSettings:
        """The settings of the dataset store.

        Raises:
            SettingError: The settings contradict each other.
        """
        return StoreSettings.from_config(self._config)

    @cached_property
    def datasets(self) -> DatasetStore:
        """The store of the input datasets, and of the rows if the target uses the same store.

        Raises:
            InputDatasetError: It cannot be opened.
        """
        return self.store_settings.open()

    @cached_property
    def constants(self) -> ConstantColumns:
        """The constant columns of every row of every stream."""
        return ConstantColumns.from_config(self._config)

    @cached_property
    def shard(self) -> Shard:
        """The part of the work of this run."""
        return Shard.from_config(self._config)

    @cached_property
    def progress(self) -> ProgressReport:
        """The progress of the run."""
        return ProgressReport(self.clock, self._logger)

    @cached_property
    def failures(self) -> Failures:
        """The failures of streams, and of single accounts."""
        return Failures(OnAccountFailure(self._config["on_account_failure"]), self._logger)
