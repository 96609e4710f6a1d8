"""Posts that mention accounts: rows, what is bought, and how runs follow each other."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from support.timelines import BOOKS, METRICS, NOON, US, KilledError, Runs

from sandbox.credentials import FOUNDER, OWNER
from tap_twitter.errors import RunError, StateError
from tap_twitter.reports.mentions import MentionsStream

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

STREAMS = ("mentions",)
PATH = f"/2/users/{OWNER.user_id}/mentions"


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return {"clock_start": NOON, "clock_ticking": False}


@pytest.fixture
def runs(sandbox: Sandbox, tmp_path: Path) -> Runs:
    return Runs(sandbox, tmp_path)


def truth(sandbox: Sandbox, account_id: str = OWNER.user_id) -> list[dict[str, Any]]:
    """The mentions of an account as far back as X goes, newest first."""
    world = sandbox.world
    visible = (
        each
        for each in world.square.mentioning(account_id)
        if world.status(each.author_id) == "found" and not world.is_protected(each.author_id)
    )
    found = islice(visible, 800)
    return [world.post(str(world.timelines.newest(each))) or {} for each in found]


def ids(sandbox: Sandbox) -> list[str]:
    return [post["id"] for post in truth(sandbox)]


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_rows_are_what_the_world_has(sandbox: Sandbox, runs: Runs, vocabulary: str) -> None:
    runs.run(US, streams=STREAMS, start_date="2026-02-20", api={"vocabulary": vocabulary})
    posts = [post for post in truth(sandbox) if post["created_at"] >= "2026-02-20"]
    assert runs.given == [post["id"] for post in posts] != []
    for post in posts:
        row = runs.rows[post["id"]]
        assert row.keys() == {column.name for column in MentionsStream.COLUMNS}
        assert row["account_id"] == OWNER.user_id
        assert row["author_id"] == post["author_id"]
        counts = {column: post["public_metrics"][name] for column, name in METRICS.items()}
        assert {name: row[name] for name in counts} == counts


def test_three_days_buy_what_one_buys(sandbox: Sandbox, runs: Runs) -> None:
    for _ in range(3):
        runs.run(US, streams=STREAMS)
        sandbox.clock.advance(86_400)
    assert sorted(runs.given) == sorted(set(runs.given))
    assert runs.posts_bought == len(runs.given)
    assert set(runs.given) >= {
        each for each in ids(sandbox) if int(each) <= max(map(int, runs.given))
    }


@pytest.mark.parametrize("fatal", [0, 5, 130])
def test_a_kill_costs_a_page_at_most(sandbox: Sandbox, runs: Runs, fatal: int) -> None:
    with pytest.raises(KilledError):
        runs.run(US, streams=STREAMS, fatal=fatal)
    post_id = sandbox.world.timelines.add(FOUNDER.user_id, "Hello @NorthwindTea")
    sandbox.clock.advance(60)
    runs.run(US, streams=STREAMS)
    assert runs.rows.keys() >= {*ids(sandbox)[:-1], str(post_id)}
    assert runs.posts_bought <= len(runs.rows) + 100


def test_the_budget_ends_a_run_between_pages(
    sandbox: Sandbox, runs: Runs, caplog: pytest.LogCaptureFixture
) -> None:
    runs.run(US, streams=STREAMS, budget={"max_requests": 1})
    assert len(runs.given) == 100
    assert "posts of account 'us' are left" in caplog.text
    runs.run(US, streams=STREAMS)
    assert runs.given == ids(sandbox)


def test_pages_without_posts_are_passed(sandbox: Sandbox, runs: Runs) -> None:
    sandbox.faults.add("empty_page", path=PATH, nth=2)
    sandbox.faults.add("short_page", path=PATH, nth=4)
    runs.run(US, streams=STREAMS)
    assert runs.given == ids(sandbox)


def test_what_is_out_of_reach_is_told(
    sandbox: Sandbox, runs: Runs, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(800 - len(ids(sandbox))):
        sandbox.world.timelines.add(FOUNDER.user_id, f"{number} @NorthwindTea")
    runs.run(US, streams=STREAMS)
    assert len(runs.given) == 800
    assert "X goes back 800 posts" in caplog.text


def test_the_plan_has_what_x_goes_back(sandbox: Sandbox, runs: Runs) -> None:
    plan = runs.tap(US, BOOKS, streams=STREAMS).plan()
    assert (plan.total.requests, plan.total.objects) == (16, 1600)
    assert "the 800 posts that X goes back at most" in " ".join(plan.notes)
    later = (sandbox.clock.now() + timedelta(days=9)).date().isoformat()
    assert runs.tap(US, streams=STREAMS, start_date=later).plan().total.objects == 0
    assert not sandbox.requests


def test_an_account_that_is_suspended_fails(sandbox: Sandbox, runs: Runs) -> None:
    sandbox.world.set_status(BOOKS["id"], "suspended")
    with pytest.raises(RunError, match="account 'books': X gives no posts of it: X has suspended"):
        runs.run(BOOKS, US, streams=STREAMS, start_date="2026-03-01")
    assert runs.given


def test_a_damaged_bookmark_is_refused_before_anything_is_bought(
    sandbox: Sandbox, runs: Runs
) -> None:
    partition = {"context": {"account_id": OWNER.user_id}, "cursor": {"read": 3}}
    runs.state = {"bookmarks": {"mentions": {"partitions": [partition]}}}
    with pytest.raises(StateError, match=r"bookmarks\.mentions\.cursor"):
        runs.run(US, streams=STREAMS)
    assert not sandbox.requests
