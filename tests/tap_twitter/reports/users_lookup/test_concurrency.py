"""Lookups whose requests overlap: the same rows, the same money, and never a request too many."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.harness import APP_AUTH, USER_AUTH, Messages, make_dataset, selecting, tap_config
from support.sandbox_clock import SandboxClock

from sandbox import running
from tap_twitter.errors import RunError
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

USERS = 1_050
CONCURRENCIES = [1, 2, 8, 16]
SOME = [pytest.param(n, marks=() if n in {2, 16} else pytest.mark.torture) for n in CONCURRENCIES]
"""Two of them in `make test`, all in `make torture`."""

PASSING = ["service_unavailable", "html_success", "connection_reset", "rate_limited", "internal_error",
           "missing_headers", "absurd_reset", "empty_error", "rate_limited_code_88"]  # fmt: skip
"""Faults that another try does not meet, and that charge nothing."""


def seeds(count: int) -> list[Any]:
    """Two of them in `make test`, the others in `make torture`."""
    return [0, 1, *(pytest.param(seed, marks=pytest.mark.torture) for seed in range(2, count))]


def config(sandbox: Sandbox, store: Path, concurrency: int, **more: Any) -> dict[str, Any]:
    found = tap_config(sandbox, store, auth=more.pop("auth", USER_AUTH)) | more
    found["api"]["concurrency"] = concurrency
    return found


def run(
    sandbox: Sandbox, settings: dict[str, Any], state: dict[str, Any] | None = None
) -> Messages:
    """Run the tap on the sandbox's clock; a run that fails gives its messages all the same."""
    messages = Messages()
    catalog = selecting(settings, ["users_lookup"])
    tap = TapTwitter(config=settings, state=state, catalog=catalog, message_writer=messages)
    tap.run_context.clock = SandboxClock(sandbox)
    try:
        tap.run()
    except RunError as error:
        messages.all.append({"type": "FAILURE", "text": str(error)})
    return messages


def failed(messages: Messages) -> bool:
    return bool(messages.all[-1]["type"] == "FAILURE")


def is_complete(state: dict[str, Any] | None) -> bool:
    return bool(state == {"bookmarks": {"users_lookup": {"pass": []}}})


def rows(messages: Messages) -> list[dict[str, Any]]:
    """The rows, in the order in which they came, without what a minute more or less changes."""
    moving = {"looked_up_at", "most_recent_tweet_id", "pinned_tweet_id"}
    return [
        {key: row[key] for key in row if key not in moving and not key.endswith("_count")}
        for row in messages.records
    ]


@pytest.fixture
def people(sandbox: Sandbox, tmp_path: Path) -> list[str]:
    """Who is looked up: ids, handles, and what is neither."""
    ids = sandbox.world.sample_ids(USERS - 260)
    handles = [f"@{sandbox.world.handle(each)}" for each in sandbox.world.sample_ids(250)]
    everyone = [*ids, *handles, *(f"no {number}" for number in range(10))]
    make_dataset(tmp_path, "people", {"who": everyone})
    return everyone


@pytest.mark.parametrize("concurrency", SOME)
def test_rows_and_their_order_do_not_depend_on_it(
    sandbox: Sandbox, tmp_path: Path, people: list[str], concurrency: int
) -> None:
    expected = rows(run(sandbox, config(sandbox, tmp_path, 1)))
    bought = sandbox.bill.total.gross_objects
    sandbox.bill.reset()
    sandbox.requests.clear()
    messages = run(sandbox, config(sandbox, tmp_path, concurrency))
    assert rows(messages) == expected
    assert len(expected) == USERS
    assert sandbox.bill.total.gross_objects == bought
    assert len(sandbox.requests) == 8 + 3
    assert messages.states[-1] == {"bookmarks": {"users_lookup": {"pass": []}}}


@pytest.mark.parametrize("seed", seeds(6))
def test_faults_that_pass_change_nothing(
    sandbox: Sandbox, tmp_path: Path, people: list[str], seed: int
) -> None:
    chance = random.Random(seed)
    expected = rows(run(sandbox, config(sandbox, tmp_path, 1)))
    sandbox.bill.reset()
    for nth in chance.sample(range(1, 20), 6):
        sandbox.faults.add(chance.choice(PASSING), nth=nth, path="/2/*")
    messages = run(sandbox, config(sandbox, tmp_path, chance.choice(CONCURRENCIES)))
    assert rows(messages) == expected
    resets = sum("connection_reset" in entry.faults for entry in sandbox.requests)
    found = sum(row["lookup_status"] == "found" for row in expected)
    assert found <= sandbox.bill.total.gross_objects <= found + 100 * resets


@pytest.mark.parametrize("seed", seeds(8))
def test_what_x_has_answered_is_neither_lost_nor_bought_twice_however_often_a_run_fails(
    sandbox: Sandbox, tmp_path: Path, people: list[str], seed: int
) -> None:
    chance = random.Random(seed)
    expected = rows(run(sandbox, config(sandbox, tmp_path, 1)))
    sandbox.bill.reset()
    found: list[dict[str, Any]] = []
    state: dict[str, Any] | None = None
    while not is_complete(state):
        sandbox.faults.clear()
        for nth in chance.sample(range(1, 9), 2):
            sandbox.faults.add(
                chance.choice(["credits_depleted", "forbidden"]), nth=nth, path="/2/*"
            )
        messages = run(sandbox, config(sandbox, tmp_path, chance.choice([4, 8])), state)
        found += rows(messages)
        state = messages.states[-1] if messages.states else state
        assert len(str(state)) < 3_000
    assert sorted(found, key=repr) == sorted(expected, key=repr)
    assert sandbox.bill.total.gross_objects == Counter(
        row["lookup_status"] for row in expected
    )["found"]  # fmt: skip


