"""The job `insights` from end to end."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from support.commands import Pipe
from support.harness import selecting, tap_config

from dataset_store import open_store
from dataset_store.rows import records, to_json
from sandbox import moments, running
from sandbox.credentials import OWNER, SECOND_USER
from tap_twitter.reports.insights.account_insights import AccountInsightsStream
from tap_twitter.reports.insights.tweet_insights import TweetInsightsStream

if TYPE_CHECKING:
    from pathlib import Path

    from support.commands import MeltanoProject

    from sandbox import Sandbox

pytestmark = pytest.mark.pipeline

STREAMS = (AccountInsightsStream, TweetInsightsStream)


def stored(store: Path, name: str) -> dict[str, dict[str, Any]]:
    """The rows of a stream's dataset, by post or account."""
    batches = open_store(str(store)).open(name).read()
    key = "id" if name == "tweet_insights" else "account_id"
    rows = (json.loads(to_json(row)) for batch in batches for row in records(batch))
    return {row[key]: row for row in rows}


@pytest.mark.xdist_group("meltano")
@pytest.mark.timeout(240)
def test_meltano_runs_insights_and_marks_what_is_gone(
    meltano: MeltanoProject, sandbox: Sandbox, tmp_path: Path
) -> None:
    store = tmp_path / "datasets"
    now = sandbox.clock.now()
    start = now.replace(year=now.year - 1)
    variables = {
        "TAP_TWITTER_API_BASE_URL": sandbox.url,
        "TAP_TWITTER_ACCOUNTS": json.dumps([{"name": "books", "username": "harbour_books"}]),
        "TAP_TWITTER_INSIGHTS_KNOWN_POSTS": "tweet_insights",
        "TAP_TWITTER_START_DATE": start.date().isoformat(),
        "TAP_TWITTER_STORE": str(store),
        "TARGET_DATASET_STORE": str(store),
        "MELTANO_DATABASE_URI": f"sqlite:///{tmp_path}/meltano.db",
    }
    gone = str(sandbox.world.timelines.add(SECOND_USER.user_id, "Soon gone #tea"))
    begun = meltano.run("run", "insights", **variables)
    assert begun.returncode == 0, begun.stderr
    before = stored(store, "tweet_insights")
    account = stored(store, "account_insights")[SECOND_USER.user_id]
    assert (
        account["followers_count"]
        == sandbox.world.user(SECOND_USER.user_id)["public_metrics"]["followers_count"]
    )
    first = moments.snowflake(start.replace(hour=0, minute=0, second=0, microsecond=0), 0)
    there = {
        post["id"]
        for post in sandbox.world.timeline(SECOND_USER.user_id)
        if int(post["id"]) >= first
    }
    assert before.keys() == there
    sandbox.world.timelines.delete(int(gone))
    again = meltano.run("run", "insights", **variables)
    assert again.returncode == 0, again.stderr
    marked = stored(store, "tweet_insights")[gone]
    assert marked["deletion_reason"] == "deleted"
    assert marked["deleted_at"] is not None
    told = {"deleted_at", "deletion_reason"}
    assert {n: marked[n] for n in marked if n not in told} == {
        n: before[gone][n] for n in before[gone] if n not in told
    }


class PostsPipe(Pipe):
    """The pipe with a catalog that selects the posts."""

    def _options(self, *names: str) -> list[str]:
        catalog = self.folder / "catalog.json"
        catalog.write_text(json.dumps(selecting(dict(self.tap), ["tweet_insights"])))
        return [*super()._options(*names), "--catalog", str(catalog)]


@pytest.mark.parametrize(
    "kill",
    [pytest.param(("tap",), marks=pytest.mark.torture), ("target",)],
    ids=["tap", "target"],
)
def test_a_backfill_that_is_killed_buys_one_page_again_at_most(
    tmp_path: Path, kill: tuple[str, ...]
) -> None:
    """In the second account, so that the end of the first has not made the tap impatient."""
    store, accounts = tmp_path / "datasets", [SECOND_USER.user_id, OWNER.user_id]
    with running(latency_ms=20, clock_ticking=False) as sandbox:
        posts = [
            post["id"] for each in accounts for post in islice(sandbox.world.timeline(each), 3200)
        ]
        config = tap_config(sandbox, store) | {
            "accounts": [{"id": each} for each in accounts],
            "insights": {"lookback_days": 0},
        }
        pipe = PostsPipe(tmp_path, config, {"store": str(store), "idle_flush_seconds": 0.05})
        exits = pipe.run(kill_when=lambda: len(sandbox.requests) >= 22, kill=kill)
        assert exits != (0, 0)
        assert pipe.run() == (0, 0)
        bought = sandbox.bill.total.gross_objects
    assert stored(store, "tweet_insights").keys() == set(posts)
    assert len(posts) <= bought <= len(posts) + 100
