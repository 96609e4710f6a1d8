"""The base of all streams that are read account by account."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tap_twitter.api.endpoints.v2 import USERS_BY
from tap_twitter.errors import AccessError, AccountError, Failure, TapError
from tap_twitter.singer import state as saved_state
from tap_twitter.streams.base import XStream
from tap_twitter.streams.ownership import NO_OWN, condition, depends_on_id, refusal
from tap_twitter.streams.rotation import FIRST, Rotation, in_turn
from tap_twitter.streams.stored_rows import StoredRows
from tap_twitter.values import text

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from singer_sdk.helpers.types import Context

    from tap_twitter.auth.account import Account
    from tap_twitter.cost.plan import Demand

FIRST_WAIT_SECONDS: Final = 2.0
"""From a target's reading of the first rows until they are seen to be stored."""


class AccountStream(XStream):
    """A stream with a partition for each account of this run's shard.

    Subclasses give `read_account`, which keeps its cursor with `save_cursor` after each page. What
    it raises ends the reading of that account; the others go on, and its cursor stays.

    The SDK's own bookmarks are not used: they would take the newest value that was seen, also of an
    account that fails in the middle, and skip what lies behind it.
    """

    CURSOR: ClassVar = "cursor"
    """Where a partition's bookmark holds how far an account was read."""

    _requests_before = 0

    @cached_property
    def rotation(self) -> Rotation:
        """The accounts that the budget of the run did not reach."""
        return Rotation()

    def read_account(self, account: Account) -> Iterator[dict[str, Any]]:
        """Give the rows of an account, whose id is known.

        Raises:
            TapError: The account cannot be read any further.
        """
        raise NotImplementedError

    def cursor(self, account: Account) -> Any:
        """What `save_cursor` has kept of an account, in this run or an earlier one; else None."""
        if account.user_id in self._saved:
            return self._saved[account.user_id]
        return self._cursors.get(account.user_id)

    @cached_property
    def _cursors(self) -> dict[str | None, Any]:
        """What earlier runs have kept, by account; found at once, as there may be thousands."""
        found: dict[str | None, Any] = {}
        for partition in self._remembered(self.name):
            if partition["context"].keys() == {"account_id"}:
                found.setdefault(partition["context"]["account_id"], partition.get(self.CURSOR))
        return found

    @cached_property
    def _saved(self) -> dict[str | None, Any]:
        """What this run has kept, by account."""
        return {}

    def save_cursor(self, account: Account, cursor: Any) -> None:
        """Keep how far an account was read, and write a STATE."""
        self.keep_cursor(account, cursor)
        self._write_state_message()

    def keep_cursor(self, account: Account, cursor: Any) -> None:
        """Keep how far an account was read, for the next STATE."""
        self.get_context_state(_context(account))[self.CURSOR] = cursor
        self._saved[account.user_id] = cursor
        self.state_manager.is_flushed = False

    @cached_property
    def stored_rows(self) -> StoredRows:
        """What can be seen of the rows that were sent."""
        return StoredRows(self.run.datasets, self.run.clock, FIRST_WAIT_SECONDS)

    @cached_property
    def accounts(self) -> list[Account]:
        """The accounts to read, as the settings tell them.

        Raises:
            TapError: The settings name none that the stream could read.
        """
        # a shard takes an account by what the settings tell, whatever the state has learned
        with_known_id = self.run.directory.with_known_id
        listed = [(each.key, with_known_id(each)) for each in self.run.accounts.listed]
        serving = [(key, account) for key, account in listed if self.serves(account)]
        if not serving:
            raise AccessError(NO_OWN.format(self.name))
        return [account for key, account in serving if self.run.shard.takes(key)]

    @property
    def allowed(self) -> list[Account]:
        """Those of the accounts that X would not refuse."""
        return [each for each in self.accounts if each.name not in self.refused]

    @property
    def undecided(self) -> list[Account]:
        """Accounts by handle in whose names X is asked for private things."""
        return [each for each in self.allowed if depends_on_id(each, self.endpoints_for(each))]

    @property
    def conditions(self) -> tuple[str, ...]:
        """What the plan says of them."""
        return (condition(self.name, undecided),) if (undecided := self.undecided) else ()

    @cached_property
    def identified(self) -> dict[str, Account]:
        """The accounts by their ids; X is asked for ids that neither settings nor state tell."""
        accounts = self.allowed
        if self.ABORT_AT_RECORD_COUNT is not None:
            accounts = accounts[:1]  # the SDK ends a test after one row
        known = {each.name: self.run.directory.known_id(each) for each in accounts}
        self._look_up(each for each in accounts if known[each.name] is None)
        found: dict[str, Account] = {}
        for account in accounts:
            if user_id := known[account.name] or self._found_id(account):
                self._add(found, replace(account, user_id=user_id))
        if self._others and not found:
            error = AccessError(NO_OWN.format(self.name))
            self.run.failures.add(Failure(self.name, error, is_of_stream=True))
        # `stream_state` would make a bookmark where none is
        return in_turn(found, self.tap_state.get("bookmarks", {}).get(self.name, {}))

    @property
    def partitions(self) -> list[dict[str, Any]] | None:
        """The accounts as contexts."""
        return [_context(account) for account in self.identified.values()]

    def account_of(self, context: Context | None) -> Account:
        """The account of a partition."""
        return self.identified[context["account_id"]] if context else super().account_of(None)

    def read(self, context: Context | None) -> Iterator[dict[str, Any]]:
        """Give the rows of a partition; without accounts the SDK asks for those of none."""
        if context:
            self._count_requests_anew()
            yield from self.read_account(self.account_of(context))

    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[dict[str, Any], Any, Any]:
        """Read the accounts; then keep whom the next run begins with."""
        if write_messages:
            self.stream_state.setdefault(FIRST, None)
        yield from super()._sync_records(context, write_messages=write_messages)
        self.rotation.tell(self.name, self.logger)
        if self.rotation.keep(self.stream_state) and write_messages:
            self.state_manager.is_flushed = False
            self._write_state_message()

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

    def username_of(self, account: Account) -> str | None:
        """The handle of an account, where this run knows it."""
        return self.run.directory.username_of(account)

    def identifying_demands(self) -> Iterator[Demand]:
        """What finding out the accounts' ids asks X for; the first stream that reads one pays."""
        before = takewhile(lambda each: each is not self, self.run.selected_streams)
        streams = (each for each in before if isinstance(each, AccountStream))
        paid = {account.name for stream in streams for account in stream.allowed}
        accounts = [each for each in self.allowed if each.name not in paid]
        unknown = [each for each in accounts if self.run.directory.known_id(each) is None]
        if unknown:
            asker = self.run.directory.askers(USERS_BY)[0]
            yield self.requester.demand(USERS_BY, len(unknown), asker)

    def _increment_stream_state(self, *_: Any, **__: Any) -> None:
        """Leave the bookmarks alone; see the class."""

    @cached_property
    def _others(self) -> list[Account]:
        """Accounts that have turned out to be others than those of the credentials."""
        return []

    def serves(self, account: Account) -> bool:
        """Whether the stream could read an account; private data only with its own credentials."""
        is_private = any(endpoint.is_private for endpoint in self.ENDPOINTS)
        own = any(account.may_be_asked_as(each) for each in account.credentials)
        if is_private and not (account.has_own or own):
            self.logger.info(
                "'%s' passes over account '%s': it has no credentials of its own.",
                self.name,
                account.name,
            )
            return False
        return True

    def _look_up(self, unknown: Iterable[Account]) -> None:
        wanted = list(unknown)
        try:
            self.run.directory.look_up(self.requester, wanted)
        except Exception as error:  # noqa: BLE001 - other accounts go on, whatever it is
            known = error if isinstance(error, TapError) else self._unexpected(error)
            for account in wanted:
                if not self.run.directory.is_known(account):
                    self.run.failures.add(Failure(self.name, known, account.name))

    def _found_id(self, account: Account) -> str | None:
        """The id in X's answer about an account, which the bookmark remembers from now on."""
        if not self.run.directory.is_known(account):
            return None
        try:
            user_id = text(self.run.directory.user_of(account).get("id"))
        except AccountError as error:
            self.run.failures.add(Failure(self.name, error, account.name))
            return None
        if user_id and account.alias:
            now = self.run.clock.now().isoformat(timespec="seconds")
            bookmark = self.get_context_state({"account_id": user_id})
            bookmark |= {"identified_by": account.alias, "identified_at": now}
            self.run.directory.remember(account.alias, user_id)
        return user_id

    def _remembered(self, stream: str) -> Iterator[dict[str, Any]]:
        """The accounts' partitions of a stream in the state."""
        # `stream_state` would make a bookmark where none is
        bookmarks: dict[str, Any] = dict(self.tap_state.get("bookmarks", {}))
        return saved_state.account_partitions(bookmarks.get(stream, {}))

    def _add(self, found: dict[str, Account], account: Account) -> None:
        """Take an account, unless another entry of the settings means the same."""
        other = found.setdefault(str(account.user_id), account)
        if other is not account:
            msg = (
                f"it is the same as account '{other.name}', which is read: take one of them out of "
                "'accounts'."
            )
            self.run.failures.add(Failure(self.name, AccountError(msg), account.name))
        elif not self.serves(account):
            del found[str(account.user_id)]
            self._others.append(account)
        elif error := refusal(account, self.endpoints_for(account)):
            del found[str(account.user_id)]
            self.run.failures.add(Failure(self.name, error, account.name))


def _context(account: Account) -> dict[str, Any]:
    return {"account_id": account.user_id}
