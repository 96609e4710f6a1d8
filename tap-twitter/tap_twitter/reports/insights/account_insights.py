"""The report with one row per account and day (ForePaaS: account_insights)."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.credential_choice import choose_credential, is_allowed
from tap_twitter.api.endpoints.v2 import ME, USERS, USERS_BY
from tap_twitter.dates import stamp
from tap_twitter.errors import AccessError, AccountError, Failure
from tap_twitter.objects.fields import DATE, TEXT, TIME, Column
from tap_twitter.objects.post_fields import ACCOUNT_NAME
from tap_twitter.objects.user_columns import user_columns
from tap_twitter.objects.user_fields import USER_FIELDS
from tap_twitter.objects.user_requests import ENDPOINT_OF
from tap_twitter.streams.account_directory import reference_of
from tap_twitter.streams.account_stream import AccountStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from singer_sdk.helpers.types import Context

    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.auth.account import Account
    from tap_twitter.cost.plan import Demand

COLUMNS: Final[Sequence[Column]] = (
    Column(
        "account_id",
        TEXT,
        "The account's id; the handle with @ if X has never given the id.",
        is_nullable=False,
    ),
    Column("date", DATE, "The day of the reading, in UTC.", is_nullable=False),
    ACCOUNT_NAME,
    Column(
        "status",
        TEXT,
        "found, suspended, not_found, protected, unavailable, unanswered, or error (an error that "
        "X has not documented).",
        is_nullable=False,
    ),
    Column(
        "status_detail",
        TEXT,
        "X's own words about an account that was not found, or the fields of a found one that X "
        "could not give.",
    ),
    Column("read_at", TIME, "When X was asked.", is_nullable=False),
    *(field for field in USER_FIELDS if field.name != "id"),
)


class AccountInsightsStream(AccountStream):
    """X's public data about each account: profile and counts, as of the day in UTC.

    Source: https://docs.x.com/x-api/users/lookup/introduction, a hundred accounts per request. The
    answers come from the directory that all streams share, so identifying and reporting an account
    cost one read. An account that is suspended or missing has a row that says so, and still counts
    as a failure of that account.
    """

    name = "account_insights"
    primary_keys = ("account_id", "date")
    COLUMNS = COLUMNS
    ENDPOINTS = (USERS, USERS_BY)
    selected_by_default = False
    """Data that X charges for is only read on request."""

    @property
    def bookmark_properties(self) -> tuple[str, ...]:
        """A run returns only the rows of its day."""
        return ("date",)

    @property
    def partitions(self) -> None:
        """None: accounts are read together, and those without an id have a row, too."""
        return

    @cached_property
    def refused(self) -> dict[str, AccessError]:
        """By account: why nobody may ask X about it; an account that may does so for all."""
        found = {}
        for account in self.subjects:
            try:
                choose_credential(*self._question(account))
            except AccessError as error:
                found[account.name] = error
        return found

    def endpoints_for(self, account: Account) -> Iterable[Endpoint]:
        """The endpoints for the account's credentials, unless nobody may ask about it."""
        is_refused = account.name in self.refused
        return [each for each in self.ENDPOINTS if is_refused or is_allowed(each, account)]

    def read(self, context: Context | None) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        """Yield a row for each account that X has said something about."""
        identified = self.identified
        self.run.directory.look_up(self.requester, identified.values())
        for account in identified.values():
            if not self.run.directory.is_known(account):
                self.rotation.add(account)
        by_name = {account.name: account for account in identified.values()}
        for account in self.subjects:
            if account.name in by_name:
                yield from self._rows(by_name[account.name])
            elif self._is_unidentified(account):
                yield self._row(account)

    def demands(self) -> Iterator[Demand]:
        """The accounts; those with unknown ids are bought while they are identified."""
        yield from self.identifying_demands()
        known = [each for each in self.allowed if self.run.directory.known_id(each) is not None]
        if known:
            yield self.requester.demand(USERS, len(known), self.run.directory.askers(USERS)[0])

    def _question(self, account: Account) -> tuple[Endpoint, Account]:
        """The endpoint for an account, and the account that makes the request."""
        reference = reference_of(account)
        if reference is None:
            return ME, account
        endpoint = ENDPOINT_OF[reference.kind]
        return endpoint, self.run.directory.askers(endpoint)[0]

    def _rows(self, account: Account) -> Iterator[dict[str, Any]]:
        """The row of an account, unless the budget ended before X was asked about it."""
        if not self.run.directory.is_known(account):
            return
        yield self._row(account)
        try:
            self.run.directory.user_of(account)
        except AccountError as error:
            self.run.failures.add(Failure(self.name, error, account.name))

    def _is_unidentified(self, account: Account) -> bool:
        """Whether X was asked about a handle and has told no id; two entries may share one."""
        users = self.run.directory
        return users.is_known(account) and users.answer_of(account).user is None

    def _row(self, account: Account) -> dict[str, Any]:
        users = self.run.directory
        answer, read_at = users.answer_of(account), users.answered_at(account)
        columns = user_columns(answer.user or {})
        del columns["id"]
        columns["username"] = columns["username"] or account.username
        return {
            "account_id": account.user_id or f"@{account.key}",
            "date": read_at.date().isoformat(),
            "account_name": account.called(columns["username"]),
            "status": answer.status,
            "status_detail": answer.detail,
            "read_at": stamp(read_at),
            **columns,
        }
