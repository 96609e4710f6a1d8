"""Posts that searches find: rows, what is bought, and how runs follow each other."""

from __future__ import annotations

import logging
import random
from contextlib import ExitStack
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import tweepy
from support.timelines import NOON, KilledError, Runs
from test_sandbox.test_clients import tweepy_client

from sandbox.credentials import FOUNDER, OWNER
from tap_twitter.errors import AccessError, RunError, SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox import Sandbox

QUERY = "(kettle OR tea OR stock) -is:retweet"
TEA = {"name": "tea", "query": QUERY}
DAY, WEEK = 86_400, 7 * 86_400


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return {"clock_start": NOON, "clock_ticking": False}


@pytest.fixture
def runs(sandbox: Sandbox, tmp_path: Path) -> Runs:
    for number in range(40):
        sandbox.world.timelines.add(FOUNDER.user_id, f"Kettle {number}")
    sandbox.clock.advance(60)
    return Runs(sandbox, tmp_path)


def search(runs: Runs, *queries: dict[str, str], **settings: Any) -> Any:
    return runs.run(streams=("recent_search",), queries=list(queries or [TEA]), **settings)


def by_tweepy(sandbox: Sandbox, stack: ExitStack, max_results: int = 10) -> list[str]:
    client = tweepy_client(sandbox, stack, bearer_token=sandbox.tokens.app_only())
    pages = tweepy.Paginator(client.search_recent_tweets, QUERY, max_results=max_results)
    return [str(each.id) for page in pages for each in page.data or []]


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


def many_pages(sandbox: Sandbox) -> list[str]:
    """The posts that the query finds, on four pages, newest first."""
    for number in range(300):
        sandbox.world.timelines.add(FOUNDER.user_id, f"Stock of kettle {number}")
    sandbox.clock.advance(60)
    with ExitStack() as stack:
        return by_tweepy(sandbox, stack, max_results=100)


def kill_and_resume(sandbox: Sandbox, runs: Runs, fatal: int) -> None:
    """Kill a run before a row; the next one has the rest, for a page at most."""
    truth = many_pages(sandbox)
    assert len(truth) > 300
    sandbox.bill.reset()
    with pytest.raises(KilledError):
        search(runs, fatal=fatal)
    new = str(sandbox.world.timelines.add(OWNER.user_id, "A new kettle"))
    sandbox.clock.advance(60)
    search(runs)
    assert runs.rows.keys() == {*truth, new}
    assert runs.posts_bought <= len(truth) + 1 + 100
    assert len(runs.given) <= runs.posts_bought


@pytest.mark.parametrize("fatal", random.Random(14).sample(range(100, 300), 2))
def test_a_kill_between_pages_buys_no_more_than_a_page_twice(
    sandbox: Sandbox, runs: Runs, caplog: pytest.LogCaptureFixture, fatal: int
) -> None:
    caplog.set_level(logging.INFO, logger="tweepy")
    kill_and_resume(sandbox, runs, fatal)


@pytest.mark.torture
@pytest.mark.parametrize("page", range(4))
@pytest.mark.parametrize("row", [0, 1, 50, 99])
def test_kills_around_every_page_buy_no_more_than_a_page_twice(
    sandbox: Sandbox, runs: Runs, caplog: pytest.LogCaptureFixture, page: int, row: int
) -> None:
    caplog.set_level(logging.INFO, logger="tweepy")
    kill_and_resume(sandbox, runs, 100 * page + row)


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


def counted(sandbox: Sandbox, runs: Runs, **settings: Any) -> Any:
    """The plan with X's counts."""
    bearer = {"bearer_token": sandbox.tokens.app_only()}
    queries = settings.pop("queries", [TEA])
    tap = runs.tap(streams=("recent_search",), queries=queries, auth=bearer, **settings)
    return tap.plan(with_counts=True)


def test_counts_make_the_plan_exact(sandbox: Sandbox, runs: Runs) -> None:
    first = counted(sandbox, runs)
    assert (first.total.open_ended, first.total.left) == (False, 0)
    assert sandbox.bill.total.gross_usd == Decimal("0.005")
    assert "for 0.005 USD." in first.as_table()
    search(runs)
    assert first.total.objects == len(runs.given)
    sandbox.world.timelines.add(FOUNDER.user_id, "Another kettle")
    sandbox.clock.advance(60)
    assert counted(sandbox, runs).total.objects == 1
    sandbox.clock.advance(WEEK)
    assert counted(sandbox, runs).total.objects == runs_anew(sandbox, runs)


def runs_anew(sandbox: Sandbox, runs: Runs) -> int:
    given = len(runs.given)
    search(runs)
    return len(runs.given) - given


def test_counts_have_what_a_stopped_run_has_left(sandbox: Sandbox, runs: Runs) -> None:
    search(runs, budget={"max_cost_usd": 0.1})
    given, plan = len(runs.given), counted(sandbox, runs)
    search(runs)
    assert plan.total.objects == len(runs.given) - given > 0


def test_counts_cost_no_more_than_the_budget(sandbox: Sandbox, runs: Runs) -> None:
    other = {"name": "other", "query": "zyzzyva"}
    plan = counted(sandbox, runs, queries=[other, TEA], budget={"max_cost_usd": 0.005})
    assert sandbox.bill.total.gross_usd == Decimal("0.005")
    assert plan.total.objects == 1  # of the other query, a page within what a run may cost


def test_counts_need_a_bearer_token(sandbox: Sandbox, runs: Runs) -> None:
    tap = runs.tap(streams=("recent_search",), queries=[TEA])
    with pytest.raises(AccessError, match="for query 'tea': it accepts a bearer token alone"):
        tap.plan(with_counts=True)
    assert not sandbox.requests


def test_a_query_that_x_does_not_count_is_named(sandbox: Sandbox, runs: Runs) -> None:
    with pytest.raises(SettingError, match="X refuses the query 'bad'"):
        counted(sandbox, runs, queries=[{"name": "bad", "query": "is:retweet"}])
    assert sandbox.bill.total.gross_usd == 0
