"""The ads accounts that the users of a run see: one listing for all streams.

X allows 5 of these requests in 15 minutes for each user
(https://docs.x.com/x-ads-api/fundamentals/rate-limiting).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tap_twitter.api.credential_choice import choose_credential
from tap_twitter.api.endpoints.ads import ADS_ACCOUNTS, USER_ACCESS
from tap_twitter.errors import TapError
from tap_twitter.streams.ads_pages import read_pages
from tap_twitter.values import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_twitter.accounts.accounts import Accounts
    from tap_twitter.api.requester import Requester
    from tap_twitter.auth.account import Account


@dataclass(frozen=True, slots=True)
class AdsAccount:
    """An ads account.

    Attributes:
        id: X's id, in base 36.
        timezone: The IANA name of its time zone; None if X gives none.
        is_deleted: Whether it is closed: X shows it and its history, but no posts.
        asker: The ads account as whom requests name, with the credentials of the user who sees it.
    """

    id: str
    timezone: str | None
    is_deleted: bool
    asker: Account


@dataclass
class AdsAccounts:
    """The ads accounts of all users.

    Args:
        accounts: The users, and their credentials.

    Attributes:
        found: By id, in X's order; the first user who sees one asks about it.
        errors: By user: why X did not list theirs.
        is_complete: Whether every user was asked; a budget may end before.
    """

    accounts: Accounts
    found: dict[str, AdsAccount] = field(default_factory=dict, init=False)
    errors: dict[str, TapError] = field(default_factory=dict, init=False)
    is_complete: bool = field(default=False, init=False)
    _asked: set[str] = field(default_factory=set, init=False)
    _roles: dict[str, str] = field(default_factory=dict, init=False)

    @property
    def users(self) -> Sequence[Account]:
        """The users to ask, one for each of their credentials."""
        return list({_login(user): user for user in reversed(self.accounts.listed)}.values())[::-1]

    @cached_property
    def assigned(self) -> dict[str, Account]:
        """By ads account: the user whom the settings let read it."""
        listed = reversed(self.accounts.listed)
        return {user.ads_account_id: user for user in listed if user.ads_account_id}

    def look_up(self, requester: Requester, users: Sequence[Account]) -> None:
        """Have X list the ads accounts of users who were not asked before in this run.

        Args:
            requester: Who asks, and has it on the bill.
            users: Whom X would not refuse.
        """
        for user in users:
            if user.name in self._asked:
                continue
            if not requester.affordable(ADS_ACCOUNTS, 1, user):
                return
            self._asked.add(user.name)
            try:
                for entry in self._listed(requester, user):
                    self._add(entry, user)
            except TapError as error:
                self.errors[user.name] = error
        self.is_complete = True

    def roles(self, requester: Requester, account_id: str) -> str:
        """The roles of the user in an ads account, such as ANALYST, in X's words.

        Raises:
            TapError: X does not say.
        """
        if account_id not in self._roles:
            asker = self.found[account_id].asker
            self._roles[account_id] = requester.fetch(
                USER_ACCESS, {}, _roles, asker, is_budgeted=False
            )
        return self._roles[account_id]

    def _is_for(self, account_id: str, user: Account) -> bool:
        """Whether the settings let a user read an ads account that another one sees, too."""
        assigned = self.assigned.get(account_id)
        return assigned is not None and _login(assigned) == _login(user)

    @staticmethod
    def _listed(requester: Requester, user: Account) -> Iterator[Mapping[str, Any]]:
        params = {"count": str(ADS_ACCOUNTS.per_request), "with_deleted": "true"}
        for page in read_pages(requester, ADS_ACCOUNTS, params, user):
            yield from page.entries

    def _add(self, entry: Mapping[str, Any], user: Account) -> None:
        account_id = text(entry.get("id"))
        if account_id is None or (account_id in self.found and not self._is_for(account_id, user)):
            return
        credential = choose_credential(ADS_ACCOUNTS, user)
        asker = replace(user, name=account_id, user_id=account_id, credentials=(credential,))
        zone, is_deleted = text(entry.get("timezone")), entry.get("deleted") is True
        self.found[account_id] = AdsAccount(account_id, zone, is_deleted, asker)


def _login(user: Account) -> tuple[str, ...]:
    """What tells the credentials of users apart."""
    return tuple(each.name for each in user.credentials)


def _roles(body: Mapping[str, Any]) -> str:
    access = body.get("data")
    given = access.get("permissions") if isinstance(access, dict) else None
    names = filter(None, map(text, given if isinstance(given, list) else ()))
    return ", ".join(sorted(names)) or "no role"
