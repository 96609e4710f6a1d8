"""What posts cost: what is left out, how deep X goes, budgets, plans, and what streams share."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from support.timelines import BOOKS, NOON, US, Runs, expected, ids, truth

from sandbox import moments
from sandbox.credentials import OWNER

if TYPE_CHECKING:
    from pathlib import Path

    from support.harness import Messages

    from sandbox import Sandbox


@pytest.mark.parametrize(
    ("settings", "rotation"),
    [
        ({"include_replies": False}, {"is_reply"}),
        ({"include_retweets": False}, {"is_retweet"}),
        ({"include_replies": False, "include_retweets": False}, {"is_reply", "is_retweet"}),
    ],
    ids=["replies", "retweets", "both"],
)
def test_kinds_that_are_left_out_are_not_bought(
    sandbox: Sandbox, runs: Runs, settings: dict[str, Any], rotation: set[str]
) -> None:
    runs.run(BOOKS, insights=settings)
    posts = [expected(post) for post in truth(sandbox, BOOKS["id"])]
    if "is_reply" in rotation:
        posts = [post for post in posts if not post["is_reply"]][:800]
    wanted = [post for post in posts if not any(post[kind] for kind in rotation)]
    assert runs.rows.keys() == ids(wanted)
    assert runs.posts_bought == len(wanted)
    runs.run(BOOKS)
    assert runs.rows.keys() == ids(truth(sandbox, BOOKS["id"]))


def test_a_cut_by_depth_is_told(
    sandbox: Sandbox, runs: Runs, caplog: pytest.LogCaptureFixture
) -> None:
    runs.run(BOOKS)
    assert "out of reach" not in caplog.text
    runs.run(US)
    assert "X goes back 3,200 posts: those of account 'us' before" in caplog.text


@pytest.mark.parametrize("dollars", [0.012, 0.3, 1.7])
def test_the_budget_ends_a_run_at_the_last_page_that_it_allows(
    sandbox: Sandbox, tmp_path: Path, dollars: float, caplog: pytest.LogCaptureFixture
) -> None:
    runs = Runs(sandbox, tmp_path)
    runs.run(BOOKS, budget={"max_cost_usd": dollars})
    affordable = round(dollars / 0.005)
    assert len(runs.given) == runs.posts_bought == (affordable if affordable >= 5 else 0)
    told = "posts of account 'books' are left" if runs.given else "starts with 'books'"
    assert told in caplog.text
    runs.run(BOOKS)
    assert sorted(runs.given) == sorted(ids(truth(sandbox, BOOKS["id"])))


@pytest.mark.parametrize(("count", "left"), [(0, 3200), (1000, 2200), (3200, 100)])
def test_the_plan_of_a_read_that_goes_on_has_what_is_left_and_a_page_of_new_posts(
    runs: Runs, count: int, left: int
) -> None:
    cursor = {"read": ["1", "2"], "count": count}
    partition = {"context": {"account_id": BOOKS["id"]}, "cursor": cursor}
    runs.state = {"bookmarks": {"tweet_insights": {"partitions": [partition]}}}
    assert runs.tap(BOOKS).plan().total.objects == left


def test_own_posts_cost_a_fifth(sandbox: Sandbox, runs: Runs) -> None:
    messages = runs.run(US, start_date="2026-02-01", budget={"app_owner_id": OWNER.user_id})
    owned = sandbox.bill.resources["OwnedRead"]
    assert owned.gross_objects == len(messages.records) == sandbox.bill.total.gross_objects
    tap = runs.tap(US, budget={"app_owner_id": OWNER.user_id})
    assert float(tap.plan().total.usd) == pytest.approx(3.2)
    assert float(runs.tap(BOOKS).plan().total.usd) == pytest.approx(16)


def test_engagement_reports_share_what_was_bought(sandbox: Sandbox, runs: Runs) -> None:
    runs.run(US, start_date="2026-02-01")
    tap = runs.tap(
        US, streams=["tweet_insights", "engagement_totals"], engagement={"number_of_tweets": 60}
    )
    sandbox.bill.reset()
    tap.run()
    newest = [p for p in truth(sandbox, OWNER.user_id) if not expected(p)["is_retweet"]][:60]
    reports = {
        row["tweet_id"] for row in cast("Messages", tap.message_writer).records if "tweet_id" in row
    }
    assert reports == ids(newest)
    week = moments.snowflake(NOON - timedelta(days=7), 0)
    assert runs.posts_bought == len(
        ids(newest) | {p["id"] for p in truth(sandbox, OWNER.user_id) if int(p["id"]) >= week}
    )
