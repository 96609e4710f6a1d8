"""Whatever the settings ask for, X is asked legally, once, and for all of it."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import permutations, product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.engagement_reports import STREAM, questions
from support.harness import Messages, selecting, tap_config

from sandbox.credentials import OWNER
from sandbox.x.engagement_counts import counted, hours
from tap_twitter.reports.engagement.metrics import METRICS
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from support.engagement_reports import PostIds, Read

    from sandbox import Sandbox
    from tap_twitter.clock import Clock
    from tap_twitter.cost.plan import Plan

WORDS = ("tweet", "engagement_type", "date", "hour")
FOURS = (WORDS, ("engagement_type", "tweet", "date", "hour"))
ORDERS = [order for size in (1, 2, 3) for order in permutations(WORDS, size)] + [*FOURS]
TODAY = datetime(2026, 7, 15, tzinfo=UTC)


def meaning(order: tuple[str, ...]) -> frozenset[str]:
    return frozenset(order) | ({"date"} if "hour" in order else set())


GROUPINGS = st.lists(st.sampled_from(ORDERS), min_size=1, max_size=5, unique_by=meaning)
METRIC_SETS = st.lists(st.sampled_from(METRICS), min_size=1, max_size=3, unique=True)


def day_settings(kind: str, first: int, last: int) -> dict[str, Any]:
    """A range between two numbers of days back, told in one of the ways."""
    start_kind, end_kind = kind.split("-")
    return {
        "start_date_type": start_kind,
        "end_date_type": end_kind,
        "specific_start_date": (TODAY - timedelta(days=first)).date().isoformat(),
        "specific_end_date": (TODAY - timedelta(days=last)).date().isoformat(),
        "days_back_to_start_from": first,
        "days_back_to_end_at": last,
    }


@given(
    group_by=GROUPINGS,
    metrics=METRIC_SETS,
    posts=st.integers(1, 30),
    recent=st.booleans(),
    days=st.tuples(st.integers(0, 70), st.integers(0, 70)).map(sorted),
    kind=st.sampled_from(["-".join(each) for each in product(["specific", "relative"], repeat=2)]),
)
@settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_legal_settings_give_legal_requests_that_cover_everything_once(
    sandbox: Sandbox,
    read: Read,
    post_ids: PostIds,
    group_by: list[tuple[str, ...]],
    metrics: list[str],
    posts: int,
    recent: bool,
    days: list[int],
    kind: str,
) -> None:
    sandbox.reset()
    last, first = days
    tweets = post_ids(posts)
    selection: dict[str, Any] = (
        {"number_of_tweets": posts} if recent else {"tweet_selection": "specific", "tweets": tweets}
    )
    run = read(
        STREAM,
        **selection,
        engagement_metrics=metrics,
        group_by=[list(order) for order in group_by],
        **day_settings(kind, first, last),
    )
    end = min(TODAY - timedelta(days=last - 1), TODAY + timedelta(hours=12))
    span = list(hours(TODAY - timedelta(days=first), end))
    asked = Counter(
        (grouping, tweet, hour)
        for each in questions(sandbox)
        for grouping in (tuple(g["group_by"]) for g in each.body["groupings"].values())
        for tweet in each.body["tweet_ids"]
        for hour in hours(*(datetime.fromisoformat(each.body[name]) for name in ("start", "end")))
    )
    assert set(asked.values()) == {1}
    assert len(asked) == len(group_by) * len(tweets) * len(span)
    assert all(entry.status == 200 for entry in sandbox.requests)
    now = sandbox.clock.now()
    whole = sum(
        counted(tweet, metric, hour, now) for tweet, metric, hour in product(tweets, metrics, span)
    )
    sums: Counter[str] = Counter()
    for row in run.records:
        sums[row["group_by"]] += row["count"]
    assert len(sums) == len(group_by)
    assert set(sums.values()) == {whole}
    assert len({row["row_id"] for row in run.records}) == len(run.records)


def blocks_in_use(config: dict[str, Any], clock: Clock) -> list[int]:
    """How many blocks of memory more than at the start are in use, at each thousandth row."""
    tap = TapTwitter(config=config, catalog=selecting(config, [STREAM]), message_writer=Messages())
    tap.run_context.clock = clock
    stream = tap.streams[STREAM]
    (context,) = stream.partitions or []
    gc.collect()
    start = sys.getallocatedblocks()
    rows = enumerate(stream.get_records(context))
    return [sys.getallocatedblocks() - start for number, _ in rows if number % 1000 == 0]


@pytest.mark.torture
def test_a_hundred_posts_by_the_hour_of_a_quarter_need_the_memory_of_one_request(
    sandbox: Sandbox, post_ids: PostIds, clock: Clock, tmp_path: Path
) -> None:
    engagement = {
        "tweet_selection": "specific",
        "tweets": post_ids(100),
        "engagement_metrics": ["replies"],
        "group_by": list(WORDS),
        "days_back_to_start_from": 90,
    }
    used = blocks_in_use({**tap_config(sandbox, tmp_path), "engagement": engagement}, clock)
    assert len(questions(sandbox)) == 4 * 4
    assert len(used) == 100 * 90 * 24 // 1000
    first_request = max(used[:16])
    assert max(used) < 1.2 * first_request


def plan_of(config: dict[str, Any], clock: Clock, *streams: str) -> Plan:
    tap = TapTwitter(config=config, catalog=selecting(config, streams))
    tap.run_context.clock = clock
    return tap.plan()


@pytest.mark.parametrize("recent", [True, False], ids=["recent", "specific"])
def test_the_plan_foresees_the_requests(
    sandbox: Sandbox, read: Read, post_ids: PostIds, clock: Clock, tmp_path: Path, recent: bool
) -> None:
    streams = (STREAM, "engagement_28hr", "engagement_totals")
    selection: dict[str, Any] = (
        {"number_of_tweets": 30}
        if recent
        else {"tweet_selection": "specific", "tweets": post_ids(30)}
    )
    engagement = {**selection, "days_back_to_start_from": 40, "engagement_metrics": ["replies"]}
    owner = {"budget": {"app_owner_id": OWNER.user_id}}
    config = {**tap_config(sandbox, tmp_path), **owner, "engagement": engagement}
    plan = plan_of(config, clock, *streams)
    assert not list(sandbox.requests)
    # finding the posts takes one, after a free one that shows whether X answers at all
    assert plan.total.requests == 2 + 4 + 1 + 2 * recent
    read(*streams, config=owner, **engagement)
    assert len(list(sandbox.requests)) == plan.total.requests
    assert plan.total.usd == sandbox.bill.total.gross_usd
