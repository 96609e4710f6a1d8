"""A row a day for each account, whatever has become of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.granting import oauth2_login
from support.harness import USER_AUTH

from sandbox.credentials import OWNER, SECOND_USER
from tap_twitter.auth.token_store import TokenStore
from tap_twitter.errors import RunError

if TYPE_CHECKING:
    from support.timelines import Runs

    from sandbox import Sandbox

STREAMS = ("account_insights",)
COUNTS = ("followers_count", "following_count", "tweet_count", "listed_count", "like_count", "media_count")  # fmt: skip
PLAIN = ("username", "name", "created_at", "description", "location", "url", "protected", "verified",
         "verified_type", "verified_followers_count", "profile_image_url", "pinned_tweet_id")  # fmt: skip


def test_every_account_has_a_row_with_the_right_values(sandbox: Sandbox, runs: Runs) -> None:
    ids = sandbox.world.sample_ids(130, "found")
    accounts = [{"id": each} for each in ids[:120]]
    accounts += [{"username": sandbox.world.handle(each)} for each in ids[120:]]
    rows = runs.run(*accounts, streams=STREAMS).records
    assert [row["account_id"] for row in rows] == ids
    for row in rows:
        user = sandbox.world.user(row["account_id"])
        assert row["account_name"] == user["username"]
        assert {name: row[name] for name in PLAIN} == {name: user.get(name) for name in PLAIN}
        assert {name: row[name] for name in COUNTS} == user["public_metrics"]
        assert (row["date"], row["status"], row["read_at"]) == (
            "2026-03-10",
            "found",
            "2026-03-10T12:00:00Z",
        )
    assert [entry.path for entry in sandbox.requests] == ["/2/users/by", "/2/users", "/2/users"]
    assert sandbox.bill.total.gross_objects == 130


def test_a_day_has_one_row_and_the_next_day_another(sandbox: Sandbox, runs: Runs) -> None:
    keys = []
    for hours in (0, 6, 24):
        sandbox.clock.advance(3600 * hours)
        keys += [(row["account_id"], row["date"]) for row in runs.run(streams=STREAMS).records]
    assert keys == [(OWNER.user_id, day) for day in ("2026-03-10", "2026-03-10", "2026-03-11")]


@pytest.mark.parametrize("by", ["id", "username"])
@pytest.mark.parametrize("status", ["suspended", "not_found"])
def test_an_account_that_is_gone_has_a_row_that_says_so(
    sandbox: Sandbox, runs: Runs, status: Any, by: str
) -> None:
    good, gone = sandbox.world.sample_ids(2, "found")
    handle = sandbox.world.handle(gone)
    sandbox.world.set_status(gone, status)
    account = {"id": gone} if by == "id" else {"username": handle}
    with pytest.raises(
        RunError, match=f"'account_insights' failed for account '{account[by]}'"
    ) as error:
        runs.run({"id": good}, account, streams=STREAMS)
    assert str(error.value).count("\n") == 0
    row = runs.rows[gone if by == "id" else f"@{handle.lower()}"]
    assert row["status"] == status
    assert row["status_detail"]
    assert row["followers_count"] is None
    assert runs.rows[good]["status"] == "found"


def test_a_handle_is_known_by_its_id_from_then_on(sandbox: Sandbox, runs: Runs) -> None:
    (user_id,) = sandbox.world.sample_ids(1, "found")
    account = {"username": sandbox.world.handle(user_id)}
    runs.run(account, streams=STREAMS)
    runs.run(account, streams=STREAMS)
    assert [entry.path for entry in sandbox.requests] == ["/2/users/by", "/2/users"]
    sandbox.world.set_status(user_id, "suspended")
    with pytest.raises(RunError):
        runs.run(account, streams=STREAMS)
    assert runs.rows[user_id]["status"] == "suspended"


def test_entries_that_mean_the_same_account_give_one_row(sandbox: Sandbox, runs: Runs) -> None:
    (user_id,) = sandbox.world.sample_ids(1, "found")
    accounts = ({"id": user_id}, {"username": sandbox.world.handle(user_id)})
    with pytest.raises(RunError, match="it is the same as account"):
        runs.run(*accounts, streams=STREAMS)
    assert runs.given == [user_id]


def test_one_answer_serves_both_streams(sandbox: Sandbox, runs: Runs) -> None:
    runs.run(
        {"username": "harbour_books"},
        streams=("account_insights", "tweet_insights"),
        start_date="2026-03-01",
    )
    assert sandbox.bill.resources["User"].gross_objects == 1


def test_the_budget_holds_and_the_plan_says_so(sandbox: Sandbox, runs: Runs) -> None:
    accounts = [{"id": each} for each in sandbox.world.sample_ids(5, "found")]
    budget = {"max_cost_usd": 0.03}
    plan = runs.tap(*accounts, streams=STREAMS, budget=budget).plan().total
    assert (plan.requests, plan.objects, plan.left) == (1, 3, 2)
    runs.run(*accounts, streams=STREAMS, budget=budget)
    assert len(runs.rows) == sandbox.bill.total.gross_objects == 3


def connect_poor(sandbox: Sandbox, runs: Runs) -> None:
    """Keep a login of the second user that may not ask about users."""
    login = oauth2_login(sandbox, "poor", SECOND_USER.user_id, "dm.read tweet.read")
    TokenStore(runs.store / "tokens.json").put(login)


def test_a_login_that_may_not_ask_is_reported_by_those_who_may(
    sandbox: Sandbox, runs: Runs
) -> None:
    connect_poor(sandbox, runs)
    plan = runs.tap({"name": "poor"}, {"id": OWNER.user_id}, streams=STREAMS).plan().total
    assert (plan.requests, plan.objects) == (1, 2)
    runs.run({"name": "poor"}, {"id": OWNER.user_id}, streams=STREAMS)
    assert {row["status"] for row in runs.rows.values()} == {"found"}
    assert runs.rows.keys() == {SECOND_USER.user_id, OWNER.user_id}
    assert {entry.user_id for entry in sandbox.requests} == {OWNER.user_id}


def test_where_nobody_may_ask_nothing_is_asked(sandbox: Sandbox, runs: Runs) -> None:
    connect_poor(sandbox, runs)
    nobody = dict.fromkeys(USER_AUTH)
    with pytest.raises(
        RunError, match=r"/2/users for account 'poor': .*lacks the scope users\.read"
    ):
        runs.run({"name": "poor"}, streams=STREAMS, auth=nobody)
    assert not sandbox.requests


def test_the_connection_test_asks_in_the_names_that_the_stream_asks_in(
    sandbox: Sandbox, runs: Runs
) -> None:
    connect_poor(sandbox, runs)
    test = runs.tap({"name": "poor"}, {"id": OWNER.user_id}, streams=STREAMS).test()
    test.run()
    assert test.is_passed
    assert [entry.path for entry in sandbox.requests] == ["/2/users", "/2/users/by"]


def test_a_row_is_of_the_day_of_its_answer_though_the_run_goes_on_past_midnight(
    sandbox: Sandbox, runs: Runs
) -> None:
    sandbox.clock.set(sandbox.clock.now().replace(hour=23, minute=59))
    sandbox.faults.add("rate_limited", path="/2/users")
    runs.run({"username": "harbour_books"}, {"id": OWNER.user_id}, streams=STREAMS)
    told = {key: (row["date"], row["read_at"]) for key, row in runs.rows.items()}
    assert told[SECOND_USER.user_id] == ("2026-03-10", "2026-03-10T23:59:00Z")
    assert told[OWNER.user_id][0] == "2026-03-11"
