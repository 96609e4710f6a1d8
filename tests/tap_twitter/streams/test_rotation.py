"""Accounts that a small budget does not reach are the first in the next run."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.harness import auth_of, run_tap, tap_config

from sandbox.credentials import CITY, OWNER
from tap_twitter.auth.account import Account
from tap_twitter.streams.rotation import FIRST, Rotation, in_turn

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

OWN = [
    {"name": "us", "id": OWNER.user_id},
    {"name": "them", "id": CITY.user_id, "auth": auth_of(CITY)},
]

ENGAGEMENT = ("historical_engagement", "engagement_28hr", "engagement_totals")
"""One request each for 20 posts, after one for the posts."""


def account(user_id: str) -> Account:
    return Account(user_id, user_id=user_id)


@pytest.mark.parametrize(
    ("first", "order"),
    [("a", "abc"), ("b", "bca"), ("c", "cab"), (None, "abc"), ("gone", "abc"), (["b"], "abc")],
    ids=str,
)
def test_a_run_begins_with_who_was_left_out_and_goes_round(first: Any, order: str) -> None:
    accounts = {each: account(each) for each in "abc"}
    assert list(in_turn(accounts, {FIRST: first})) == list(order)
    assert list(in_turn(accounts, {})) == list("abc")


@given(st.integers(1, 12), st.lists(st.integers(1, 12), min_size=12, max_size=12))
def test_within_as_many_runs_as_accounts_everybody_was_read(count: int, reached: list[int]) -> None:
    accounts = {str(each): account(str(each)) for each in range(count)}
    bookmark: dict[str, Any] = {}
    read = set()
    for each in reached[:count]:
        order = list(in_turn(accounts, bookmark).values())
        read |= {one.user_id for one in order[:each]}
        rotation = Rotation[Account](lambda account: account.user_id)
        for one in order[each:]:
            rotation.add(one)
        rotation.keep(bookmark)
    assert read == set(accounts)


@pytest.mark.parametrize(
    ("stream", "budget"),
    [
        ("tweet_insights", {"max_cost_usd": 0.5}),
        ("tweet_insights", {"max_requests": 2}),
        ("direct_messages", {"max_cost_usd": 1}),
        ("account_insights", {"max_cost_usd": 0.01}),
        (ENGAGEMENT[0], {"max_requests": 2}),
        *(
            pytest.param(stream, budget, marks=pytest.mark.torture)
            for stream in ENGAGEMENT
            for budget in ({"max_requests": 2}, {"max_requests": 3}, {"max_cost_usd": 0.1})
        ),
    ],
    ids=str,
)
def test_a_budget_for_one_account_goes_to_one_after_the_other(
    sandbox: Sandbox, tmp_path: Path, stream: str, budget: dict[str, Any]
) -> None:
    config = {
        **tap_config(sandbox, tmp_path),
        "accounts": OWN,
        "budget": budget,
        "engagement": {"number_of_tweets": 20, "days_back_to_start_from": 7},
    }
    state, read = None, []
    for _ in range(4):
        messages = run_tap(config, state, streams=[stream])
        read.append({record["account_id"] for record in messages.records})
        state = messages.states[-1]
    assert read == [{OWNER.user_id}, {CITY.user_id}] * 2


def test_those_left_out_are_told_in_one_line_and_forgotten_once_all_are_read(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    accounts = [*OWN, *({"id": each} for each in sandbox.world.sample_ids(3, "found"))]
    config = {**tap_config(sandbox, tmp_path), "accounts": accounts}
    few = run_tap({**config, "budget": {"max_requests": 1}}, streams=["tweet_insights"])
    warnings = [each.message for each in caplog.records if each.levelno == logging.WARNING]
    assert warnings == [
        "The budget of the run is used up: posts of account 'us' are left. The next run "
        "resumes here.",
        "The budget of the run is used up: 'tweet_insights' has skipped 4 of its accounts. The "
        "next run starts with 'them'.",
    ]
    assert few.states[-1]["bookmarks"]["tweet_insights"][FIRST] == CITY.user_id
    later = {**config, "start_date": "2026-01-01"}
    whole = run_tap(later, few.states[-1], streams=["tweet_insights"])
    assert whole.states[-1]["bookmarks"]["tweet_insights"][FIRST] is None


def test_a_run_without_any_money_changes_nobody_s_turn(sandbox: Sandbox, tmp_path: Path) -> None:
    config = {**tap_config(sandbox, tmp_path), "accounts": OWN}
    once = run_tap({**config, "budget": {"max_requests": 1}}, streams=["tweet_insights"])
    never = {**config, "budget": {"max_requests": 0}}
    none = run_tap(never, once.states[-1], streams=["tweet_insights"])
    assert not none.records
    assert none.states[-1] == once.states[-1]
