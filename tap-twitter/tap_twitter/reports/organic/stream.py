"""The base of the organic streams: an ads account is a partition."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tap_twitter.api.endpoints.ads import ADS_ACCOUNTS
from tap_twitter.auth.account import Account
from tap_twitter.errors import AccessError, AccountError, Failure, SettingError, TapError
from tap_twitter.objects.fields import json_schema
from tap_twitter.reports.organic.columns import DELETED, SYNCED
from tap_twitter.reports.organic.settings import SyncMode
from tap_twitter.singer import state as saved_state
from tap_twitter.streams.base import FoundByTest
from tap_twitter.streams.partitioned import PartitionedStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from singer_sdk.helpers.types import Context

    from tap_twitter.cost.plan import Demand
    from tap_twitter.objects.fields import Column
    from tap_twitter.streams.ads_accounts import AdsAccount

NOT_SEEN: Final = (
    "X does not show this ads account to any user of the credentials: check 'organic.accounts', "
    "and the user's role in the account's settings at ads.x.com."
)
NONE_SEEN: Final = (
    "X shows no ads account to the user of the credentials. Organic data belongs to ads accounts: "
    "open one at ads.x.com, or have an administrator give the user a role in one."
)
NONE_LISTED: Final = (
    "Setting 'organic.accounts' is missing: 'organic.sync_mode' is SpecificAccounts, so list the "
    "ids of the ads accounts to read, or give them as 'ads_account_id' in 'accounts'."
)
OPEN_ENDED: Final = (
    "X does not tell how much an ads account holds before it is read: the plan of the organic "
    "streams has the first request of each list and account that the settings or the state name."
)


class OrganicStream(PartitionedStream[Account]):
    """A stream of what X keeps of ads accounts."""

    PARTITION_KEY = "ads_account_id"
    selected_by_default = False
    """X gives it to users of ads accounts alone."""

    FOUND_BY_TEST = "ads account"

    FINDS_DELETIONS: ClassVar = False
    """Whether rows that a complete read does not give again are deleted."""

    TAKES_DELETED: ClassVar = False
    """Whether closed ads accounts have rows, too."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """The group `organic`."""
        settings: Mapping[str, Any] = self.config["organic"]
        return settings

    @property
    def columns(self) -> Sequence[Column]:
        """The columns by the settings."""
        if not self.settings["fivetran_columns"]:
            return self.COLUMNS
        return (*self.COLUMNS, *((DELETED,) if self.FINDS_DELETIONS else ()), SYNCED)

    @cached_property
    def own_schema(self) -> dict[str, Any]:
        """The stream's schema by the settings."""
        return json_schema(self.name, self.columns)

    @property
    def users(self) -> Sequence[Account]:
        """In whose names X is asked for ads accounts."""
        return self.run.ads_accounts.users

    @property
    def subjects(self) -> Sequence[Account]:
        """The ads accounts to read; before X has listed them, the users who see them.

        Users for whom X did not list any are among them, so that their failures count.
        """
        ads = self.run.ads_accounts
        if not ads.found and not ads.errors:
            return self.users
        failed = [each for each in self.users if each.name in ads.errors]
        return [*failed, *(each.asker for each in self._chosen.values())]

    def prepare(self) -> None:
        """Check settings, credentials and bookmarks.

        Raises:
            TapError: A setting or the state does not serve, or X would refuse all users.
        """
        if self._is_specific and not self._named:
            raise SettingError(NONE_LISTED)
        super().prepare()
        _ = self.stored_rows
        for bookmark in self._bookmarks.values():
            self.check_bookmark(bookmark)

    def check_bookmark(self, bookmark: Any) -> None:
        """Make sure of what an earlier run has kept of an ads account.

        Raises:
            StateError: It is none of the stream's.
        """

    @cached_property
    def identified(self) -> dict[str, Account]:
        """The ads accounts to read by their ids; X lists them once in a run."""
        ads = self.run.ads_accounts
        allowed = [each for each in self.users if each.name not in self.refused]
        try:
            ads.look_up(self.requester, allowed)
        except Exception as unforeseen:  # noqa: BLE001 - other streams go on, whatever it is
            self._fail(self._unexpected(unforeseen))
            return {}
        for name, error in ads.errors.items():
            self.run.failures.add(Failure(self.name, error, name))
        if ads.is_complete:
            self._tell_missing()
        else:
            self.logger.warning(
                "The budget of the run was used up before X had listed the ads accounts of '%s'.",
                self.name,
            )
        chosen = {key: each.asker for key, each in self._chosen.items()}
        if self.is_test:
            chosen = dict(list(chosen.items())[:1])  # the SDK ends a test after one row
        return self.in_turn(chosen)

    def ads_account(self, account: Account) -> AdsAccount:
        """What X has said of an ads account."""
        return self.run.ads_accounts.found[account.name]

    def read(self, context: Context | None) -> Iterator[dict[str, Any]]:
        """Give the rows of an ads account, unless the budget does not let anything be asked."""
        if context and not self.requester.affordable(
            self.ENDPOINTS[-1], 1, self.partition_of(context)
        ):
            self._count_requests_anew()
            self.leave_out(self.partition_of(context))
        else:
            yield from super().read(context)

    def endpoints_for(self, account: Account) -> Sequence[Any]:  # noqa: ARG002
        """The listing of ads accounts: `--test` knows none of them to ask about."""
        return [ADS_ACCOUNTS]

    def found_by_test(self) -> Iterator[FoundByTest]:
        """Each ads account to read, with the user's roles in it."""
        ads = self.run.ads_accounts
        ads.look_up(self.requester, [each for each in self.users if each.name not in self.refused])
        for account_id in self._unseen:
            asker = replace(self.users[0], name=account_id, user_id=account_id)
            yield FoundByTest(asker, error=AccountError(NOT_SEEN))
        if not ads.found and not ads.errors and ads.is_complete:
            yield FoundByTest(self.users[0], error=AccessError(NONE_SEEN))
        for account_id, each in self._chosen.items():
            try:
                roles = ads.roles(self.requester, account_id)
            except TapError as error:
                yield FoundByTest(each.asker, error=error)
            else:
                yield FoundByTest(each.asker, self.ENDPOINTS[-1], roles)

    @property
    def _unseen(self) -> list[str]:
        """The ads accounts of the settings that X does not show."""
        ads = self.run.ads_accounts
        return [
            each
            for each in (self._named if self._is_specific else ())
            if ads.is_complete and each not in ads.found and self.run.shard.takes(each)
        ]

    def demands(self) -> Iterator[Demand]:
        """The listing of ads accounts, and the first request about each that is known."""
        first = next(
            (each for each in self.run.selected_streams if isinstance(each, OrganicStream)), self
        )
        for user in self.users if first is self else ():
            yield self.requester.demand(ADS_ACCOUNTS, 1, user)
        if self.is_read_here and self.users:
            yield from self._first_requests(self.users[0])

    @property
    def is_read_here(self) -> bool:
        """Whether the stream's requests are its own, rather than those of a stream before it."""
        return True

    @property
    def plan_notes(self) -> tuple[str, ...]:
        """What `demands` cannot know."""
        return (OPEN_ENDED,) if self.is_read_here else ()

    def synced(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Rows with the columns that the settings add."""
        if not self.settings["fivetran_columns"]:
            yield from rows
            return
        now = self.run.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        added = {DELETED.name: False} if self.FINDS_DELETIONS else {}
        for row in rows:
            yield {**row, **added, SYNCED.name: now}

    def stop(self, account: Account) -> None:
        """Warn that the budget has ended the read of an account, with which the next run begins."""
        self.rotation.add(account, is_begun=True)
        self.requester.warn_of_budget(
            f"'{self.name}' was not read to its end for ads account '{account.name}'. The next "
            "run resumes there."
        )

    def _first_requests(self, user: Account) -> Iterator[Demand]:
        named = self._named if self._is_specific else None
        partitions = saved_state.partitions(
            self.tap_state.get("bookmarks", {}).get(self.name, {}), self.PARTITION_KEY
        )
        count = len(named or list(partitions)) or 1
        for _ in range(count):
            demand = self.requester.demand(self.ENDPOINTS[-1], 1, user)
            yield demand._replace(open_ended=True)

    @property
    def _named(self) -> list[str]:
        """The ads accounts that the settings name."""
        listed = self.settings.get("accounts") or []
        return list(dict.fromkeys([*listed, *self.run.ads_accounts.assigned]))

    @property
    def _is_specific(self) -> bool:
        return SyncMode(self.settings["sync_mode"]) is SyncMode.SPECIFIC

    @property
    def _chosen(self) -> dict[str, AdsAccount]:
        """The ads accounts that the settings choose, of those that X has listed."""
        found = self.run.ads_accounts.found
        chosen = {each: found[each] for each in self._named if each in found}
        return {
            key: each
            for key, each in (chosen if self._is_specific else found).items()
            if (self.TAKES_DELETED or not each.is_deleted) and self.run.shard.takes(key)
        }

    def _tell_missing(self) -> None:
        """Let the run fail for ads accounts that X does not show."""
        ads = self.run.ads_accounts
        for account_id in self._unseen:
            self.run.failures.add(Failure(self.name, AccountError(NOT_SEEN), account_id))
        if not ads.found and not ads.errors:
            self._fail(AccessError(NONE_SEEN))

    def _fail(self, error: TapError) -> None:
        self.run.failures.add(Failure(self.name, error, is_of_stream=True))
