"""`--test`: whether X gives the selected streams what they need, checked at almost no cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.credential_choice import choose_credential
from tap_twitter.api.endpoints.v2 import USERS_BY
from tap_twitter.auth.account import Account
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
    from tap_twitter.auth.credentials import Credential
    from tap_twitter.auth.partition import Partition
    from tap_twitter.cost.ledger import Ledger
    from tap_twitter.streams.account_directory import AccountDirectory
    from tap_twitter.streams.base import FoundByTest, XStream

HEADINGS: Final = ("for", "credentials", "endpoint", "streams", "result", "fix")
WIDTH: Final = 200
"""The width of the table if it is not written to a terminal."""

OK: Final = "ok"
FAILED: Final = "failed"
NOT_CONFIGURED: Final = "not configured"
NOT_TESTED: Final = "not tested"
SKIPPED: Final = "skipped"
NO_BUDGET: Final = "the budget of a run does not allow the request"
OF_ANOTHER: Final = "the credentials belong to another account, so this one is not read"
AS_ABOVE: Final = "same as above"


@dataclass
class Check:
    """One requirement of streams.

    Attributes:
        streams: The streams that require it.
        subject: What is requested, or in whose name; None without a request.
        endpoint: The endpoint to request.
        credential: The credential of the request.
        is_undecided: Whether X has to identify the account first.
        result: `ok`, `failed`, `not configured`, `not tested` or `skipped`.
        need: The fix, if it failed.
        access: What X says of the access to the subject.
    """

    streams: list[XStream[Any]]
    subject: Partition | None = None
    endpoint: Endpoint | None = None
    credential: Credential | None = None
    is_undecided: bool = False
    result: str = OK
    need: str = ""
    access: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The check as a row of the table."""
        return (
            self._about,
            f"'{self.credential.name}', {self.credential.kind}" if self.credential else "",
            self.endpoint.template if self.endpoint else "settings and inputs",
            ", ".join(stream.name for stream in self.streams),
            f"{self.result}, as {self.access}" if self.access else self.result,
            self.need,
        )

    @property
    def most_usd(self) -> Decimal:
        """The maximum price of its request."""
        if not (self.subject and self.endpoint and self.endpoint.probe and self.credential):
            return Decimal()
        return (
            self.streams[0]
            .requester.demand(self.endpoint, self.endpoint.probe.most, self.subject)
            .usd
        )

    def finds_the_same_as(self, other: Check) -> bool:
        """Whether another check would find out nothing new.

        X judges the requester; what is requested only matters if no credential is allowed.
        """
        return (
            self.endpoint is not None
            and (self.subject == other.subject or not (self.is_undecided or other.is_undecided))
            and (self.endpoint, self.credential) == (other.endpoint, other.credential)
            and (self.credential is not None or self.subject == other.subject)
        )

    @property
    def _about(self) -> str:
        """The name of an account; for anything else what it is, too."""
        if self.subject is None or isinstance(self.subject, Account):
            return self.subject.name if self.subject else ""
        return f"{self.subject.noun} {self.subject.name}"

    def fail(self, error: Exception) -> None:
        """Record the reason for a failure."""
        self.result, self.need = FAILED, str(error)


WITHOUT_CATALOG: Final = (
    "There is no catalog, so only the streams selected by default are tested: {}.\n"
    "Under Meltano, 'meltano select PLUGIN --list' makes the catalog; then test again."
)


