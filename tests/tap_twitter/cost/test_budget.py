"""A run stops before it could cost more than the settings allow, and the next goes on."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from singer_sdk.exceptions import ConfigValidationError
from support.harness import make_dataset, run_tap, tap_config

from tap_twitter.cost.ledger import Budget
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

CENT = Decimal("0.010")


@given(st.decimals(0, 20, places=3), st.integers(0, 9), st.lists(st.integers(1, 100), max_size=30))
def test_no_row_of_purchases_goes_past_the_budget(
    usd: Decimal, requests: int, wanted: list[int]
) -> None:
    budget = Budget(usd, requests)
    for each in wanted:
        count = budget.affordable(each, CENT)
        if count < each:  # and not one more would have been possible
            one_more = budget.less(1, (count + 1) * CENT)
            assert min(one_more.usd or 0, one_more.requests or 0) < 0
        if count:
            budget = budget.less(1, count * CENT)
        assert budget.usd is not None
        assert budget.requests is not None
        assert budget.usd >= 0
        assert budget.requests >= 0


def test_what_is_free_needs_no_money() -> None:
    assert Budget(Decimal()).affordable(100, Decimal()) == 100
    assert Budget().affordable(100, CENT) == 100


def with_budget(sandbox: Sandbox, store: Path, **budget: Any) -> dict[str, Any]:
    return tap_config(sandbox, store) | {"budget": budget}


@pytest.mark.parametrize(
    ("budget", "a_run"),
    [
        ({"max_cost_usd": 1}, 100),
        ({"max_cost_usd": 1.5}, 150),
        ({"max_cost_usd": 1.009}, 100),
        ({"max_cost_usd": 0.35}, 35),
        ({"max_cost_usd": 2.51}, 250),
        ({"max_requests": 1}, 100),
        ({"max_requests": 2}, 200),
        ({"max_requests": 2, "max_cost_usd": 1.2}, 120),
        ({"max_cost_usd": 1, "prices": {"user": 0.02}}, 50),
        ({"max_cost_usd": 0, "prices": {"user": 0}}, 250),
    ],
    ids=str,
)
def test_runs_stop_at_the_last_affordable_user_and_go_on(
    sandbox: Sandbox, tmp_path: Path, budget: dict[str, Any], a_run: int
) -> None:
    ids = sandbox.world.sample_ids(250, "found")
    make_dataset(tmp_path, "people", {"user_id": ids})
    config, state, asked = with_budget(sandbox, tmp_path, **budget), None, []
    for left in range(250, 0, -a_run):
        messages = run_tap(config, state)
        assert len(messages.records) == min(a_run, left)
        asked += [record["requested_id"] for record in messages.records]
        state = messages.states[-1]
    assert sorted(asked) == sorted(ids)
    assert sandbox.bill.total.gross_objects == 250
    assert state == {"bookmarks": {"users_lookup": {"pass": []}}}


def test_a_warning_says_what_is_left(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ids = sandbox.world.sample_ids(150, "found")
    handles = [f"@{sandbox.world.handle(each)}" for each in ids[:20]]
    make_dataset(tmp_path, "people", {"who": [*ids, *handles, "no such form"]})
    run_tap(with_budget(sandbox, tmp_path, max_cost_usd=1.2))
    (line,) = [each.message for each in caplog.records if each.levelno == logging.WARNING]
    assert line == (
        "The budget of the run is used up: 50 users are left to look up, for at most 0.500 USD. "
        "The next run resumes here."
    )


def test_without_money_nothing_is_asked_but_what_is_free_is_answered(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    ids = sandbox.world.sample_ids(3, "found")
    make_dataset(
        tmp_path, "people", {"who": [*(f"@{sandbox.world.handle(each)}" for each in ids), "?"]}
    )
    messages = run_tap(with_budget(sandbox, tmp_path, max_cost_usd=0))
    assert [record["lookup_status"] for record in messages.records] == ["invalid"]
    assert not sandbox.requests


def test_users_that_x_does_not_find_cost_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    ids = sandbox.world.sample_ids(150, "not_found")
    make_dataset(tmp_path, "people", {"user_id": ids})
    assert len(run_tap(with_budget(sandbox, tmp_path, max_cost_usd=1)).records) == 150


@pytest.mark.parametrize(
    ("budget", "line"),
    [
        ({"max_cost_usd": -1}, "'budget.max_cost_usd' must be at least 0"),
        ({"max_requests": 1.5}, "'budget.max_requests' must be of type integer"),
    ],
    ids=["negative", "half-a-request"],
)
def test_wrong_budgets_are_named(
    sandbox: Sandbox, tmp_path: Path, budget: dict[str, Any], line: str
) -> None:
    with pytest.raises(ConfigValidationError) as raised:
        TapTwitter(config=with_budget(sandbox, tmp_path, **budget))
    assert raised.value.errors == [f"Setting {line}."]
