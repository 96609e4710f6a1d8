"""Reads of posts go on where they were broken off, without a gap."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from support.sandbox_clock import SandboxClock
from support.timelines import BOOKS, METRICS, NOON, US, KilledError, Runs, ids, truth

from sandbox import moments
from sandbox.credentials import NEWS, OWNER, SECOND_USER
from tap_twitter.errors import RunError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from support.harness import Messages

    from sandbox import Sandbox

START = "2025-11-01"
MOVING = {*METRICS, "own_retweet_count", "original_retweet_count", "read_at", "media", "polls"}
COPIED = {"display_text_range", "text", "entities", "withheld", "original_id"}
"""What a repost takes from its original, which may change."""


def posted_after(sandbox: Sandbox, account_id: str, post_id: int) -> set[str]:
    first = moments.snowflake(NOON.replace(year=2025, month=11, day=1, hour=0), 0) - 1
    posts = ids(truth(sandbox, account_id))
    return {each for each in posts if int(each) > max(first, post_id)}


@pytest.mark.parametrize("days_between", [1, 10], ids=["daily", "beyond-the-lookback"])
def test_a_sync_now_and_then_ends_as_one_sync_would(
    sandbox: Sandbox, tmp_path: Path, days_between: int
) -> None:
    often, once = Runs(sandbox, tmp_path), Runs(sandbox, tmp_path)
    floors, least = {OWNER.user_id: 0, SECOND_USER.user_id: 0}, 0
    for day in range(3):
        sandbox.clock.advance(86_400 * days_between if day else 0)
        week_ago = moments.snowflake(sandbox.clock.now() - timedelta(days=7), 0) - 1
        for account_id, floor in floors.items():
            least += len(posted_after(sandbox, account_id, min(floor, week_ago)))
            floors[account_id] = max(map(int, posted_after(sandbox, account_id, 0)))
        often.run(US, BOOKS, start_date=START)
        assert often.posts_bought == least
    once.run(US, BOOKS, start_date=START)
    assert len(once.rows) > 150
    assert once.rows.keys() <= often.rows.keys()
    fresh = 0
    for key, late in once.rows.items():
        row = often.rows[key]
        is_fresh = row["read_at"] == late["read_at"]
        fresh += is_fresh
        moved = {n for n in row if n in MOVING or n.startswith(("organic", "non_public"))}
        differing = (set() if is_fresh else moved) | (COPIED if row["is_retweet"] else set())
        assert {n: row[n] for n in row.keys() - differing} == {
            n: late[n] for n in late.keys() - differing
        }
    assert fresh > 15


EVERY_PAGE = [
    pytest.param(US, 50 + 100 * page, marks=pytest.mark.torture, id=f"us-{page}")
    for page in range(32)
]


@pytest.mark.parametrize(
    ("account", "fatal"),
    [pytest.param(BOOKS, 260, id="books-2"), pytest.param(BOOKS, 800, id="books-8"), *EVERY_PAGE],
)
def test_a_backfill_that_is_killed_goes_on(
    sandbox: Sandbox, runs: Runs, account: dict[str, Any], fatal: int
) -> None:
    posts = truth(sandbox, account["id"])
    with pytest.raises(KilledError):
        runs.run(account, fatal=fatal)
    runs.run(account)
    assert runs.rows.keys() == ids(posts)
    assert len(posts) <= runs.posts_bought <= len(posts) + 100
    assert len(runs.given) <= len(posts) + 100
    sandbox.bill.reset()
    runs.run(account)
    week = moments.snowflake(NOON - timedelta(days=7), 0)
    assert runs.posts_bought == sum(int(post["id"]) >= week for post in posts)


def test_what_comes_in_between_is_not_missed(sandbox: Sandbox, runs: Runs) -> None:
    with pytest.raises(KilledError):
        runs.run(BOOKS, fatal=350)
    sandbox.clock.advance(86_400 * 5)
    assert len(ids(truth(sandbox, BOOKS["id"])) - runs.rows.keys()) > 400
    runs.run(BOOKS)
    assert ids(truth(sandbox, BOOKS["id"])) <= runs.rows.keys()
    assert runs.state["bookmarks"]["tweet_insights"]["partitions"][0]["cursor"].keys() == {"floor"}


def test_a_read_that_is_broken_off_in_the_lookback_goes_on_much_later(
    sandbox: Sandbox, runs: Runs
) -> None:
    news = {"id": NEWS.user_id}
    insights = {"lookback_days": 20}
    runs.run(news, start_date=START, insights=insights)
    sandbox.clock.advance(86_400)
    runs.run(news, start_date=START, insights=insights, budget={"max_cost_usd": 0.15})
    cursor = runs.state["bookmarks"]["tweet_insights"]["partitions"][0]["cursor"]
    assert int(cursor["read"][0]) < int(cursor["floor"])
    sandbox.clock.advance(86_400 * 40)
    runs.run(news, start_date=START, insights=insights)
    assert posted_after(sandbox, NEWS.user_id, 0) <= runs.rows.keys()


def test_the_cursor_stays_small(sandbox: Sandbox, runs: Runs) -> None:
    messages = runs.run(US)
    assert max(len(str(state)) for state in messages.states) < 400


@pytest.mark.parametrize(
    "faults",
    [
        [{"kind": "kill_page_tokens", "nth": 4}],
        [{"kind": "empty_page", "nth": 3, "count": 2}],
        [{"kind": "short_page", "nth": 1, "count": 5}],
        [{"kind": "truncated_json", "nth": 2}, {"kind": "service_unavailable", "nth": 5}],
        [{"kind": "rate_limited", "nth": 2}],
    ],
    ids=lambda faults: faults[0]["kind"],
)
def test_faults_leave_no_gap(sandbox: Sandbox, runs: Runs, faults: list[dict[str, Any]]) -> None:
    for fault in faults:
        sandbox.faults.add(**fault)
    runs.run(BOOKS)
    assert sorted(runs.given) == sorted(ids(truth(sandbox, BOOKS["id"])))


def test_pages_that_never_end_end_the_reading(sandbox: Sandbox, runs: Runs) -> None:
    sandbox.faults.add("empty_page", nth=2, count=None)
    with pytest.raises(RunError, match="21 pages in a row without any other posts"):
        runs.run(BOOKS)
    sandbox.faults.clear()
    runs.run(BOOKS)
    assert sorted(runs.given) == sorted(ids(truth(sandbox, BOOKS["id"])))


class SlowClock(SandboxClock):
    """A clock two hours behind X's."""

    def now(self) -> datetime:
        return super().now() - timedelta(hours=2)


