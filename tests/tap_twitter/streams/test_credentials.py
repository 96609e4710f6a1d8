"""In whose name an account is asked about, and what X allows whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.account_streams import SECOND_AUTH, Profiles, Runner, WaitingClock, no_keys
from support.granting import oauth2_login
from support.harness import APP_AUTH, USER_AUTH, auth_of

from sandbox import running
from sandbox.credentials import APP, CITY, NEWS, OWNER, SECOND_USER
from tap_twitter.errors import AccessError, RunError, SettingError

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox
    from tap_twitter.auth.token_store import TokenStore


def test_a_protected_account_answers_its_own_login(
    sandbox: Sandbox, runner: Runner, store: TokenStore
) -> None:
    sandbox.world.set_status(SECOND_USER.user_id, "protected")
    handle = sandbox.world.handle(SECOND_USER.user_id)
    accounts = [{"username": handle, "auth": SECOND_AUTH}]
    assert runner.run("profiles", accounts=accounts) == [SECOND_USER.user_id]


def test_protected_accounts_whom_the_budget_does_not_reach_are_asked_by_the_next_run(
    sandbox: Sandbox, runner: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    users = [SECOND_USER, CITY, NEWS]
    for user in users:
        sandbox.world.set_status(user.user_id, "protected")
    handles = [sandbox.world.handle(each.user_id) for each in users]
    accounts = [
        {"username": handle, "auth": auth_of(user)}
        for handle, user in zip(handles, users, strict=True)
    ]
    budget = {"max_requests": 3}
    first = runner.run("profiles", accounts=accounts, budget=budget)
    assert first == [SECOND_USER.user_id, CITY.user_id]
    assert len(sandbox.requests) == 3
    assert "1 account(s) are left to look up" in caplog.text
    second = runner.run("profiles", runner.state, accounts=accounts, budget=budget)
    assert second == [NEWS.user_id]
    assert len(sandbox.requests) == 3 + 3


def test_who_may_ask_finds_out_the_ids_where_the_default_login_may_not(
    sandbox: Sandbox, runner: Runner, store: TokenStore
) -> None:
    store.put(oauth2_login(sandbox, "default", OWNER.user_id, "tweet.read"))
    rival = sandbox.world.sample_ids(1, "found")[0]
    accounts = [
        {"username": sandbox.world.handle(rival)},
        {"username": sandbox.world.handle(SECOND_USER.user_id), "auth": SECOND_AUTH},
    ]
    tap = runner.tap("profiles", accounts=accounts, auth=no_keys())
    stream = tap.streams["profiles"]
    assert isinstance(stream, Profiles)
    assert [each.objects for each in stream.identifying_demands()] == [1]
    with pytest.raises(RunError, match=r"lacks the scope users\.read"):  # of the rival's
        tap.run()
    assert runner.ids == [SECOND_USER.user_id]
    assert {entry.user_id for entry in sandbox.requests} == {SECOND_USER.user_id}


def test_where_nobody_may_ask_the_default_credentials_are_what_is_told(
    sandbox: Sandbox, runner: Runner
) -> None:
    handle = sandbox.world.handle(sandbox.world.sample_ids(1, "found")[0])
    accounts = [{"username": handle}, {"id": SECOND_USER.user_id, "auth": SECOND_AUTH}]
    sandbox.revoke(OWNER.access_token)
    sandbox.revoke(SECOND_USER.access_token)
    with pytest.raises(RunError, match=f"account '{handle}': .* settings of 'auth', or make"):
        runner.run("profiles", accounts=accounts)


@pytest.mark.parametrize("with_app", [False, True], ids=["user", "user-and-app"])
def test_private_streams_pass_over_accounts_of_others(
    sandbox: Sandbox, runner: Runner, caplog: pytest.LogCaptureFixture, *, with_app: bool
) -> None:
    rival = sandbox.world.sample_ids(1, "found")[0]
    accounts = [{"id": OWNER.user_id}, {"id": rival, "name": "rival"}]
    token = {"bearer_token": sandbox.tokens.app_only()} if with_app else {}
    with caplog.at_level("INFO"):
        found = runner.run("mine profiles", accounts=accounts, auth={**USER_AUTH, **token})
    assert found == [OWNER.user_id, OWNER.user_id, rival]
    line = "'mine' skips account 'rival': it has no credentials of its own."
    assert caplog.messages.count(line) == 1


def test_private_streams_pass_over_accounts_that_the_app_alone_could_ask_for(
    sandbox: Sandbox, runner: Runner
) -> None:
    rival = sandbox.world.sample_ids(1, "found")[0]
    accounts = [{"id": OWNER.user_id, "auth": USER_AUTH}, {"id": rival}]
    assert runner.run("mine", accounts=accounts, auth=APP_AUTH) == [OWNER.user_id]


def test_private_streams_pass_over_accounts_that_turn_out_to_be_others(
    sandbox: Sandbox, runner: Runner
) -> None:
    rival = sandbox.world.sample_ids(1, "found")[0]
    accounts = [{"username": sandbox.world.handle(each)} for each in (OWNER.user_id, rival)]
    assert runner.run("mine", accounts=accounts) == [OWNER.user_id]


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"auth": no_keys()}, SettingError, "No credentials for X"),
        ({"auth": {**no_keys(), **APP_AUTH}}, SettingError, "No account to read"),
        ({"accounts": [{"id": "5"}]}, AccessError, "no account has credentials of its own"),
        (
            {"accounts": [{"id": "5", "name": "a", "auth": APP_AUTH}]},
            RunError,
            "'mine' failed for account 'a': X does not allow /2/users/me .* connect a",
        ),
        ({"accounts": [{"id": "5"}, {"id": "5", "name": "x"}]}, SettingError, "have the same id"),
    ],
    ids=["no-credentials", "app-only", "only-others", "own-but-app-only", "listed-twice"],
)
def test_what_x_would_refuse_is_said_before_anything_is_asked(
    sandbox: Sandbox,
    runner: Runner,
    settings: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        runner.run("mine", **settings)
    assert not sandbox.requests


def test_a_login_without_the_scopes_fails_for_its_account_alone(
    sandbox: Sandbox, runner: Runner, store: TokenStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.put(oauth2_login(sandbox, "poor", SECOND_USER.user_id, "users.read"))
    accounts = [{"name": "poor"}, {"name": "us", "auth": USER_AUTH}]
    with pytest.raises(RunError, match=r"'poor': .* lacks the scope tweet\.read .* connect poor"):
        runner.run("mine", accounts=accounts)
    assert runner.ids == [OWNER.user_id]
    assert len(sandbox.requests) == 1
    assert "'login poor' lacks the scope" in caplog.text


def test_a_sole_login_is_the_default(sandbox: Sandbox, runner: Runner, store: TokenStore) -> None:
    store.put(oauth2_login(sandbox, "second", SECOND_USER.user_id, "users.read tweet.read"))
    assert runner.run("mine", auth=no_keys()) == [SECOND_USER.user_id]
    store.put(oauth2_login(sandbox, "owner", OWNER.user_id, "users.read tweet.read"))
    with pytest.raises(SettingError, match="Several logins are connected: 'owner', 'second'"):
        runner.run("mine", auth=no_keys())
    accounts = [{"name": "owner"}, {"name": "second"}]
    ids = [OWNER.user_id, SECOND_USER.user_id]
    assert runner.run("mine profiles", auth=no_keys(), accounts=accounts) == [*ids, *ids]


def test_shards_with_oauth2_are_warned_of(
    sandbox: Sandbox, runner: Runner, store: TokenStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.put(oauth2_login(sandbox, "second", SECOND_USER.user_id, "users.read tweet.read"))
    for index in range(2):
        runner.run("profiles", accounts=[{"name": "second"}], shard={"index": index, "count": 2})
    assert caplog.text.count("shards on several machines") == 1


@pytest.mark.parametrize(
    ("stream", "limit", "auth", "waits"),
    [
        ("mine", "/2/users/me:user", {}, 0),
        ("newest", "/2/users/{id}/tweets:user", {}, 0),
        ("newest", "/2/users/{id}/tweets:app", APP_AUTH, 1),
    ],
    ids=["users", "users-by-template", "app-by-template"],
)
def test_users_have_limits_of_their_own_and_an_app_has_one(
    tmp_path: Path, stream: str, limit: str, auth: dict[str, str], waits: int
) -> None:
    accounts: list[dict[str, Any]] = [{"id": OWNER.user_id}, {"id": SECOND_USER.user_id}]
    if not auth:
        accounts[0]["auth"], accounts[1]["auth"] = USER_AUTH, SECOND_AUTH
    clock = WaitingClock()
    with running(limits={limit: 1}, window_seconds=2) as sandbox:
        runner = Runner(sandbox, tmp_path)
        tap = runner.tap(stream, accounts=accounts, auth={**no_keys(), **auth})
        tap.run_context.clock = clock
        tap.run()
        assert {entry.status for entry in sandbox.requests} == {200}
    assert len(runner.ids) == 2
    assert len(clock.waits) == waits


def test_keys_of_the_app_stay_out_of_everything(
    sandbox: Sandbox, runner: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    accounts = [{"name": "them", "auth": SECOND_AUTH}]
    sandbox.revoke(SECOND_USER.access_token)
    with caplog.at_level("DEBUG"), pytest.raises(RunError) as raised:
        runner.run("mine profiles", accounts=accounts)
    everything = caplog.text + str(raised.value) + str(runner.messages.all)
    for secret in (APP.consumer_key, APP.consumer_secret, *SECOND_AUTH.values()):
        assert secret not in everything
