"""`--test`: whether X gives the selected streams what they need, found out for next to nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tap_twitter.api.credential_choice import choose_credential
from tap_twitter.api.endpoints.v2 import USERS_BY
from tap_twitter.cost.ledger import Resource, usd
from tap_twitter.errors import (
    AccessError,
    MissingSettingError,
    RunError,
    TapError,
    UnreachableError,
)
from tap_twitter.streams.ownership import NO_OWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.auth.account import Account
    from tap_twitter.auth.credentials import Credential
    from tap_twitter.cost.ledger import Ledger
    from tap_twitter.streams.account_directory import AccountDirectory
    from tap_twitter.streams.base import XStream

HEADINGS: Final = ("account", "credentials", "endpoint", "streams", "result", "fix")
WIDTH: Final = 200
"""Of the table where it is not written to a terminal."""

OK: Final = "ok"
FAILED: Final = "failed"
NOT_CONFIGURED: Final = "not configured"
NOT_ASKED: Final = "not tested"
PASSED_OVER: Final = "skipped"
NO_BUDGET: Final = "the budget of a run does not allow the request"
OF_ANOTHER: Final = "the credentials belong to another account, so this one is not read"
AS_ABOVE: Final = "same as above"


@dataclass
class Check:
    """One thing that streams need.

    Attributes:
        streams: Who needs it.
        account: About whom X is asked, or in whose name; None for what needs no request.
        endpoint: What is asked.
        credential: What it is asked with.
        is_undecided: Whether X has to tell first who the account is.
        result: `ok`, `failed`, `not configured` or `not asked`.
        need: What is to be done where it is not in order.
    """

    streams: list[XStream]
    account: Account | None = None
    endpoint: Endpoint | None = None
    credential: Credential | None = None
    is_undecided: bool = False
    result: str = OK
    need: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The check as a row of the table."""
        return (
            self.account.name if self.account else "",
            f"'{self.credential.name}', {self.credential.kind}" if self.credential else "",
            self.endpoint.template if self.endpoint else "settings and inputs",
            ", ".join(stream.name for stream in self.streams),
            self.result,
            self.need,
        )

    @property
    def most_usd(self) -> Decimal:
        """What X charges for its request at most."""
        if not (self.account and self.endpoint and self.endpoint.probe and self.credential):
            return Decimal()
        return (
            self.streams[0]
            .requester.demand(self.endpoint, self.endpoint.probe.most, self.account)
            .usd
        )

    def finds_the_same_as(self, other: Check) -> bool:
        """Whether another check would find out nothing more.

        X judges who asks; whom it is asked about matters where nobody may ask.
        """
        return (
            self.endpoint is not None
            and (self.account == other.account or not (self.is_undecided or other.is_undecided))
            and (self.endpoint, self.credential) == (other.endpoint, other.credential)
            and (self.credential is not None or self.account == other.account)
        )

    def fail(self, error: Exception) -> None:
        """Keep why it is not in order."""
        self.result, self.need = FAILED, str(error)