def test_posts_that_x_takes_for_too_old_are_read_all_the_same(sandbox: Sandbox, runs: Runs) -> None:
    """Who asks for private metrics gets no posts over 30 days old, whatever the asker's clock says."""
    posts = truth(sandbox, OWNER.user_id)
    edge = next(post for post in posts[40:] if "organic_metrics" in post)
    posted = moments.snowflake_time(int(edge["id"]))
    sandbox.clock.set(posted + timedelta(days=30, minutes=1))
    tap = runs.tap(US, start_date="2026-01-01")
    tap.run_context.clock = SlowClock(sandbox)
    tap.run()
    rows = {row["id"]: row for row in cast("Messages", tap.message_writer).records}
    assert rows[edge["id"]]["organic_like_count"] is None
    first = moments.snowflake(NOON.replace(month=1, day=1, hour=0), 0)
    assert rows.keys() == {
        each for each in ids(truth(sandbox, OWNER.user_id)) if int(each) >= first
    }


@pytest.mark.parametrize("start_date", ["2026-03-11", "9999-12-31T23:59:59Z"])
def test_a_start_date_that_lies_ahead_is_waited_for(
    sandbox: Sandbox, runs: Runs, start_date: str
) -> None:
    runs.run(BOOKS, start_date=start_date)
    assert not runs.rows
    sandbox.clock.advance(86_400)
    new = str(sandbox.world.timelines.add(BOOKS["id"], "At last"))
    runs.run(BOOKS, start_date=start_date)
    assert (new in runs.rows) is (start_date == "2026-03-11")
