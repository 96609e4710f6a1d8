"""What a run makes of its failures in the end."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from harness import USER_AUTH, make_dataset, run_tap, tap_config

from sandbox.credentials import OWNER
from tap_twitter.errors import (
    AccessError,
    AccountError,
    AuthError,
    CapError,
    Failure,
    RunError,
    SettingError,
    TapError,
    UnreachableError,
)
from tap_twitter.failures import Failures, OnAccountFailure

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

LOGGER = logging.getLogger("tap-twitter.tests")


@pytest.mark.parametrize(
    ("error", "account", "is_spared"),
    [
        (AuthError("revoked; connect again"), "ann", True),
        (AccessError("refused; connect again"), "ann", True),
        (AccountError("suspended; take it out"), "ann", True),
        (CapError("credits used up; buy some"), "ann", False),
        (UnreachableError("no answer; try later"), "ann", False),
        (SettingError("missing; set it"), None, False),
        (AuthError("refused; check"), None, False),
    ],
    ids=["revoked", "no-access", "suspended", "credits", "unreachable", "setting", "no-account"],
)
def test_warn_spares_the_failures_of_accounts_alone(
    caplog: pytest.LogCaptureFixture, error: TapError, account: str | None, is_spared: bool
) -> None:
    failure = Failure("messages", error, account)
    for on_account_failure in OnAccountFailure:
        failures = Failures(on_account_failure, LOGGER)
        failures.add(failure)
        if is_spared and on_account_failure is OnAccountFailure.WARN:
            failures.check()
            assert [each.getMessage() for each in caplog.records] == [str(failure)]
        else:
            with pytest.raises(RunError) as raised:
                failures.check()
            assert str(raised.value) == str(failure)


def test_the_summary_has_a_line_for_each_failure() -> None:
    failures = Failures(OnAccountFailure.FAIL, LOGGER)
    failures.check()
    failures.add(Failure("messages", AuthError("revoked; connect again"), "ann"))
    failures.add(Failure("lookup", CapError("credits used up; buy some")))
    with pytest.raises(RunError) as raised:
        failures.check()
    assert str(raised.value).splitlines() == [
        "Stream 'messages' failed for account 'ann': revoked; connect again",
        "Stream 'lookup' failed: credits used up; buy some",
    ]


@pytest.mark.parametrize("on_account_failure", list(OnAccountFailure))
def test_a_lookup_fails_with_the_account_that_asks(
    sandbox: Sandbox,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    on_account_failure: OnAccountFailure,
) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(150, "found")})
    config: dict[str, Any] = tap_config(sandbox, tmp_path, auth=USER_AUTH)
    config["on_account_failure"] = on_account_failure.value
    sandbox.revoke(OWNER.access_token)
    line = f"Stream 'users_lookup' failed for account '{OWNER.user_id}'"
    if on_account_failure is OnAccountFailure.FAIL:
        with pytest.raises(RunError, match=line):
            run_tap(config)
    else:
        assert run_tap(config).records == []
        assert line in caplog.text
