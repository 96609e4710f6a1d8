"""An account that fails stops no other; what is nobody's fault ends the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.account_streams import SECOND_AUTH, Runner, no_keys, paths
from support.harness import USER_AUTH

from sandbox.credentials import OWNER, SECOND_USER
from tap_twitter.errors import RunError

if TYPE_CHECKING:
    from sandbox import Sandbox


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        ("suspended", "X has suspended the account: remove it from 'accounts'"),
        ("not_found", "X knows no such account: correct it in 'accounts'"),
        ("protected", "the account is protected: connect it"),
    ],
)
@pytest.mark.parametrize("by", ["id", "username"])
def test_what_x_does_not_show_fails_for_its_account_alone(
    sandbox: Sandbox, runner: Runner, status: Any, hint: str, by: str
) -> None:
    good, bad = sandbox.world.sample_ids(2, "found")
    handle = sandbox.world.handle(bad)
    sandbox.world.set_status(bad, status)
    accounts = [{"name": "bad", "id" if by == "id" else "username": bad if by == "id" else handle}]
    message = f"Stream 'profiles' failed for account 'bad': {hint}"
    with pytest.raises(RunError, match=message):
        runner.run("profiles", accounts=[*accounts, {"id": good}])
    assert runner.ids == [good]


@pytest.mark.parametrize("fails", ["first", "last"])
@pytest.mark.parametrize("on_account_failure", ["fail", "warn"])
def test_a_revoked_account_keeps_its_cursor_and_stops_no_other(
    sandbox: Sandbox,
    runner: Runner,
    caplog: pytest.LogCaptureFixture,
    fails: str,
    on_account_failure: str,
) -> None:
    accounts = [{"name": "us", "auth": USER_AUTH}, {"name": "them", "auth": SECOND_AUTH}]
    if fails == "first":
        accounts.reverse()
    assert len(runner.run("mine", accounts=accounts)) == 2
    before = runner.state
    sandbox.revoke(SECOND_USER.access_token)
    tap = runner.tap("mine", before, accounts=accounts, on_account_failure=on_account_failure)
    line = (
        "Stream 'mine' failed for account 'them': .*check the four OAuth 1.0a settings of "
        r"'accounts\[\d\]\.auth'"
    )
    if on_account_failure == "fail":
        with pytest.raises(RunError, match=line):
            tap.run()
    else:
        tap.run()
        warnings = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
        assert sum("failed for account 'them'" in each for each in warnings) == 1
    assert runner.ids == [OWNER.user_id]
    assert runner.state == before


def test_what_is_no_accounts_fault_fails_the_run_in_any_case(
    sandbox: Sandbox, runner: Runner
) -> None:
    sandbox.faults.add("credits_depleted", count=None)
    with pytest.raises(RunError, match="credits"):
        runner.run("mine", on_account_failure="warn")


def test_without_credits_x_is_asked_once_and_the_cause_told_once(
    sandbox: Sandbox, runner: Runner
) -> None:
    accounts = [{"name": "us", "auth": USER_AUTH}, {"name": "them", "auth": SECOND_AUTH}]
    sandbox.faults.add("credits_depleted", count=None)
    with pytest.raises(RunError, match="credits of this X account are used up") as raised:
        runner.run("mine newest", accounts=accounts)
    (line,) = str(raised.value).splitlines()
    assert line.startswith("Streams 'mine', 'newest' failed for accounts 'us', 'them': ")
    assert len(sandbox.requests) == 1


def test_maps_that_fail_end_the_stream_for_all_accounts(sandbox: Sandbox, runner: Runner) -> None:
    accounts = [{"name": "us", "auth": USER_AUTH}, {"name": "them", "auth": SECOND_AUTH}]
    maps = {"mine": {"username": "1/0"}}
    with pytest.raises(RunError, match="ZeroDivisionError") as raised:
        runner.run("mine newest", accounts=accounts, stream_maps=maps)
    assert str(raised.value).startswith("Stream 'mine' failed: The setting 'stream_maps'")
    assert runner.ids == [OWNER.user_id, SECOND_USER.user_id]
    assert paths(sandbox).count("/2/users/me") == 1
    assert "cursor" not in str(runner.state)


def test_what_the_app_may_not_do_is_never_spared(sandbox: Sandbox, runner: Runner) -> None:
    accounts = [{"id": each.user_id} for each in (OWNER, SECOND_USER)]
    sandbox.faults.add("client_not_enrolled")
    with pytest.raises(RunError, match="attach it to a project"):
        runner.run("newest", accounts=accounts, on_account_failure="warn")
    assert runner.ids == [SECOND_USER.user_id]


@pytest.mark.parametrize("revoked", ["default", "first"])
def test_a_revoked_login_keeps_nobody_from_being_found(
    sandbox: Sandbox, runner: Runner, revoked: str
) -> None:
    handles = [sandbox.world.handle(each) for each in (SECOND_USER.user_id, OWNER.user_id)]
    auths = (SECOND_AUTH, USER_AUTH)
    accounts = [{"username": h, "auth": a} for h, a in zip(handles, auths, strict=True)]
    sandbox.revoke(SECOND_USER.access_token)
    auth = SECOND_AUTH if revoked == "default" else no_keys()
    ids = runner.run("profiles", accounts=accounts, auth=auth)
    assert ids == [SECOND_USER.user_id, OWNER.user_id]
