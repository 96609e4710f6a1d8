"""Whom streams are about: handles become ids, once and for as little as X allows."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest
from support.account_streams import Runner, no_keys, paths
from support.granting import seed_auth

from sandbox.credentials import OWNER, SECOND_USER
from tap_twitter.errors import RunError

if TYPE_CHECKING:
    from sandbox import Sandbox


def test_without_accounts_the_authenticated_one_is_read(sandbox: Sandbox, runner: Runner) -> None:
    assert runner.run("mine") == [OWNER.user_id]
    assert paths(sandbox) == ["/2/users/me"]
    partition = {"context": {"account_id": OWNER.user_id}, "cursor": OWNER.user_id}
    assert runner.state == {"bookmarks": {"mine": {"partitions": [partition], "first": None}}}


def test_handles_become_ids_once_for_all_streams_and_runs(sandbox: Sandbox, runner: Runner) -> None:
    ids = sandbox.world.sample_ids(130, "found")
    accounts = [{"username": sandbox.world.handle(each)} for each in ids]
    assert runner.run("profiles more_profiles", accounts=accounts) == [*ids, *ids]
    assert paths(sandbox) == ["/2/users/by"] * 2
    assert sandbox.bill.total.gross_objects == 130
    state = runner.state
    assert runner.run("more_profiles", state, accounts=accounts[:3]) == ids[:3]
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


def test_a_refresh_token_in_the_settings_tells_its_account_once(
    sandbox: Sandbox, runner: Runner
) -> None:
    auth = {**no_keys(), **seed_auth(sandbox, SECOND_USER.user_id)}
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


def test_without_money_nobody_is_asked_who_asks(
    sandbox: Sandbox, runner: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    auth = {**no_keys(), **seed_auth(sandbox, SECOND_USER.user_id)}
    assert runner.run("profiles", auth=auth, budget={"max_cost_usd": 0}) == []
    assert not sandbox.requests
    assert "1 account(s) are left to look up" in caplog.text


def test_an_ads_account_among_the_accounts_is_sent_to_its_setting(
    sandbox: Sandbox, runner: Runner
) -> None:
    with pytest.raises(RunError, match=r"organic\.accounts"):
        runner.run("mine", accounts=["18ce54d4x5t"])
