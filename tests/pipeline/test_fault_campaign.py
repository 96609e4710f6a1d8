"""Every fault that X can have, at every request: the next run ends as if it had not happened.

One fault strikes one request of a small sync; where the sync fails for it, it is run once more. Then
the datasets hold what they hold after an undisturbed sync, and X was paid for no more than one page
above it. The kinds of faults are those that the sandbox lists: a new one is covered at once.
"""

from __future__ import annotations

import random
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from support.campaign import START, Job, Outcome, disturbed, hint, undisturbed
from support.commands import Pipe
from support.harness import APP_AUTH, auth_of, make_dataset, rows, tap_config

from dataset_store import writeback_id
from sandbox import running
from sandbox.ads.accounts import ELSEWHERE
from sandbox.credentials import CITY, FOUNDER
from sandbox.fault_kinds import KINDS
from tap_twitter.reports.organic.tweet_analytics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sandbox import Sandbox

pytestmark = pytest.mark.pipeline

PAGE = 100
MOVING = ("looked_up_at", "read_at", "*_count", "most_recent_tweet_id", "pinned_tweet_id")
"""Columns that depend on when a row was read."""

COUNTS = ("followers_count", "following_count", "tweet_count", "listed_count", "like_count",
          "media_count", "verified_followers_count")  # fmt: skip

FIVE_DAYS = {
    "duration": "range",
    "start_date_type": "specific",
    "specific_start_date": "2026-02-10",
    "end_date_type": "specific",
    "specific_end_date": "2026-02-15",
}
ANALYZED = tuple(column.name for column in METRICS)
SMALL = {"sync_mode": "SpecificAccounts", "accounts": [ELSEWHERE.id]}
JOBS = {
    "lookup": Job("users_lookup", APP_AUTH, people=250, moving=MOVING),
    "lookup-ahead": Job(
        "users_lookup", APP_AUTH, {"api": {"concurrency": 4}}, people=450, moving=MOVING
    ),
    "messages": Job("direct_messages direct_messages_sent", auth_of(FOUNDER)),
    "insights": Job(
        "account_insights tweet_insights",
        auth_of(FOUNDER),
        {"start_date": "2026-02-01"},
        moving=MOVING,
    ),
    "engagement": Job(
        "historical_engagement",
        auth_of(FOUNDER),
        {"engagement": FIVE_DAYS | {"number_of_tweets": 5}},
    ),
    "report": Job(
        "organic_tweet_report tweet",
        settings={"organic": SMALL},
        moving=("*_count", "_sdc_table_version"),
        ads={"final_after_hours": 0},  # so that days are the same an hour later
    ),
    "analytics": Job("tweet_analytics", auth_of(CITY), {"organic": SMALL}, moving=ANALYZED),
}
"""`make test` disturbs a sample of them, most of the first; `make torture` disturbs all in full."""


def arguments(kind: str, job: Job, sandbox: Sandbox) -> dict[str, Any]:
    """Arguments of a fault: little time, and answers that name nobody who was asked for."""
    if kind == "drop_ids":
        return {"ids": sandbox.world.sample_ids(job.people)}
    # less than an hour passes: then a day begins on Lord Howe Island
    return {"delay": {"seconds": 0.05}, "time_passes": {"seconds": 3_000.0}}.get(kind, {})


def pages_lost(kind: str, nth: int) -> int:
    """How many pages a fault may cost: where the way down is lost, those above are read again."""
    return nth if kind == "kill_page_tokens" else 1


def cases() -> Iterator[Any]:
    for name in JOBS:
        for kind in KINDS:
            share = 0.25 if name == "lookup" else 0.04
            in_sample = random.Random(f"{name} {kind}").random() < share
            marks = [] if in_sample else [pytest.mark.torture]
            yield pytest.param(name, kind, id=f"{name}-{kind}", marks=marks)


@pytest.fixture(scope="module")
def still() -> Iterator[Sandbox]:
    """A sandbox whose clock stands still; each run resets it."""
    with running(clock_start=START, clock_ticking=False) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def known(still: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Outcome]:
    """How a job ends where nothing happens."""
    return cache(lambda name: undisturbed(JOBS[name], still, tmp_path_factory.mktemp(name)))


@pytest.mark.parametrize(("name", "kind"), list(cases()))
def test_a_fault_at_any_request_changes_nothing_in_the_end(
    still: Sandbox, tmp_path: Path, known: Callable[[str], Outcome], name: str, kind: str
) -> None:
    job, least = JOBS[name], known(name)
    for nth in range(1, least.requests + 1):
        fault = {"kind": kind, "nth": nth, **arguments(kind, job, still)}
        found = disturbed(job, still, tmp_path / str(nth), **fault)
        expected = least
        if still.clock.now() != START:
            expected = undisturbed(job, still, tmp_path / f"{nth} later", still.clock.now())
        assert found.rows == expected.rows
        assert least.objects <= found.objects <= expected.objects + PAGE * pages_lost(kind, nth)


def processes(job: Job, sandbox: Sandbox, folder: Path) -> tuple[Pipe, Callable[[], Any]]:
    """A pipe of real processes for the lookup, and what gives its rows."""
    store = folder / "datasets"
    people = make_dataset(store, "people", {"user_id": sandbox.world.sample_ids(job.people)})
    config = tap_config(sandbox, store, auth=job.auth)
    config["api"] |= job.settings.get("api", {})
    pipe = Pipe(folder, config, {"store": str(store), "idle_flush_seconds": 0.05})
    ignored = [*(name for name in MOVING if "*" not in name), *COUNTS]
    return pipe, lambda: rows(store, writeback_id("users_lookup", people.id), ignored)


def sampled() -> Iterator[Any]:
    chance = random.Random(7)
    for name in ("lookup", "lookup-ahead"):
        whole = [(kind, nth) for kind in KINDS for nth in range(1, 5)]
        quick = chance.sample(whole, 1)
        for kind, nth in whole:
            marks = [] if (kind, nth) in quick else [pytest.mark.torture]
            yield pytest.param(name, kind, nth, id=f"{name}-{kind}-{nth}", marks=marks)


@pytest.mark.parametrize(("name", "kind", "nth"), list(sampled()))
def test_the_same_holds_for_real_processes(tmp_path: Path, name: str, kind: str, nth: int) -> None:
    job = JOBS[name]
    with running(window_seconds=2) as sandbox:
        (tmp_path / "undisturbed").mkdir()
        pipe, undisturbed_rows = processes(job, sandbox, tmp_path / "undisturbed")
        assert pipe.run() == (0, 0)
        least = sandbox.bill.total.gross_objects
        sandbox.bill.reset()
        (tmp_path / "disturbed").mkdir()
        pipe, disturbed_rows = processes(job, sandbox, tmp_path / "disturbed")
        sandbox.faults.add(kind, nth=nth, **arguments(kind, job, sandbox))
        if pipe.run() != (0, 0):
            hint(sandbox)
            assert pipe.run() == (0, 0)
        assert disturbed_rows() == undisturbed_rows()
        assert least <= sandbox.bill.total.gross_objects <= least + PAGE
