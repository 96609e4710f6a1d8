"""What all streams of a run share: made of the settings when it is first needed."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from tap_twitter.accounts.accounts import Account, Accounts
from tap_twitter.api.bounded import Bounds
from tap_twitter.api.client import Client
from tap_twitter.api.engagement import EngagementApi
from tap_twitter.api.quota import QuotaGuard
from tap_twitter.api.rate_limits import RateLimits
from tap_twitter.api.retries import OF_RUNS
from tap_twitter.api.vocabulary import CurrentVocabulary, Vocabulary
from tap_twitter.auth.keyring import Keyring
from tap_twitter.auth.token_store import TokenStore
from tap_twitter.clock import Clock, SystemClock
from tap_twitter.command.command_line import CommandLineTap
from tap_twitter.cost.ledger import Budget, Ledger, prices
from tap_twitter.singer import state as saved_state
from tap_twitter.singer.constant_columns import ConstantColumns
from tap_twitter.singer.receiver import Receiver
from tap_twitter.streams.account_directory import AccountDirectory
from tap_twitter.streams.failures import Failures, OnAccountFailure
from tap_twitter.streams.progress import ProgressReport
from tap_twitter.streams.recent_posts import RecentPosts
from tap_twitter.streams.shard import Shard
from tap_twitter.streams.store_settings import StoreSettings

if TYPE_CHECKING:
    from dataset_store import DatasetStore
    from tap_twitter.singer.writer import MessageWriter


class SharedParts(CommandLineTap):
    """The parts of a tap that its streams share, such as X's limits and the bill."""

    message_writer: MessageWriter
    clock: Clock = SystemClock()
    endurance = OF_RUNS
    """How much is done to outlast faults of X."""

    @cached_property
    def client(self) -> Client:
        """What all requests go through; X's limits hold for all streams together."""
        api = self.config["api"]
        longest, endurance = api["max_wait_seconds"], self.endurance
        return Client(
            requests.Session(),
            RateLimits(self.clock, longest, self.logger, endurance=endurance),
            Bounds(endurance.timeout(api["timeout_seconds"]), api["max_response_mb"]),
            user_agent=api.get("user_agent") or f"{self.name}/{self.plugin_version}",
            concurrency=api["concurrency"],
        )

    @cached_property
    def receiver(self) -> Receiver:
        """What can be seen of the program that takes the rows."""
        return Receiver(self.clock)

    @cached_property
    def keyring(self) -> Keyring:
        """Makes credentials of settings and connected logins."""
        api = self.config["api"]
        store = TokenStore(Path(self.config["auth"]["token_store"]))
        oauth_url = api.get("oauth_url") or api["base_url"]
        return Keyring(store, oauth_url, self.client.post_form, self.clock)

    @cached_property
    def accounts(self) -> Accounts:
        """Whose data is read, and with which credentials."""
        return Accounts(self.config, self.keyring)

    @property
    def asker(self) -> Account:
        """The account of the default credentials.

        Raises:
            SettingError: There are no such credentials.
        """
        return self.accounts.default

    @cached_property
    def users(self) -> AccountDirectory:
        """What X says of the accounts, asked once in a run."""
        return AccountDirectory(self.accounts, self.clock)

    @cached_property
    def known_ids(self) -> dict[str, str]:
        """The ids of accounts that X has told, by handle or login; read from the state once."""
        return saved_state.known_ids(self.state)

    @cached_property
    def recent_posts(self) -> RecentPosts:
        """The newest posts of the accounts, bought once in a run."""
        return RecentPosts()

    @cached_property
    def engagement(self) -> EngagementApi:
        """X's Engagement API."""
        return EngagementApi(self.client, self.config["api"]["engagement_url"])

    @cached_property
    def store_settings(self) -> StoreSettings:
        """Where datasets live.

        Raises:
            SettingError: The settings contradict each other.
        """
        return StoreSettings.from_config(self.config)

    @cached_property
    def datasets(self) -> DatasetStore:
        """The store of the input datasets, and of the rows if the target uses the same store.

        Raises:
            InputDatasetError: It cannot be opened.
        """
        return self.store_settings.open()

    @cached_property
    def constants(self) -> ConstantColumns:
        """The columns that every row of every stream gets."""
        return ConstantColumns.from_config(self.config)

    @cached_property
    def vocabulary(self) -> CurrentVocabulary:
        """The words that X is spoken to in."""
        return CurrentVocabulary(Vocabulary(self.config["api"]["vocabulary"]))

    @cached_property
    def shard(self) -> Shard:
        """The part of the work that this run takes."""
        return Shard.from_config(self.config)

    @cached_property
    def ledger(self) -> Ledger:
        """The bill of this run, and what is left of its budget."""
        return Ledger(prices(self.config), self.clock, Budget.from_config(self.config))

    @cached_property
    def quota(self) -> QuotaGuard:
        """What X has said is used up."""
        return QuotaGuard()

    @cached_property
    def progress(self) -> ProgressReport:
        """How far the run has come."""
        return ProgressReport(self.clock, self.logger)

    @cached_property
    def failures(self) -> Failures:
        """What ended a stream, or the reading of an account, before its end."""
        return Failures(OnAccountFailure(self.config["on_account_failure"]), self.logger)