@dataclass
class ConnectionTest:
    """Checks everything that streams need, each thing once.

    Attributes:
        streams: The streams to test.
        is_asked_for: Whether a catalog selects them; streams that are only included because
            nothing deselects them may lack their settings.
        ledger: The bill of the test.
        directory: Identifies accounts that are known by handle.
        checks: The checks and their results.
    """

    streams: Sequence[XStream[Any]]
    is_asked_for: bool
    ledger: Ledger
    directory: AccountDirectory
    checks: list[Check] = field(default_factory=list)

    def prepare(self) -> None:
        """Check all that needs no request, and collect the requests to make."""
        passed = Check([])
        for stream in self.streams:
            failed = Check([stream])
            try:
                stream.prepare()
            except MissingSettingError as error:
                failed.fail(error)
                self.checks.append(failed)
                if not self.is_asked_for:
                    failed.result = NOT_CONFIGURED
                    self._find_requests(stream)  # X's verdict on the credentials is worth knowing
            except RunError:
                self._find_requests(stream)  # they show it account by account
            except TapError as error:
                failed.fail(error)
                self.checks.append(failed)
            else:
                passed.streams.append(stream)
                self._find_requests(stream)
        if passed.streams:
            self.checks.insert(0, passed)

    def run(self) -> None:
        """Make the requests, until X cannot be reached: each further try would take minutes."""
        self._identify()
        is_reached = True
        for at, check in enumerate(self.checks):
            if not (check.subject and check.endpoint and check.result == OK):
                continue
            same = next(filter(check.finds_the_same_as, self.checks[:at]), None)
            if same:
                check.result, check.need = same.result, same.need
            elif is_reached:
                is_reached = self._ask(check, check.subject, check.endpoint)
            else:
                check.result, check.need = NOT_TESTED, "an earlier request could not reach X"
        if is_reached:
            self._test_found()

    def _test_found(self) -> None:
        """Test what only X could name, for the streams whose own requests have passed."""
        failed = [each for check in self.checks if check.result != OK for each in check.streams]
        for stream in self.streams:
            for found in stream.found_by_test() if stream not in failed else ():
                check = self._found(stream, found)
                if check and found.endpoint and not self._ask(check, found.subject, found.endpoint):
                    return

    def _found(self, stream: XStream[Any], found: FoundByTest) -> Check | None:
        """The check of something that X has named; None if another one covers it."""
        check = Check([stream], found.subject, found.endpoint, access=found.access)
        if found.error:
            check.fail(found.error)
        elif found.endpoint:
            check.credential = choose_credential(found.endpoint, found.subject)
        for each in self.checks:
            if each.subject == found.subject and each.endpoint == found.endpoint:
                each.streams.append(stream)
                return None
        self.checks.append(check)
        return check

    @property
    def most_usd(self) -> Decimal:
        """The maximum cost of the test."""
        probes = sum((check.most_usd for check in self.checks), Decimal())
        return probes + len(self._unknown) * self.ledger.prices[Resource.USER]

    @property
    def is_passed(self) -> bool:
        """Whether no check failed."""
        return all(check.result != FAILED for check in self.checks)

    @property
    def verdict(self) -> str:
        """The summary of the results."""
        if not self.is_passed:
            return "Some checks failed."
        if any(check.result == NOT_TESTED for check in self.checks):
            return "All checks that ran passed, but some did not run."
        return "All checks passed."

    def announcement(self) -> str:
        """What the test will do."""
        count = sum(1 for each in self.checks if each.endpoint and each.result == OK)
        count += -(-len(self._unknown) // USERS_BY.per_request)
        requests = "1 request" if count == 1 else f"{count} requests"
        found = {each.FOUND_BY_TEST for each in self.streams} - {""}
        more = "".join(f", and a few for each {noun} that X lists," for noun in sorted(found))
        text = f"This test makes {requests}{more} and costs at most {usd(self.most_usd)}."
        if self.is_asked_for:
            return text
        names = ", ".join(f"'{each.name}'" for each in self.streams)
        return f"{text}\n{WITHOUT_CATALOG.format(names)}"

    def report(self) -> str:
        """The results as a table, and the cost."""
        from rich.console import Console  # noqa: PLC0415 - no sync needs it
        from rich.table import Table  # noqa: PLC0415

        table = Table(*HEADINGS, box=None, pad_edge=False)
        seen: set[str] = set()
        for check in self.checks:
            *cells, need = check.cells
            table.add_row(*cells, AS_ABOVE if need and need in seen else need)
            seen.add(need)
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
        """By name: the accounts that X must identify before requests can be made as them."""
        pending = (each for each in self.checks if each.is_undecided and each.result == OK)
        subjects = (each.subject for each in pending)
        return {each.name: each for each in subjects if isinstance(each, Account)}

    def _identify(self) -> None:
        """Ask X to identify the accounts known by handle, and decide whether they may be read."""
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
        self._fail_without_own([each for each in pending if each.result == SKIPPED])

    def _judge(self, check: Check) -> None:
        """Decide whether an account that X has identified is that of the credentials."""
        stream, account = check.streams[0], check.subject
        assert isinstance(account, Account)
        try:
            check.subject = self.directory.identified(account)
        except TapError as error:
            check.fail(error)
            return
        if check.subject is None:
            check.subject = account
            check.result, check.need = NOT_TESTED, NO_BUDGET
        elif not stream.serves(check.subject):
            check.result, check.need = SKIPPED, OF_ANOTHER
        else:
            self._choose(check)

    def _choose(self, check: Check) -> None:
        """Choose the endpoint and the credential for an account whose id is now known."""
        stream, account = check.streams[0], check.subject
        assert account is not None
        try:
            for check.endpoint in stream.endpoints_for(account):
                check.credential = choose_credential(check.endpoint, account)
        except AccessError as error:
            check.fail(error)
        else:
            check.is_undecided = False

    def _fail_without_own(self, checks: Sequence[Check]) -> None:
        """Fail a stream if none of its accounts is the one of the credentials."""
        others = {(stream.name, check.subject) for check in checks for stream in check.streams}
        for check in checks:
            stream = check.streams[0]
            names = {each.name for each in stream.subjects}
            skipped = {each.name for name, each in others if name == stream.name and each}
            if names == skipped:
                check.fail(AccessError(NO_OWN.format(stream.name)))

    def _find_requests(self, stream: XStream[Any]) -> None:
        undecided = {each.name for each in stream.undecided}
        for subject in stream.subjects:
            for endpoint in stream.endpoints_for(subject):
                self._add(stream, subject, endpoint, is_undecided=subject.name in undecided)

    def _add(
        self, stream: XStream[Any], subject: Partition, endpoint: Endpoint, *, is_undecided: bool
    ) -> None:
        check = Check([stream], subject, endpoint, is_undecided=is_undecided)
        try:
            check.credential = choose_credential(endpoint, subject)
        except AccessError as error:
            check.fail(error)
        same = next((each for each in self.checks if each.finds_the_same_as(check)), None)
        if same is None:
            self.checks.append(check)
        elif stream not in same.streams:
            same.streams.append(stream)

    def _ask(self, check: Check, subject: Partition, endpoint: Endpoint) -> bool:
        """Make the request of a check; returns whether X can be reached."""
        requester, probe = check.streams[0].requester, endpoint.probe
        if probe is None or requester.affordable(endpoint, probe.most, subject) < probe.most:
            check.result, check.need = NOT_TESTED, NO_BUDGET
            return True
        try:
            requester.probe(endpoint, subject)
        except TapError as error:
            check.fail(error)
            return not isinstance(error, UnreachableError)
        return True
