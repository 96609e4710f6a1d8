"""A report that is killed, again and again, has every row in the end, and asks X for no job twice."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from support.commands import SelectingPipe
from support.harness import rows, tap_config

from dataset_store import dataset_id
from sandbox import moments, running
from sandbox.credentials import OWNER

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox
    from sandbox.ads.accounts import AdsAccount

pytestmark = pytest.mark.pipeline

REPORT = "organic_tweet_report"
SECONDS_TO_LIVE = (0.6, 4.0)
"""From the start-up of both processes to some files later."""


def pipe_of(sandbox: Sandbox, folder: Path, account_id: str) -> SelectingPipe:
    store = folder / "datasets"
    config = tap_config(sandbox, store)
    config["organic"] = {"sync_mode": "SpecificAccounts", "accounts": [account_id]}
    store.mkdir()
    pipe = SelectingPipe(folder, config, {"store": str(store), "idle_flush_seconds": 0.05})
    pipe.streams = (REPORT,)
    return pipe


def truth(sandbox: Sandbox, account: AdsAccount) -> set[tuple[str, datetime, int]]:
    """Posts, days and impressions, as the world has them."""
    days = account.calendar()
    end = days.day(sandbox.clock.now())
    posts = sandbox.ads.posts.organic(account, account.user_id, answers=True, since_account=True)
    return {
        (
            str(post.id),
            days.midnight(day),
            sandbox.ads.daily(account.id, str(post.id), day).get("impressions", 0),
        )
        for post in posts
        for day in days.days(
            days.midnight(days.day(moments.snowflake_time(post.id))), days.midnight(end)
        )
    }


@pytest.mark.parametrize(
    ("seed", "days", "kills"),
    [(1, 12, 1), pytest.param(2, 60, 12, marks=pytest.mark.torture)],
    ids=["1-kill", "12-kills"],
)
@pytest.mark.timeout(600)
def test_a_report_that_is_killed_at_random_moments(
    tmp_path: Path, seed: int, days: int, kills: int
) -> None:
    """The days that are read have ended in the world, whose clock stands still, before the run."""
    chance = random.Random(seed)
    with running(clock_ticking=False, limit_scale=1000, latency_ms=50) as sandbox:
        sandbox.ads.set(final_after_hours=0)
        opened = sandbox.clock.now() - timedelta(days=days)
        account = sandbox.ads.add_account(OWNER.user_id, "America/New_York", created_at=opened)
        pipe = pipe_of(sandbox, tmp_path, account.id)
        killed = 0
        for _ in range(kills):
            end = time.monotonic() + chance.uniform(*SECONDS_TO_LIVE)
            victims = chance.choice((["tap"], ["target"], ["tap", "target"]))
            killed += pipe.run(lambda end=end: time.monotonic() >= end, victims) != (0, 0)  # type: ignore[misc]
        assert pipe.run() == (0, 0)
        asked = [
            (each.params["entity_ids"], each.params["start_time"])
            for each in sandbox.requests
            if each.method == "POST"
        ]
        expected = truth(sandbox, account)
    assert killed >= kills // 2
    assert len(asked) == len(set(asked)) > 0
    found = rows(tmp_path / "datasets", dataset_id(REPORT), ())
    keys = ("organic_tweet_id", "date", "impressions")
    assert {tuple(row[name] for name in keys) for row in found} == expected
    assert len(found) == len(expected)
    assert pipe.largest_state < 1_000