def test_the_answers_behind_a_failed_one_are_remembered_beside_the_cursor(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    ids = sorted(sandbox.world.sample_ids(600, "found"), key=int)
    make_dataset(tmp_path, "people", {"user_id": ids})
    sandbox.faults.add("forbidden", path="/2/users", nth=2)
    messages = run(sandbox, config(sandbox, tmp_path, 4))
    assert failed(messages)
    assert len(messages.records) == 300
    begun = messages.states[-1]["bookmarks"]["users_lookup"]["pass"][0]
    # which of the requests under way comes second is chance; behind the last one nothing stands
    behind_it = max(int(row["requested_id"]) for row in messages.records) > int(ids[299])
    answered = begun.get("answered", [])
    assert [[end["kind"] for end in ends] for ends in answered] == [["id", "id"]] * behind_it
    rest = run(sandbox, config(sandbox, tmp_path, 4), messages.states[-1])
    assert not failed(rest)
    both = [row["requested_id"] for row in [*messages.records, *rest.records]]
    assert sorted(both, key=int) == ids
    assert sandbox.bill.total.gross_objects == 600


@pytest.mark.parametrize("concurrency", SOME)
@pytest.mark.parametrize(
    "limits",
    [
        {"/2/users:app": 3, "/2/users/by:app": 2},
        {"/2/users:app": 5, "/2/users:app:day": 7},
        {"/2/users:app": 300},
    ],
    ids=["windows", "day", "wide"],
)
def test_no_request_is_ever_refused(
    tmp_path: Path, concurrency: int, limits: dict[str, int]
) -> None:
    with running(clock_ticking=False, limits=limits) as sandbox:
        ids = sandbox.world.sample_ids(USERS)
        handles = [sandbox.world.handle(each) for each in ids[:350]]
        make_dataset(tmp_path, "people", {"who": [*ids, *handles]})
        settings = config(sandbox, tmp_path, concurrency, auth=APP_AUTH)
        settings["api"]["max_wait_seconds"] = 90_000
        messages = run(sandbox, settings)
        assert not failed(messages)
        assert {entry.status for entry in sandbox.requests} == {200}
        assert len(messages.records) == USERS + 350


@pytest.mark.parametrize("budget", [{"max_cost_usd": 3.5}, {"max_requests": 5}], ids=str)
@pytest.mark.parametrize("concurrency", SOME)
def test_a_budget_ends_the_run_at_the_same_user(
    sandbox: Sandbox, tmp_path: Path, people: list[str], concurrency: int, budget: dict[str, Any]
) -> None:
    expected = run(sandbox, config(sandbox, tmp_path, 1, budget=budget))
    sandbox.bill.reset()
    messages = run(sandbox, config(sandbox, tmp_path, concurrency, budget=budget))
    assert rows(messages) == rows(expected)
    assert messages.states[-1] == expected.states[-1]
    assert sandbox.bill.total.net_usd <= budget.get("max_cost_usd", 100)
    assert sandbox.bill.total.requests <= budget.get("max_requests", 100)


def test_a_token_that_is_revoked_on_the_way_is_fetched_once_more(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(USERS, "found")})
    sandbox.faults.add("revoke_token", path="/2/users", nth=4)
    messages = run(sandbox, config(sandbox, tmp_path, 4, auth=APP_AUTH))
    assert len(messages.records) == USERS
    assert sum(entry.path == "/oauth2/token" for entry in sandbox.requests) == 2
    assert sandbox.bill.total.gross_objects == USERS


def most_at_once(sandbox: Sandbox, latency: timedelta) -> int:
    """How many requests were under way when one of them was answered.

    A request came in a latency before its answer, or still earlier on a machine that is busy.
    """
    answered = [datetime.fromisoformat(entry.at) for entry in sandbox.requests]
    return max(sum(each - latency < end <= each for each in answered) for end in answered)


@pytest.mark.parametrize(("concurrency", "least", "seconds"), [(1, 1, 0.1), (8, 3, 1.5)])
def test_latencies_overlap(tmp_path: Path, concurrency: int, least: int, seconds: float) -> None:
    with running(latency_ms=1_000 * seconds) as sandbox:
        make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(600, "found")})
        messages = run(sandbox, config(sandbox, tmp_path, concurrency))
        assert len(messages.records) == 600
        assert least <= most_at_once(sandbox, timedelta(seconds=seconds)) <= concurrency


def test_a_test_of_the_settings_asks_for_one_user_all_the_same(
    sandbox: Sandbox, tmp_path: Path, people: list[str]
) -> None:
    settings = config(sandbox, tmp_path, 16)
    tap = TapTwitter(config=settings, message_writer=Messages())
    tap.run_sync_dry_run(1, tap.selected_streams)
    asked = [entry.params["ids"] for entry in sandbox.requests if entry.path == "/2/users"]
    assert [len(ids.split(",")) for ids in asked] == [1]
