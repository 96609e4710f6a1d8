"""Posts that searches find: rows, what is bought, and how runs follow each other."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from support.searches import DAY, SANDBOX, TEA, WEEK, by_tweepy, search, searching
from support.timelines import KilledError, Runs

from sandbox.credentials import OWNER
from tap_twitter.errors import RunError, SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return SANDBOX


@pytest.fixture
def runs(sandbox: Sandbox, tmp_path: Path) -> Runs:
    return searching(sandbox, tmp_path)


@pytest.fixture
def stack(caplog: pytest.LogCaptureFixture) -> Iterator[ExitStack]:
    caplog.set_level(logging.INFO, logger="tweepy")  # it logs tokens and texts
    with ExitStack() as opened:
        yield opened


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_ids_and_order_are_those_of_tweepy(
    sandbox: Sandbox, runs: Runs, stack: ExitStack, vocabulary: str
) -> None:
    messages = search(runs, api={"vocabulary": vocabulary})
    assert runs.given == by_tweepy(sandbox, stack)
    assert len(runs.given) > 40
    for row in messages.records:
        post = sandbox.world.post(row["id"]) or {}
        assert (row["query"], row["author_id"]) == ("tea", post["author_id"])
        assert row["created_at"] == post["created_at"]


def test_three_days_buy_what_one_buys(sandbox: Sandbox, runs: Runs, stack: ExitStack) -> None:
    expected: set[str] = set()
    for _ in range(3):
        search(runs)
        expected |= set(by_tweepy(sandbox, stack))
        assert set(runs.given) == expected
        sandbox.clock.advance(DAY)
    assert len(runs.given) == len(expected)


@pytest.mark.parametrize("fatal", [0, 7, 15])
def test_a_kill_costs_a_page_at_most(
    sandbox: Sandbox, runs: Runs, stack: ExitStack, fatal: int
) -> None:
    with pytest.raises(KilledError):
        search(runs, fatal=fatal, budget={"max_cost_usd": 5})
    sandbox.world.timelines.add(OWNER.user_id, "A new kettle")
    sandbox.clock.advance(60)
    search(runs)
    assert runs.posts_bought <= len(runs.rows) + 100
    assert runs.rows.keys() == set(by_tweepy(sandbox, stack))


def test_the_budget_ends_a_run_between_pages(
    sandbox: Sandbox, runs: Runs, stack: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    search(runs, budget={"max_cost_usd": 0.05})
    assert len(runs.given) == 10
    assert "posts of query 'tea' are left" in caplog.text
    search(runs)
    assert runs.given == by_tweepy(sandbox, stack)
    assert runs.posts_bought == len(runs.given) + len(runs.given)  # tweepy's own


@pytest.mark.parametrize("stopped", [False, True], ids=["finished", "stopped"])
def test_days_that_are_out_of_reach_are_told(
    sandbox: Sandbox,
    runs: Runs,
    stack: ExitStack,
    caplog: pytest.LogCaptureFixture,
    *,
    stopped: bool,
) -> None:
    search(runs, **({"budget": {"max_cost_usd": 0.05}} if stopped else {}))
    before = set(runs.given)
    sandbox.clock.advance(WEEK + 2 * DAY)
    sandbox.world.timelines.add(OWNER.user_id, "A new kettle")
    sandbox.clock.advance(60)
    caplog.clear()
    search(runs)
    assert "X searches seven days back: for query 'tea', posts " in caplog.text
    assert "to 2026-03-12T12:02:00" in caplog.text
    assert set(runs.given) - before == set(by_tweepy(sandbox, stack))
    assert len(runs.given) == len(set(runs.given))


def test_a_query_that_finds_nothing_has_no_gap(
    sandbox: Sandbox, runs: Runs, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(4):
        search(runs, {"name": "none", "query": "zyzzyva"})
        sandbox.clock.advance(4 * DAY)
    assert "out of reach" not in caplog.text
    assert not runs.given


def test_a_query_that_x_refuses_fails_alone(runs: Runs) -> None:
    with pytest.raises(RunError, match="X refuses the query 'replies' of the setting 'queries'"):
        search(runs, {"name": "replies", "query": "is:reply"}, TEA)
    assert runs.given


@pytest.mark.parametrize(
    ("queries", "message"),
    [
        ([], "requires the setting 'queries'"),
        ([TEA, TEA], "2 queries named 'tea'"),
        ([{"name": "long", "query": "x" * 513}], "query 'long' .* has 513 characters"),
    ],
    ids=["none", "twice", "too long"],
)
def test_settings_are_checked_before_anything_is_bought(
    sandbox: Sandbox, runs: Runs, queries: list[dict[str, str]], message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        runs.run(streams=("recent_search",), queries=queries)
    assert not sandbox.requests


def test_plan_and_test_cost_nothing(sandbox: Sandbox, runs: Runs) -> None:
    tap = runs.tap(streams=("recent_search",), queries=[TEA])
    assert tap.plan().total.objects == 100
    assert not sandbox.requests
    test = tap.test()
    test.run()
    assert test.is_passed
    assert sandbox.bill.total.gross_objects == 0
