"""Streams that are read account by account: who they are, what finding out costs, who may fail."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest
from granting import oauth2_login
from harness import APP_AUTH, USER_AUTH, Messages, SkippingClock, auth_of

from sandbox import running
from sandbox.credentials import APP, CLIENT, OWNER, SECOND_USER
from sandbox.grants import Grant
from tap_twitter.api.endpoints import ME, TIMELINE, USERS
from tap_twitter.auth.token_store import TokenStore
from tap_twitter.clock import SystemClock
from tap_twitter.errors import AccessError, RunError, SettingError
from tap_twitter.reports.account_stream import AccountStream
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox import Sandbox
    from tap_twitter.accounts import Account

SECOND_AUTH = auth_of(SECOND_USER)
SCHEMA = {
    "type": "object",
    "properties": {"account_id": {"type": "string"}, "username": {"type": "string"}},
}


class Profiles(AccountStream):
    """A row about each account, from the shared directory."""

    name = "profiles"
    primary_keys = ("account_id",)
    ENDPOINTS = (USERS,)
    own_schema = SCHEMA

    def read_account(self, account: Account) -> Iterator[dict[str, Any]]:
        self._tap.users.look_up(self, self.identified.values())
        if not self._tap.users.is_known(account):
            return
        user = self._tap.users.user_of(account)
        yield {"account_id": user["id"], "username": user["username"]}
        self.save_cursor(account, user["id"])

    def demands(self) -> Iterator[Any]:
        yield from self.identifying_demands()
        yield self.demand(USERS, len(self.accounts), self.accounts[0])


class MoreProfiles(Profiles):
    """Another stream that wants the same."""

    name = "more_profiles"


class Mine(AccountStream):
    """A row that X gives only to the account itself."""

    name = "mine"
    primary_keys = ("account_id",)
    ENDPOINTS = (ME,)
    own_schema = SCHEMA

    def read_account(self, account: Account) -> Iterator[dict[str, Any]]:
        user = self.fetch(ME, {}, lambda body: body["data"], account)
        yield {"account_id": user["id"], "username": user["username"]}
        self.save_cursor(account, user["id"])


class Newest(AccountStream):
    """A row for the newest post of an account."""

    name = "newest"
    primary_keys = ("account_id",)
    ENDPOINTS = (TIMELINE,)
    own_schema = SCHEMA

    def read_account(self, account: Account) -> Iterator[dict[str, Any]]:
        posts = self.fetch(TIMELINE, {"max_results": "5"}, lambda body: body["data"], account)
        yield {"account_id": account.user_id, "username": posts[0]["id"]}


class TapOfTests(TapTwitter):
    STREAMS = (Profiles, MoreProfiles, Mine, Newest)


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path / "tokens.json")


class WaitingClock(SystemClock):
    """The machine's clock, which remembers the waits."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        super().sleep(seconds)


