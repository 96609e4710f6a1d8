"""The base of all streams that are read partition by partition: bookmarks, rotation, STATE."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tap_twitter.singer import state as saved_state
from tap_twitter.streams.base import XStream
from tap_twitter.streams.rotation import FIRST, Rotation, in_turn
from tap_twitter.streams.stored_rows import StoredRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from singer_sdk.helpers.types import Context

    from tap_twitter.auth.account import Account
    from tap_twitter.cost.plan import Demand

FIRST_WAIT_SECONDS: Final = 2.0
"""From a target's reading of the first rows until they are seen to be stored."""


class PartitionedStream(XStream):
    """A stream with a partition for each of the accounts that are read.

    Subclasses give `read_account`, which keeps its bookmark with `write_bookmark`
    after each page. What it raises ends the reading of that account; the others go on, and its
    bookmark stays.

    The SDK's own bookmarks are not used: they would take the newest value that was seen, also of an
    account that fails in the middle, and skip what lies behind it.
    """

    PARTITION_KEY: ClassVar = "account_id"
    """What tells partitions apart in the state."""

    BOOKMARK: ClassVar = "cursor"
    """Where a partition's bookmark holds how far an account was read."""

    _requests_before = 0

    @cached_property
    def rotation(self) -> Rotation:
        """The accounts that the budget of the run did not reach."""
        return Rotation(self.key_of)

    def read_account(self, account: Account) -> Iterator[dict[str, Any]]:
        """Give the rows of an account, whose id is known.

        Raises:
            TapError: The account cannot be read any further.
        """
        raise NotImplementedError

    def bookmark(self, account: Account) -> Any:
        """What `write_bookmark` has kept of an account in any run; None where it has not."""
        key = self.key_of(account)
        return self._saved[key] if key in self._saved else self._bookmarks.get(key)

    @cached_property
    def _bookmarks(self) -> dict[str | None, Any]:
        """What earlier runs have kept, by partition; found at once, as there may be thousands."""
        # `stream_state` would make a bookmark where none is
        bookmark = self.tap_state.get("bookmarks", {}).get(self.name, {})
        found: dict[str | None, Any] = {}
        for partition in saved_state.partitions(bookmark, self.PARTITION_KEY):
            if partition["context"].keys() == {self.PARTITION_KEY}:
                key = partition["context"][self.PARTITION_KEY]
                found.setdefault(key, partition.get(self.BOOKMARK))
        return found

    @cached_property
    def _saved(self) -> dict[str | None, Any]:
        """What this run has kept, by account."""
        return {}

    def write_bookmark(self, account: Account, bookmark: Any) -> None:
        """Keep how far an account was read, and write a STATE."""
        self.set_bookmark(account, bookmark)
        self.output.write_state()

    def set_bookmark(self, account: Account, bookmark: Any) -> None:
        """Keep how far an account was read, for the next STATE."""
        self.get_context_state(self.context_of(account))[self.BOOKMARK] = bookmark
        self._saved[self.key_of(account)] = bookmark

    @cached_property
    def stored_rows(self) -> StoredRows:
        """What can be seen of the rows that were sent."""
        return StoredRows(self.run.datasets, self.run.clock, FIRST_WAIT_SECONDS)

    @property
    def allowed(self) -> list[Account]:
        """Those of the accounts that X would not refuse."""
        return [each for each in self.accounts if each.name not in self.refused]

    @property
    def planned(self) -> list[Account]:
        """The accounts to read, as far as that is known without asking X."""
        return self.allowed

    @cached_property
    def identified(self) -> Mapping[str, Account]:
        """The accounts to read by the values of the partition key."""
        accounts = self.allowed
        if self.ABORT_AT_RECORD_COUNT is not None:
            accounts = accounts[:1]  # the SDK ends a test after one row
        return self.in_turn({str(self.key_of(each)): each for each in accounts})

    def in_turn(self, accounts: Mapping[str, Account]) -> dict[str, Account]:
        """Accounts by key, beginning with the one that the run before has left out."""
        # `stream_state` would make a bookmark where none is
        return in_turn(accounts, self.tap_state.get("bookmarks", {}).get(self.name, {}))

    def identifying_demands(self) -> Iterable[Demand]:
        """What finding out the partitions requests."""
        return ()

    def key_of(self, account: Account) -> str | None:
        """The value of the partition key for an account."""
        return account.user_id

    def context_of(self, account: Account) -> dict[str, Any]:
        """What stands for an account's partition in the state."""
        return {self.PARTITION_KEY: self.key_of(account)}

    @property
    def partitions(self) -> list[dict[str, Any]] | None:
        """The accounts as contexts."""
        return [self.context_of(account) for account in self.identified.values()]

    def account_of(self, context: Context | None) -> Account:
        """The account of a partition."""
        return self.identified[context[self.PARTITION_KEY]] if context else super().account_of(None)

    def read(self, context: Context | None) -> Iterator[dict[str, Any]]:
        """Give the rows of a partition; without accounts the SDK asks for those of none."""
        if context:
            self._count_requests_anew()
            yield from self.read_account(self.account_of(context))

    def write_rows(self, context: Context | None) -> None:
        """Read the accounts; then keep whom the next run begins with."""
        self.stream_state.setdefault(FIRST, None)
        super().write_rows(context)
        self.rotation.tell(self.name, self.logger)
        if self.rotation.keep(self.stream_state):
            self.output.write_state()

    def _count_requests_anew(self) -> None:
        """Take what was asked so far for no reading of the account."""
        self._requests_before = self.run.api.ledger.tallies[self.name].requests

    def leave_out(self, account: Account) -> bool:
        """Note an account that the budget, which is used up, keeps from being read.

        Returns:
            Whether nothing of it was bought in this run; such accounts are told together.
        """
        if self.run.api.ledger.tallies[self.name].requests > self._requests_before:
            return False
        self.rotation.add(account)
        return True
