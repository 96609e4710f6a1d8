"""A lookup that is killed, again and again, ends as if nothing had happened, at hardly more cost."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from support.commands import Pipe
from support.harness import make_dataset, rows, tap_config

from dataset_store import writeback_id
from sandbox import running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox import Sandbox

pytestmark = pytest.mark.pipeline

SECONDS_TO_LIVE = (0.5, 4.0)
"""From the start-up of both processes to some thousand users later."""

VICTIMS = (("tap",), ("target",), ("tap", "target"))
NOON = datetime(2026, 3, 1, 12, 59, tzinfo=UTC)
EVENING = NOON.replace(hour=23)
MOVING = ("looked_up_at", "followers_count", "following_count", "tweet_count", "listed_count",
          "like_count", "media_count", "verified_followers_count", "most_recent_tweet_id",
          "pinned_tweet_id")  # fmt: skip
"""Columns that another day of the world changes."""


def new_pass(sandbox: Sandbox, folder: Path, users: int) -> tuple[Pipe, str]:
    """A pipe over so many users in a store of its own, and the GUID of its writeback dataset."""
    store = folder / "datasets"
    people = make_dataset(store, "people", {"user_id": sandbox.world.sample_ids(users)})
    pipe = Pipe(
        folder, tap_config(sandbox, store), {"store": str(store), "idle_flush_seconds": 0.05}
    )
    return pipe, writeback_id("users_lookup", people.id)


def run_and_kill(pipe: Pipe, sandbox: Sandbox, kills: int, chance: random.Random) -> int:
    """Kill the pass at random moments, an hour passing halfway; then let it come to its end.

    Returns:
        How often it was killed: a pass that ends before its next death is not begun anew.
    """
    for number in range(kills):
        if number == kills // 2:
            sandbox.clock.advance(3600)
        if pipe.run(after(chance.uniform(*SECONDS_TO_LIVE)), chance.choice(VICTIMS)) == (0, 0):
            return number
    assert pipe.run() == (0, 0)
    return kills


def after(seconds: float) -> Callable[[], bool]:
    """Whether so much time has passed from now."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


@pytest.mark.parametrize(
    ("seed", "users", "kills", "start"),
    [
        (1, 3_000, 2, NOON),
        pytest.param(2, 20_000, 20, NOON, marks=pytest.mark.torture),
        pytest.param(3, 20_000, 20, EVENING, marks=pytest.mark.torture),
    ],
    ids=["2-kills", "20-kills", "20-kills-across-midnight"],
)
@pytest.mark.timeout(600)
def test_a_pass_that_is_killed_at_random_moments(
    tmp_path: Path, seed: int, users: int, kills: int, start: datetime
) -> None:
    options: dict[str, Any] = {"clock_start": start, "clock_ticking": False}
    with running(**options) as sandbox:
        pipe, writeback = new_pass(sandbox, tmp_path / "undisturbed", users)
        assert pipe.run() == (0, 0)
        undisturbed = rows(tmp_path / "undisturbed" / "datasets", writeback, MOVING)
        least = sandbox.bill.total.gross_objects
    with running(latency_ms=100, **options) as sandbox:
        pipe, writeback = new_pass(sandbox, tmp_path / "killed", users)
        killed = run_and_kill(pipe, sandbox, kills, random.Random(seed))
        bought = sandbox.bill.total.gross_objects
    assert len(undisturbed) == users
    assert rows(tmp_path / "killed" / "datasets", writeback, MOVING) == undisturbed
    assert pipe.largest_state < 10_000
    assert killed >= kills // 2
    assert least <= bought <= least + 100 * killed
