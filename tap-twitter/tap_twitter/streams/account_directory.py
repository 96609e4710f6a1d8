"""X's answers about the accounts to read: each is bought once per run, for all streams."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.credential_choice import is_allowed
from tap_twitter.api.endpoints.v2 import ME
from tap_twitter.errors import AccessError, AccountError, AuthError, SettingError, TapError
from tap_twitter.objects.user_answers import PROTECTED, Answer, Answers, hint_about
from tap_twitter.objects.user_fields import user_fields
from tap_twitter.objects.user_references import Kind, Reference, handle
from tap_twitter.objects.user_requests import ENDPOINT_OF, ask
from tap_twitter.values import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from tap_twitter.accounts.accounts import Accounts
    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.api.requester import Requester
    from tap_twitter.auth.account import Account
    from tap_twitter.clock import Clock


ADS_ACCOUNT_ID: Final = re.compile(r"18ce[0-9a-z]{6,11}")
"""An ads account's id as X makes them today; it may also be a handle."""

ADS_HINT: Final = (
    " If it is the id of an ads account, list it in 'organic.accounts', or give it as the "
    "'ads_account_id' of an account."
)


class AccountDirectory:
    """The answers of a run about accounts.

    Args:
        accounts: The accounts to read, and their credentials.
        clock: Tells when X has answered.
        known_ids: The ids from earlier answers of X, by alias; new ones are added.
    """

    def __init__(self, accounts: Accounts, clock: Clock, known_ids: dict[str, str]) -> None:
        self._accounts = accounts
        self._known_ids = known_ids
        self._clock = clock
        self._answers: dict[str, Answer] = {}
        self._answered_at: dict[str, datetime] = {}
        self._askers: dict[Endpoint, Sequence[Account]] = {}

    def is_known(self, account: Account) -> bool:
        """Whether X was asked about an account in this run."""
        return account.name in self._answers

    def answer_of(self, account: Account) -> Answer:
        """X's answer about an account that was looked up."""
        return self._answers[account.name]

    def answered_at(self, account: Account) -> datetime:
        """The time of that answer."""
        return self._answered_at[account.name]

    def user_of(self, account: Account) -> Mapping[str, Any]:
        """The user object of an account that was looked up, in `tweet` words.

        Raises:
            AccountError: X gives none, because the account is suspended, protected or missing.
        """
        answer = self._answers[account.name]
        if answer.user is None:
            is_ads_account = ADS_ACCOUNT_ID.fullmatch(account.username or "")
            msg = f"{hint_about(answer.status)}.{ADS_HINT if is_ads_account else ''}"
            raise AccountError(msg)
        return answer.user

    def username_of(self, account: Account) -> str | None:
        """The handle of an account, from X's answer or the settings; None if neither has it."""
        user = self._answers[account.name].user if self.is_known(account) else None
        return text((user or {}).get("username")) or account.username

    def known_id(self, account: Account) -> str | None:
        """The id of an account, from the settings or from X's answer in any run."""
        if account.user_id or account.alias is None:
            return account.user_id
        return self._known_ids.get(account.alias)

    def with_known_id(self, account: Account) -> Account:
        """The account with its id, if known."""
        return replace(account, user_id=self.known_id(account))

    def remember(self, alias: str, user_id: str) -> None:
        """Keep the id of an account from X's answer."""
        self._known_ids[alias] = user_id

    def identified(self, account: Account) -> Account | None:
        """An account with the id from X's answer; None if X was not asked.

        Raises:
            AccountError: X knows no such account.
        """
        if not self.is_known(account):
            return None
        return replace(account, user_id=text(self.user_of(account).get("id")))

    def look_up(self, requester: Requester, accounts: Iterable[Account]) -> None:
        """Ask X about the accounts that this run has not asked about, within the budget.

        Args:
            requester: Makes the requests, which are entered on its bill.
            accounts: The accounts whose user objects are wanted.

        Raises:
            TapError: X gives no usable response.
        """
        unknown = [account for account in accounts if not self.is_known(account)]
        wanted: dict[Kind, dict[Reference, Account]] = {kind: {} for kind in ENDPOINT_OF}
        for account in unknown:
            if reference := reference_of(account):
                wanted[reference.kind][reference] = account
            elif requester.affordable(ME, 1, account):
                self._keep(account, _own_answer(requester, account))
        for kind, by_reference in wanted.items():
            if by_reference:
                self._ask(requester, kind, by_reference)
        if left := sum(not self.is_known(account) for account in unknown):
            requester.warn_of_budget(
                f"{left} account(s) are left to look up. The next run does so."
            )

    def _ask(self, requester: Requester, kind: Kind, wanted: Mapping[Reference, Account]) -> None:
        endpoint = ENDPOINT_OF[kind]
        askers = self.askers(endpoint)
        for batch in requester.batches(endpoint, list(wanted), askers[0]):
            for reference, answer in _first_answers(requester, askers, kind, batch).items():
                self._keep(wanted[reference], answer)
            for reference in batch:
                self._ask_itself(requester, reference, wanted[reference])

    def _ask_itself(self, requester: Requester, reference: Reference, account: Account) -> None:
        """Ask again as a protected account itself: others do not see it, and pay nothing.

        If the budget has ended, the account stays unknown, so that the next run asks.
        """
        if self._answers[account.name].status != PROTECTED or not account.has_own:
            return
        if not requester.affordable(ENDPOINT_OF[reference.kind], 1, account):
            del self._answers[account.name], self._answered_at[account.name]
            return
        with suppress(AuthError, AccessError):  # then protected is the answer
            self._keep(account, ask(requester, account, reference.kind, [reference])[reference])

    def _keep(self, account: Account, answer: Answer) -> None:
        self._answers[account.name] = answer
        self._answered_at[account.name] = self._clock.now()

    def askers(self, endpoint: Endpoint) -> Sequence[Account]:
        """The accounts that may ask about all: the default credentials, then those of the accounts.

        If nobody may, the first of them is returned, so that its request gives the reason.
        """
        if endpoint not in self._askers:
            self._askers[endpoint] = self._find_askers(endpoint)
        return self._askers[endpoint]

    def _find_askers(self, endpoint: Endpoint) -> Sequence[Account]:
        own = [account for account in self._accounts.listed if account.has_own]
        try:
            known = [self._accounts.default, *own]
        except SettingError:
            known = own
        return [account for account in known if is_allowed(endpoint, account)] or known[:1]


def _first_answers(
    requester: Requester, askers: Sequence[Account], kind: Kind, references: Sequence[Reference]
) -> dict[Reference, Answer]:
    """X's answers to the first asker that it allows: a revoked login does not stop the reading.

    If it allows none, the error of the first is raised, which has the default credentials.
    """
    refusals: list[TapError] = []
    for asker in askers:
        try:
            return ask(requester, asker, kind, references)
        except (AuthError, AccessError) as refusal:
            refusals.append(refusal)
    raise refusals[0]


def reference_of(account: Account) -> Reference | None:
    """The reference to an account whose id or handle is known."""
    if account.user_id:
        return Reference(Kind.ID, account.user_id)
    return handle(account.username) if account.username else None


def _own_answer(requester: Requester, account: Account) -> Answer:
    """X's answer about the account that makes the request."""

    def read(body: Mapping[str, Any]) -> Answer:
        user = body.get("data")
        user_id = text(user.get("id")) if isinstance(user, dict) else None
        return Answers(body).about(Reference(Kind.ID, user_id or ""))

    return requester.fetch_worded(
        ME, lambda words: {"user.fields": user_fields(words)}, read, account
    )
