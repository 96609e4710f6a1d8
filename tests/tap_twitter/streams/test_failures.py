"""What a run makes of its failures in the end."""

from __future__ import annotations

import logging
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from support.harness import USER_AUTH, make_dataset, run_tap, tap_config

from sandbox.credentials import OWNER
from tap_twitter.errors import (
    AccessError,
    AccountError,
    AppAccessError,
    AuthError,
    CapError,
    Failure,
    OnAccountFailure,
    RunError,
    SettingError,
    TapError,
    UnreachableError,
)
from tap_twitter.streams.failures import Failures

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

LOGGER = logging.getLogger("tap-twitter.tests")
ACCOUNTS = {"messages": ["ann", "ben"], "insights": ["ann", "ben", "cid"], "lookup": ["ann"]}


@pytest.mark.parametrize(
    ("error", "account", "is_spared"),
    [
        (AuthError("revoked; connect again"), "ann", True),
        (AccessError("refused; connect again"), "ann", True),
        (AccountError("suspended; take it out"), "ann", True),
        (AppAccessError("no access to API v2; see the console"), "ann", False),
        (CapError("credits used up; buy some"), "ann", False),
        (UnreachableError("no answer; try later"), "ann", False),
        (SettingError("missing; set it"), None, False),
        (AuthError("refused; check"), None, False),
    ],
    ids=[
        "revoked",
        "no-access",
        "suspended",
        "app",
        "credits",
        "unreachable",
        "setting",
        "no-account",
    ],
)
def test_warn_spares_the_failures_of_accounts_alone(
    caplog: pytest.LogCaptureFixture, error: TapError, account: str | None, is_spared: bool
) -> None:
    failure = Failure("messages", error, account)
    for on_account_failure in OnAccountFailure:
        failures = Failures(on_account_failure, LOGGER)
        failures.add(failure)
        if is_spared and on_account_failure is OnAccountFailure.WARN:
            failures.check(ACCOUNTS)
            assert [each.getMessage() for each in caplog.records] == [str(failure)]
        else:
            with pytest.raises(RunError) as raised:
                failures.check(ACCOUNTS)
            assert str(raised.value) == str(failure)


@pytest.mark.parametrize(
    ("failed", "accounts", "is_spared"),
    [
        (["ann"], ["ann", "ben"], True),
        (["ann", "ben"], ["ann", "ben"], False),
        (["ann"], ["ann"], False),
    ],
    ids=["one-of-two", "both", "the-only-one"],
)
def test_warn_spares_no_stream_that_could_read_nobody(
    failed: list[str], accounts: list[str], is_spared: bool
) -> None:
    failures = Failures(OnAccountFailure.WARN, LOGGER)
    for name in failed:
        failures.add(Failure("messages", AuthError("revoked; connect again"), name))
    known = {"messages": accounts, "lookup": ["ann"]}
    if is_spared:
        failures.check(known)
    else:
        with pytest.raises(RunError, match="revoked"):
            failures.check(known)


def test_warn_does_not_spare_what_ends_a_stream() -> None:
    failures = Failures(OnAccountFailure.WARN, LOGGER)
    failures.add(Failure("insights", AuthError("revoked"), "ann", is_of_stream=True))
    with pytest.raises(RunError, match="'insights' failed for account 'ann': revoked"):
        failures.check({"insights": ["ann", "ben"]})


def test_the_summary_has_a_line_for_each_cause() -> None:
    failures = Failures(OnAccountFailure.FAIL, LOGGER)
    failures.check(ACCOUNTS)
    for stream, account in product(("messages", "insights"), ("ann", "ben")):
        failures.add(Failure(stream, AuthError("revoked; connect again"), account))
    failures.add(Failure("lookup", AuthError("refused; connect again"), "ann"))
    for stream, account in product(("messages", "insights"), ("ann", "ben")):
        failures.add(Failure(stream, CapError("credits used up; buy some"), account))
    failures.add(Failure("lookup", CapError("no credits left; buy some")))
    with pytest.raises(RunError) as raised:
        failures.check(ACCOUNTS)
    assert str(raised.value).splitlines() == [
        "Streams 'messages', 'insights' failed for account 'ann': revoked; connect again "
        "[docs/errors.md#credentials]",
        "Streams 'messages', 'insights' failed for account 'ben': revoked; connect again "
        "[docs/errors.md#credentials]",
        "Stream 'lookup' failed for account 'ann': refused; connect again [docs/errors.md#credentials]",
        "Streams 'messages', 'insights' failed for accounts 'ann', 'ben': "
        "credits used up; buy some [docs/errors.md#credits-and-caps]",
        "Stream 'lookup' failed: no credits left; buy some [docs/errors.md#credits-and-caps]",
    ]


def test_warnings_have_a_line_for_each_cause(caplog: pytest.LogCaptureFixture) -> None:
    failures = Failures(OnAccountFailure.WARN, LOGGER)
    for stream in ("messages", "insights"):
        failures.add(Failure(stream, AuthError("revoked; connect again"), "ann"))
    failures.check(ACCOUNTS)
    assert caplog.messages == [
        "Streams 'messages', 'insights' failed for account 'ann': revoked; connect again "
        "[docs/errors.md#credentials]"
    ]


@pytest.mark.parametrize("on_account_failure", list(OnAccountFailure))
def test_a_lookup_fails_with_the_account_that_asks(
    sandbox: Sandbox, tmp_path: Path, on_account_failure: OnAccountFailure
) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(150, "found")})
    config: dict[str, Any] = tap_config(sandbox, tmp_path, auth=USER_AUTH)
    config["on_account_failure"] = on_account_failure.value
    sandbox.revoke(OWNER.access_token)
    line = f"Stream 'users_lookup' failed for account '{OWNER.user_id}'"
    with pytest.raises(RunError, match=line):
        run_tap(config)