class Runner:
    """Runs the streams of these tests against a sandbox."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.config = {
            "api": {"base_url": sandbox.url},
            "auth": {**USER_AUTH, "token_store": str(folder / "tokens.json")},
        }
        self.messages = Messages()

    def tap(self, streams: str, state: dict[str, Any] | None = None, **settings: Any) -> TapTwitter:
        self.messages = Messages()
        settings["auth"] = {**self.config["auth"], **settings.get("auth", {})}
        config = {**self.config, **settings}
        tap = TapOfTests(config=config, state=state, message_writer=self.messages)
        tap.clock = SkippingClock()
        for stream in tap.streams.values():
            stream.selected = stream.name in streams.split()
        return tap

    def run(self, streams: str, state: dict[str, Any] | None = None, **settings: Any) -> list[str]:
        """The ids of the accounts that rows came of."""
        self.tap(streams, state, **settings).run()
        return self.ids

    @property
    def ids(self) -> list[str]:
        return [record["account_id"] for record in self.messages.records]

    @property
    def state(self) -> dict[str, Any]:
        return self.messages.states[-1]


@pytest.fixture
def runner(sandbox: Sandbox, tmp_path: Path) -> Runner:
    return Runner(sandbox, tmp_path)


def paths(sandbox: Sandbox) -> list[str]:
    return [entry.path for entry in sandbox.requests]


def no_keys() -> dict[str, str | None]:
    return dict.fromkeys(USER_AUTH)


def test_without_accounts_the_authenticated_one_is_read(sandbox: Sandbox, runner: Runner) -> None:
    assert runner.run("mine") == [OWNER.user_id]
    assert paths(sandbox) == ["/2/users/me"]
    partition = {"context": {"account_id": OWNER.user_id}, "cursor": OWNER.user_id}
    assert runner.state == {"bookmarks": {"mine": {"partitions": [partition]}}}


def test_handles_become_ids_once_for_all_streams_and_runs(sandbox: Sandbox, runner: Runner) -> None:
    ids = sandbox.world.sample_ids(130, "found")
    accounts = [{"username": sandbox.world.handle(each)} for each in ids]
    assert runner.run("profiles more_profiles", accounts=accounts) == [*ids, *ids]
    assert paths(sandbox) == ["/2/users/by"] * 2
    assert sandbox.bill.total.gross_objects == 130
    state = runner.state
    assert runner.run("mine more_profiles", state, accounts=accounts[:3]) == ids[:3]
    assert paths(sandbox)[2:] == ["/2/users"]


@pytest.mark.parametrize(
    "context", [{}, {"account_id": 12}, {"account_id": None}], ids=["no-id", "number", "null"]
)
def test_a_partition_of_no_account_is_passed_over(
    sandbox: Sandbox, runner: Runner, context: dict[str, Any]
) -> None:
    handle = sandbox.world.handle(OWNER.user_id)
    partition = {"context": context, "identified_by": handle.lower()}
    state = {"bookmarks": {"mine": {"partitions": [partition]}}}
    assert runner.run("mine", state, accounts=[{"username": handle}]) == [OWNER.user_id]
    assert paths(sandbox) == ["/2/users/by", "/2/users/me"]


def test_ids_need_no_asking(sandbox: Sandbox, runner: Runner) -> None:
    tap = runner.tap("mine", accounts=[{"id": OWNER.user_id}])
    tap.run()
    assert paths(sandbox) == ["/2/users/me"]


def test_one_request_serves_streams_that_want_users(sandbox: Sandbox, runner: Runner) -> None:
    ids = sandbox.world.sample_ids(4, "found")
    accounts = [{"id": ids[0]}, {"id": ids[1]}, {"username": sandbox.world.handle(ids[2])}]
    assert runner.run("profiles more_profiles", accounts=accounts) == [*ids[:3], *ids[:3]]
    assert paths(sandbox) == ["/2/users/by", "/2/users"]
    assert sandbox.bill.total.gross_objects == 3


@pytest.mark.parametrize(
    ("status", "mend"),
    [
        ("suspended", "X has suspended the account: take it out of 'accounts'"),
        ("not_found", "X knows no such account: correct it in 'accounts'"),
        ("protected", "the account is protected: connect it"),
    ],
)
@pytest.mark.parametrize("by", ["id", "username"])
def test_what_x_does_not_show_fails_for_its_account_alone(
    sandbox: Sandbox, runner: Runner, status: Any, mend: str, by: str
) -> None:
    good, bad = sandbox.world.sample_ids(2, "found")
    handle = sandbox.world.handle(bad)
    sandbox.world.set_status(bad, status)
    accounts = [{"name": "bad", "id" if by == "id" else "username": bad if by == "id" else handle}]
    message = f"Stream 'profiles' failed for account 'bad': {mend}"
    with pytest.raises(RunError, match=message):
        runner.run("profiles", accounts=[*accounts, {"id": good}])
    assert runner.ids == [good]


def test_a_protected_account_answers_its_own_login(
    sandbox: Sandbox, runner: Runner, store: TokenStore
) -> None:
    sandbox.world.set_status(SECOND_USER.user_id, "protected")
    handle = sandbox.world.handle(SECOND_USER.user_id)
    accounts = [{"username": handle, "auth": SECOND_AUTH}]
    assert runner.run("profiles", accounts=accounts) == [SECOND_USER.user_id]


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


def test_private_streams_pass_over_accounts_of_others(
    sandbox: Sandbox, runner: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    rival = sandbox.world.sample_ids(1, "found")[0]
    accounts = [{"id": OWNER.user_id}, {"id": rival, "name": "rival"}]
    with caplog.at_level("INFO"):
        found = runner.run("mine profiles", accounts=accounts)
    assert found == [OWNER.user_id, OWNER.user_id, rival]
    line = "'mine' passes over account 'rival': it has no credentials of its own."
    assert caplog.messages.count(line) == 1


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
            "'mine' failed for account 'a': X does not give /2/users/me .* connect a",
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
    with pytest.raises(SettingError, match="Connected are 'owner', 'second'"):
        runner.run("mine", auth=no_keys())
    accounts = [{"name": "owner"}, {"name": "second"}]
    ids = [OWNER.user_id, SECOND_USER.user_id]
    assert runner.run("mine profiles", auth=no_keys(), accounts=accounts) == [*ids, *ids]


def test_a_refresh_token_in_the_settings_tells_its_account_once(
    sandbox: Sandbox, runner: Runner
) -> None:
    scopes = ("users.read", "tweet.read", "offline.access")
    pair = sandbox.grants.issue(Grant(CLIENT.client_id, SECOND_USER.user_id, scopes))
    auth = {
        **no_keys(),
        "client_id": CLIENT.client_id,
        "client_secret": CLIENT.client_secret,
        "refresh_token": pair.refresh_token,
    }
    assert runner.run("profiles", auth=auth) == [SECOND_USER.user_id]
    assert [each for each in paths(sandbox) if "oauth2" not in each] == ["/2/users/me"]
    sandbox.requests.clear()
    assert runner.run("mine", runner.state, auth=auth) == [SECOND_USER.user_id]
    assert paths(sandbox) == ["/2/users/me"]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_shards_cut_the_accounts(sandbox: Sandbox, runner: Runner, count: int) -> None:
    ids = sandbox.world.sample_ids(20, "found")
    accounts = [{"id": each} for each in ids]
    shards = [
        runner.run("profiles", accounts=accounts, shard={"index": index, "count": count})
        for index in range(count)
    ]
    assert sorted(chain.from_iterable(shards)) == sorted(ids)
    assert sandbox.bill.total.gross_objects == 20


def test_shards_with_oauth2_are_warned_of(
    sandbox: Sandbox, runner: Runner, store: TokenStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.put(oauth2_login(sandbox, "second", SECOND_USER.user_id, "users.read tweet.read"))
    for index in range(2):
        runner.run("profiles", accounts=[{"name": "second"}], shard={"index": index, "count": 2})
    assert caplog.text.count("shards on several machines") == 1


def test_the_budget_holds_for_finding_out_ids(
    sandbox: Sandbox, runner: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    ids = sandbox.world.sample_ids(4, "found")
    accounts = [{"username": sandbox.world.handle(each)} for each in ids]
    budget = {"max_cost_usd": 0.03}
    assert runner.run("profiles", accounts=accounts, budget=budget) == ids[:3]
    assert "The budget of the run is used up: 1 account(s)" in caplog.text
    again = runner.run("profiles", runner.state, accounts=accounts, budget=budget)
    assert again == [ids[0], ids[1], ids[3]]


def test_the_plan_counts_unknown_ids_once(sandbox: Sandbox, runner: Runner) -> None:
    ids = sandbox.world.sample_ids(3, "found")
    accounts = [{"username": sandbox.world.handle(ids[0])}, {"id": ids[1]}, {"id": ids[2]}]
    plan = runner.tap("profiles more_profiles", accounts=accounts).plan()
    assert [each.objects for each in plan.streams.values()] == [4, 3]
    assert not sandbox.requests


def test_a_test_reads_one_account(sandbox: Sandbox, runner: Runner) -> None:
    ids = sandbox.world.sample_ids(3, "found")
    tap = runner.tap(
        "profiles more_profiles mine", accounts=[{"id": each} for each in [OWNER.user_id, *ids]]
    )
    tap.run_sync_dry_run(1, tap.selected_streams)
    assert set(runner.ids) == {OWNER.user_id}
    assert sandbox.bill.total.gross_objects == 2


def test_two_entries_that_turn_out_to_be_one_account_are_told(
    sandbox: Sandbox, runner: Runner
) -> None:
    handle = sandbox.world.handle(OWNER.user_id)
    accounts = [{"id": OWNER.user_id, "name": "us"}, {"username": handle, "name": "too"}]
    with pytest.raises(RunError, match="account 'too': it is the same as account 'us'"):
        runner.run("profiles", accounts=accounts)
    assert runner.ids == [OWNER.user_id]


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


def test_without_money_nobody_is_asked_who_asks(
    sandbox: Sandbox, runner: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    scopes = ("users.read", "tweet.read", "offline.access")
    pair = sandbox.grants.issue(Grant(CLIENT.client_id, SECOND_USER.user_id, scopes))
    client = {"client_id": CLIENT.client_id, "client_secret": CLIENT.client_secret}
    auth = {**no_keys(), **client, "refresh_token": pair.refresh_token}
    assert runner.run("profiles", auth=auth, budget={"max_cost_usd": 0}) == []
    assert not sandbox.requests
    assert "1 account(s) are left to ask X about" in caplog.text


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
        tap.clock = clock
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
