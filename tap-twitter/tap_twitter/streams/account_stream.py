"""Base class of all streams with one partition per X user; it resolves the ids first."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING

from tap_twitter.api.endpoints.v2 import USERS_BY
from tap_twitter.auth.account import Account
from tap_twitter.errors import AccessError, AccountError, Failure, TapError
from tap_twitter.streams.ownership import NO_OWN, condition, depends_on_id, refusal
from tap_twitter.streams.partitioned import PartitionedStream
from tap_twitter.values import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_twitter.cost.plan import Demand


class AccountStream(PartitionedStream[Account]):
    """A stream with one partition per account of this run's shard, keyed by X's user id."""

    @cached_property
    def subjects(self) -> list[Account]:
        """The accounts to read, according to the settings.

        Raises:
            TapError: The settings name no account that the stream could read.
        """
        # a shard assigns accounts by the settings alone, whatever ids the state holds
        with_known_id = self.run.directory.with_known_id
        listed = [(each.key, with_known_id(each)) for each in self.run.accounts.listed]
        serving = [(key, account) for key, account in listed if self.serves(account)]
        if not serving:
            raise AccessError(NO_OWN.format(self.name))
        return [account for key, account in serving if self.run.shard.takes(key)]

    @property
    def planned(self) -> list[Account]:
        """The accounts to read, with their ids if the settings or the state hold them."""
        return list(map(self.run.directory.with_known_id, self.allowed))

    @property
    def undecided(self) -> list[Account]:
        """Accounts given by handle that have private data requested in their own names."""
        return [each for each in self.allowed if depends_on_id(each, self.endpoints_for(each))]

    @property
    def conditions(self) -> tuple[str, ...]:
        """The condition that the plan states about the undecided accounts."""
        return (condition(self.name, undecided),) if (undecided := self.undecided) else ()

    @cached_property
    def identified(self) -> dict[str, Account]:
        """The accounts by id; ids that neither settings nor state hold are requested from X."""
        accounts = self.allowed
        if self.is_test:
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
        return self.in_turn(found)

    def username_of(self, account: Account) -> str | None:
        """The handle of an account, or None if this run does not know it."""
        return self.run.directory.username_of(account)

    def identifying_demands(self) -> Iterator[Demand]:
        """The requests that resolve the accounts' ids; the first stream to read an account pays."""
        before = takewhile(lambda each: each is not self, self.run.selected_streams)
        streams = (each for each in before if isinstance(each, AccountStream))
        paid = {account.name for stream in streams for account in stream.allowed}
        accounts = [each for each in self.allowed if each.name not in paid]
        unknown = [each for each in accounts if self.run.directory.known_id(each) is None]
        if unknown:
            asker = self.run.directory.askers(USERS_BY)[0]
            yield self.requester.demand(USERS_BY, len(unknown), asker)

    @cached_property
    def _others(self) -> list[Account]:
        """Accounts whose ids turned out to differ from those of the credentials."""
        return []

    def serves(self, account: Account) -> bool:
        """Whether the stream could read an account; private data needs its own credentials."""
        private = [endpoint for endpoint in self.ENDPOINTS if endpoint.is_private]
        own = any(
            account.may_be_asked_as(credential)
            for credential in account.credentials
            if any(credential.kind in endpoint.kinds for endpoint in private)
        )
        if private and not (account.has_own or own):
            self.logger.info(
                "'%s' skips account '%s': it has no credentials of its own.",
                self.name,
                account.name,
            )
            return False
        return True

    def _look_up(self, unknown: Iterable[Account]) -> None:
        wanted = list(unknown)
        try:
            self.run.directory.look_up(self.requester, wanted)
        except Exception as error:  # noqa: BLE001 - other accounts continue after any error
            known = error if isinstance(error, TapError) else self._unexpected(error)
            for account in wanted:
                if not self.run.directory.is_known(account):
                    self.run.failures.add(Failure(self.name, known, account.name))

    def _found_id(self, account: Account) -> str | None:
        """The id in X's response about an account; the bookmark stores it for later runs."""
        if not self.run.directory.is_known(account):
            return None
        try:
            user_id = text(self.run.directory.user_of(account).get("id"))
        except AccountError as error:
            self.run.failures.add(Failure(self.name, error, account.name))
            return None
        if user_id and account.alias:
            now = self.run.clock.now().isoformat(timespec="seconds")
            bookmark = self.get_context_state({self.PARTITION_KEY: user_id})
            bookmark |= {"identified_by": account.alias, "identified_at": now}
            self.run.directory.remember(account.alias, user_id)
        return user_id

    def _add(self, found: dict[str, Account], account: Account) -> None:
        """Add an account, unless another entry of the settings names the same user."""
        other = found.setdefault(str(account.user_id), account)
        if other is not account:
            msg = (
                f"it is the same as account '{other.name}', which is read: remove one of them from "
                "'accounts'."
            )
            self.run.failures.add(Failure(self.name, AccountError(msg), account.name))
        elif not self.serves(account):
            del found[str(account.user_id)]
            self._others.append(account)
        elif error := refusal(account, self.endpoints_for(account)):
            del found[str(account.user_id)]
            self.run.failures.add(Failure(self.name, error, account.name))
