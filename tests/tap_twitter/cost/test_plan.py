"""The plan of a sync, held against what the sync then does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from support.commands import BIN, run
from support.harness import (
    APP_AUTH,
    USER_AUTH,
    Messages,
    make_dataset,
    run_tap,
    selecting,
    tap_config,
)
from support.sandbox_clock import SandboxClock

from dataset_store import DatasetSpec, open_store, writeback_id
from sandbox import running
from sandbox.credentials import OWNER
from tap_twitter.cost.ledger import Budget
from tap_twitter.cost.plan import CUT_NOTE, NOTES, OPEN_NOTE, Demand, Estimate, Plan, estimate
from tap_twitter.objects.post_requests import WORDS_NOTE
from tap_twitter.reports.direct_messages.stream import READ_ONCE
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

CENT = Decimal("0.010")


@pytest.mark.parametrize(
    ("demands", "budget", "expected"),
    [
        ([(0, 900)], Budget(), Estimate()),
        ([(1, 900)], Budget(), Estimate(1, 1, CENT)),
        ([(250, 900), (20, 900)], Budget(), Estimate(4, 270, Decimal("2.7"))),
        ([(30_000, 300)], Budget(), Estimate(300, 30_000, Decimal(300))),
        ([(30_001, 300)], Budget(), Estimate(301, 30_001, Decimal("300.01"), 900)),
        ([(60_001, 300), (30_001, 300)], Budget(), Estimate(902, 90_002, Decimal("900.02"), 2700)),
        ([(250, 900), (20, 900)], Budget(usd=Decimal(2)), Estimate(2, 200, Decimal(2), 0, 70)),
        ([(250, 900)], Budget(usd=Decimal("1.555")), Estimate(2, 155, Decimal("1.55"), 0, 95)),
        ([(50, 900), (50, 900)], Budget(requests=1), Estimate(1, 50, Decimal("0.5"), 0, 50)),
        ([(50, 900)], Budget(requests=0), Estimate(0, 0, Decimal(0), 0, 50)),
    ],
    ids=["none", "one", "two-endpoints", "a-window", "more-than-a-window", "windows", "money",
         "part-of-a-hundred", "requests", "no-requests"],
)  # fmt: skip
def test_estimates(demands: list[tuple[int, int]], budget: Budget, expected: Estimate) -> None:
    given_demands = [Demand(objects, 100, limit, CENT) for objects, limit in demands]
    assert estimate(given_demands, budget) == expected


@given(
    st.lists(st.integers(0, 1500), max_size=3),
    st.none() | st.decimals(0, 20, places=3),
    st.none() | st.integers(0, 20),
)
def test_an_estimate_stays_in_the_budget_and_forgets_nothing(
    objects: list[int], usd: Decimal | None, requests: int | None
) -> None:
    found = estimate([Demand(each, 100, 300, CENT) for each in objects], Budget(usd, requests))
    assert found.objects + found.left == sum(objects)
    assert found.usd == found.objects * CENT
    assert usd is None or found.usd <= usd
    assert requests is None or found.requests <= requests


def plan(config: dict[str, Any], state: dict[str, Any] | None = None) -> Estimate:
    messages = Messages()
    found = TapTwitter(config=config, state=state, message_writer=messages).plan()
    assert not messages.all
    return found.streams["users_lookup"]


@pytest.mark.parametrize("missing", [0, 30], ids=["all-found", "some-missing"])
@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_the_sync_does_what_was_planned(tmp_path: Path, vocabulary: Any, missing: int) -> None:
    with running(vocabulary=vocabulary) as sandbox:
        ids = [
            *sandbox.world.sample_ids(230, "found"),
            *sandbox.world.sample_ids(missing, "not_found"),
        ]
        handles = [f"@{sandbox.world.handle(each)}" for each in ids[:20]]
        make_dataset(tmp_path, "people", {"who": [*ids, *handles, "no such form"]})
        config = tap_config(sandbox, tmp_path)
        planned = plan(config)
        assert not sandbox.requests
        run_tap(config)
        bill = sandbox.bill.total
    assert planned.requests == bill.requests
    assert planned.objects - bill.gross_objects == missing
    assert planned.usd - bill.gross_usd == missing * CENT


def test_a_begun_pass_shards_and_the_budget_count(sandbox: Sandbox, tmp_path: Path) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(250, "found")})
    config = tap_config(sandbox, tmp_path)
    budgeted = config | {"budget": {"max_cost_usd": 1.2}}
    assert plan(budgeted) == Estimate(2, 120, Decimal("1.2"), 0, 130)
    state = run_tap(budgeted).states[-1]
    assert plan(config, state) == Estimate(2, 130, Decimal("1.3"))
    assert plan(budgeted, state) == Estimate(2, 120, Decimal("1.2"), 0, 10)
    shards = [plan(config | {"shard": {"index": index, "count": 3}}) for index in range(3)]
    assert sum(each.objects for each in shards) == 250


@pytest.mark.parametrize(("days", "users"), [(0, 5), (1, 2)])
def test_fresh_users_are_not_planned(
    sandbox: Sandbox, tmp_path: Path, days: int, users: int
) -> None:
    ids = sandbox.world.sample_ids(5, "found")
    made = make_dataset(tmp_path, "people", {"user_id": ids})
    fresh = [
        {"requested_id": each, "requested_kind": "id", "lookup_status": "found"} for each in ids[:3]
    ]
    now = datetime.now(UTC)
    rows = pa.Table.from_pylist([{**row, "looked_up_at": now} for row in fresh])
    writeback = DatasetSpec("rows", rows.schema, id=writeback_id("users_lookup", made.id))
    open_store(str(tmp_path)).create(writeback).append(rows)
    planned = plan(tap_config(sandbox, tmp_path, refresh_after_days=days))
    assert planned == Estimate(1, users, users * CENT)


@pytest.mark.parametrize(
    ("auth", "wait"), [(USER_AUTH, 0), (APP_AUTH, 900)], ids=["oauth1", "app-only"]
)
def test_the_wait_depends_on_the_credentials(
    sandbox: Sandbox, tmp_path: Path, auth: dict[str, str], wait: int
) -> None:
    make_dataset(tmp_path, "people", {"user_id": [str(each) for each in range(1, 30_102)]})
    planned = plan(tap_config(sandbox, tmp_path, auth=auth))
    assert planned == Estimate(302, 30_101, Decimal("301.01"), wait)
    assert not sandbox.requests


def test_a_command_prints_the_plan(sandbox: Sandbox, tmp_path: Path) -> None:
    store = tmp_path / "store"
    make_dataset(store, "people", {"user_id": sandbox.world.sample_ids(250, "found")})
    before = sorted(path for path in store.rglob("*"))
    (tmp_path / "config.json").write_text(
        json.dumps(tap_config(sandbox, store) | {"budget": {"max_requests": 2}})
    )
    (tmp_path / "state.json").write_text("{}")
    files = ("--config=config.json", "--state=state.json")
    outputs = [
        run(BIN / "tap-twitter", *files, option, cwd=tmp_path).stdout
        for option in ("--plan", "--plan=json")
    ]
    figures = {
        "requests": 2,
        "objects": 200,
        "usd": 2.0,
        "wait_seconds": 0,
        "left": 50,
        "open_ended": False,
    }
    assert outputs[0].splitlines()[:3] == [
        "stream        requests  objects    USD     wait",
        "users_lookup         2      200  2.000  0:00:00",
        "total                2      200  2.000  0:00:00",
    ]
    assert json.loads(outputs[1]) == {
        "streams": [{"stream": "users_lookup", **figures}],
        "total": figures,
        "notes": [*NOTES, CUT_NOTE.format(left=50)],
    }
    assert not sandbox.requests
    assert sorted(path for path in store.rglob("*")) == before


OTHERS = {"accounts": [{"id": OWNER.user_id}, {"username": "harbour_books"}, {"id": "12"}]}
INSIGHTS = ("account_insights", "tweet_insights")
ENGAGEMENT = ("historical_engagement", "engagement_28hr", "engagement_totals")


@pytest.mark.parametrize(
    ("vocabulary", "streams", "settings"),
    [
        ("tweet", ("account_insights",), OTHERS),
        pytest.param("tweet", INSIGHTS, {}, marks=pytest.mark.torture),
        ("tweet", INSIGHTS, OTHERS | {"insights": {"expand_originals": True}}),
        ("post", INSIGHTS, OTHERS | {"insights": {"include_replies": False}}),
        ("tweet", ENGAGEMENT, {"engagement": {"number_of_tweets": 2}}),
        ("tweet", (*INSIGHTS, *ENGAGEMENT), {}),
    ],
    ids=["accounts", "own", "others", "post-words", "few-posts", "together"],
)
def test_no_bill_is_larger_than_its_plan(
    tmp_path: Path, vocabulary: Any, streams: tuple[str, ...], settings: dict[str, Any]
) -> None:
    with running(vocabulary=vocabulary, clock_ticking=False) as sandbox:
        config = {**tap_config(sandbox, tmp_path), **settings}
        config["api"]["vocabulary"] = vocabulary
        config["budget"] = {"app_owner_id": OWNER.user_id}
        catalog = selecting(config, streams)
        state: dict[str, Any] | None = None
        for _ in ("the first run", "the next one"):
            sandbox.bill.reset()
            messages = Messages()
            given: Any = {"config": config, "catalog": catalog, "message_writer": messages}
            planned = TapTwitter(**given, state=state).plan()
            assert not sandbox.bill.total.requests
            tap = TapTwitter(**given, state=state)
            tap.run_context.clock = SandboxClock(sandbox)
            tap.run()
            state = messages.states[-1]
            assert not planned.total.open_ended
            bill = sum(
                (each.gross_usd for each in tap.run_context.api.ledger.tallies.values()), Decimal()
            )
            assert bill == sandbox.bill.total.gross_usd
            assert 0 < bill <= planned.total.usd


def test_what_x_does_not_tell_is_marked(sandbox: Sandbox, tmp_path: Path) -> None:
    config = tap_config(sandbox, tmp_path)
    catalog = selecting(config, ["direct_messages"])
    planned = TapTwitter(config=config, catalog=catalog).plan()
    assert planned.as_table().splitlines()[1:3] == [
        "direct_messages        1+     100+  1.000+  0:00:00",
        "total                  1+     100+  1.000+  0:00:00",
    ]
    assert OPEN_NOTE in planned.notes
    assert json.loads(planned.as_json())["total"]["open_ended"] is True


@pytest.mark.parametrize(
    ("streams", "is_told"),
    [(["direct_messages"], False), (["direct_messages", "direct_messages_sent"], True)],
    ids=["one", "both"],
)
def test_why_a_stream_costs_nothing_is_told(
    sandbox: Sandbox, tmp_path: Path, streams: list[str], is_told: bool
) -> None:
    config = tap_config(sandbox, tmp_path)
    notes = TapTwitter(config=config, catalog=selecting(config, streams)).plan().notes
    assert notes.count(READ_ONCE) == is_told


def test_what_the_budget_cuts_is_not_open(sandbox: Sandbox, tmp_path: Path) -> None:
    config = {**tap_config(sandbox, tmp_path), "budget": {"max_cost_usd": 0.3}}
    catalog = selecting(config, ["direct_messages"])
    found = TapTwitter(config=config, catalog=catalog).plan().total
    assert (found.objects, found.left, found.open_ended) == (30, 70, False)


def test_words_that_may_change_are_told(sandbox: Sandbox, tmp_path: Path) -> None:
    config = tap_config(sandbox, tmp_path)
    catalog = selecting(config, ["tweet_insights"])
    notes = {}
    for words in ("auto", "post"):
        config["api"]["vocabulary"] = words
        notes[words] = TapTwitter(config=config, catalog=catalog).plan().notes
    assert set(notes["auto"]) - set(notes["post"]) == {WORDS_NOTE}


def test_who_asks_for_a_plan_and_a_test_gets_neither_since_one_of_them_buys(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(2, "found")})
    (tmp_path / "config.json").write_text(json.dumps(tap_config(sandbox, tmp_path)))
    done = run(BIN / "tap-twitter", "--config=config.json", "--plan", "--test", cwd=tmp_path)
    assert done.returncode == 2
    assert "--plan and --test exclude each other" in done.stderr
    assert not sandbox.requests


def test_counts_without_a_plan_are_refused() -> None:
    refused = CliRunner().invoke(TapTwitter.cli, ["--plan-counts"])
    assert refused.exit_code == 2
    assert "--plan-counts is an option of --plan" in refused.output


def test_a_plan_of_nothing_is_a_plan() -> None:
    assert Plan({}).as_table().splitlines()[1].split() == ["total", "0", "0", "0.000", "0:00:00"]