@dataclass
class ConnectionTest:
    """Checks all that streams need, each thing once.

    Attributes:
        streams: Those that are tested.
        is_asked_for: Whether a catalog selects them; what only stands there because nothing
            deselects it may lack its settings.
        ledger: The bill of the test.
        directory: Tells who accounts are that are known by handle.
        checks: What is checked, and what came out.
    """

    streams: Sequence[XStream]
    is_asked_for: bool
    ledger: Ledger
    directory: AccountDirectory
    checks: list[Check] = field(default_factory=list)

    def prepare(self) -> None:
        """Check all that can be checked without a request, and find the requests to make."""
        for stream in self.streams:
            check = Check([stream])
            self.checks.append(check)
            try:
                stream.prepare()
            except MissingSettingError as error:
                check.fail(error)
                if not self.is_asked_for:
                    check.result = NOT_CONFIGURED
                    self._find_requests(stream)  # what X says of the credentials is worth knowing
            except RunError:
                self._find_requests(stream)  # which tell it account by account
                self.checks.remove(check)
            except TapError as error:
                check.fail(error)
            else:
                self._find_requests(stream)

    def run(self) -> None:
        """Make the requests, until X is found out of reach: that takes minutes each time."""
        self._identify()
        is_reached = True
        for at, check in enumerate(self.checks):
            if not (check.account and check.endpoint and check.result == OK):
                continue
            same = next(filter(check.finds_the_same_as, self.checks[:at]), None)
            if same:
                check.result, check.need = same.result, same.need
            elif is_reached:
                is_reached = self._ask(check, check.account, check.endpoint)
            else:
                check.result, check.need = NOT_ASKED, "an earlier request could not reach X"

    @property
    def most_usd(self) -> Decimal:
        """What the test may cost."""
        probes = sum((check.most_usd for check in self.checks), Decimal())
        return probes + len(self._unknown) * self.ledger.prices[Resource.USER]

    @property
    def is_passed(self) -> bool:
        """Whether everything is in order."""
        return all(check.result != FAILED for check in self.checks)

    @property
    def verdict(self) -> str:
        """What the results come to."""
        if not self.is_passed:
            return "Some checks failed."
        if any(check.result == NOT_ASKED for check in self.checks):
            return "All checks that ran passed, but some did not run."
        return "All checks passed."

    def announcement(self) -> str:
        """What the test is about to do."""
        count = sum(1 for each in self.checks if each.endpoint and each.result == OK)
        count += -(-len(self._unknown) // USERS_BY.per_request)
        requests = "1 request" if count == 1 else f"{count} requests"
        return f"This test makes {requests} and costs at most {usd(self.most_usd)}."

    def report(self) -> str:
        """What came out, as a table, and what it has cost."""
        from rich.console import Console  # noqa: PLC0415 - no sync needs it
        from rich.table import Table  # noqa: PLC0415

        table = Table(*HEADINGS, box=None, pad_edge=False)
        told: set[str] = set()
        for check in self.checks:
            *cells, need = check.cells
            table.add_row(*cells, AS_ABOVE if need and need in told else need)
            told.add(need)
        console = Console()
        if not console.is_terminal:
            console = Console(width=WIDTH)
        with console.capture() as written:
            console.print(table, highlight=False, markup=False)
        cost = self.ledger.total.gross_usd
        lines = [line.rstrip() for line in written.get().splitlines()]
        return "\n".join([*lines, "", f"{self.verdict} The test cost {usd(cost)}."])

    @property
    def _unknown(self) -> dict[str, Account]:
        """By name: the accounts that X has to identify before it can be asked in their name."""
        pending = (each for each in self.checks if each.is_undecided and each.result == OK)
        return {each.account.name: each.account for each in pending if each.account}

    def _identify(self) -> None:
        """Ask X who the accounts are that are known by handle, and judge whether they may ask."""
        pending = [each for each in self.checks if each.is_undecided and each.result == OK]
        if not pending:
            return
        first = pending[0].streams[0].requester
        try:
            self.directory.look_up(first, list(self._unknown.values()))
        except TapError as error:
            for check in pending:
                check.fail(error)
            return
        for check in pending:
            self._judge(check)
        self._pass_over([each for each in pending if each.result == PASSED_OVER])

    def _judge(self, check: Check) -> None:
        """Find out whether an account that X has identified is that of the credentials."""
        stream, account = check.streams[0], check.account
        assert account is not None
        try:
            check.account = self.directory.identified(account)
        except TapError as error:
            check.fail(error)
            return
        if check.account is None:
            check.account = account
            check.result, check.need = NOT_ASKED, NO_BUDGET
        elif not stream.serves(check.account):
            check.result, check.need = PASSED_OVER, OF_ANOTHER
        else:
            self._choose(check)

    def _choose(self, check: Check) -> None:
        """Take the endpoint and the credential for an account whose id is known by now."""
        stream, account = check.streams[0], check.account
        assert account is not None
        try:
            for check.endpoint in stream.endpoints_for(account):
                check.credential = choose_credential(check.endpoint, account)
        except AccessError as error:
            check.fail(error)
        else:
            check.is_undecided = False

    def _pass_over(self, checks: Sequence[Check]) -> None:
        """Let a stream fail of which all accounts are others than those of the credentials."""
        others = {(stream.name, check.account) for check in checks for stream in check.streams}
        for check in checks:
            stream = check.streams[0]
            names = {each.name for each in stream.accounts}
            passed = {each.name for name, each in others if name == stream.name and each}
            if names == passed:
                check.fail(AccessError(NO_OWN.format(stream.name)))

    def _find_requests(self, stream: XStream) -> None:
        undecided = {each.name for each in stream.undecided}
        for account in stream.accounts:
            for endpoint in stream.endpoints_for(account):
                self._add(stream, account, endpoint, is_undecided=account.name in undecided)

    def _add(
        self, stream: XStream, account: Account, endpoint: Endpoint, *, is_undecided: bool
    ) -> None:
        check = Check([stream], account, endpoint, is_undecided=is_undecided)
        try:
            check.credential = choose_credential(endpoint, account)
        except AccessError as error:
            check.fail(error)
        same = next((each for each in self.checks if each.finds_the_same_as(check)), None)
        if same is None:
            self.checks.append(check)
        elif stream not in same.streams:
            same.streams.append(stream)

    def _ask(self, check: Check, account: Account, endpoint: Endpoint) -> bool:
        """Make the request of a check; gives whether X is within reach."""
        requester, probe = check.streams[0].requester, endpoint.probe
        if probe is None or requester.affordable(endpoint, probe.most, account) < probe.most:
            check.result, check.need = NOT_ASKED, NO_BUDGET
            return True
        try:
            requester.probe(endpoint, account)
        except TapError as error:
            check.fail(error)
            return not isinstance(error, UnreachableError)
        return True
