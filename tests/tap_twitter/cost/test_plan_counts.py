"""`--plan-counts`: X counts what searches find, for half a cent each, before it is bought."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from support.searches import SANDBOX, TEA, WEEK, search, searching

from sandbox.credentials import FOUNDER
from tap_twitter.errors import AccessError, SettingError

if TYPE_CHECKING:
    from pathlib import Path

    from support.timelines import Runs

    from sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return SANDBOX


@pytest.fixture
def runs(sandbox: Sandbox, tmp_path: Path) -> Runs:
    return searching(sandbox, tmp_path)


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
