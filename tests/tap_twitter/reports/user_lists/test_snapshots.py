"""A snapshot a day of followers, followed accounts and members: whole, resumed, cut, and its price."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.campaign import START
from support.timelines import Fragile, KilledError
from support.user_lists import PAGE, Snapshots

from sandbox import running
from sandbox.credentials import NEWS
from tap_twitter.objects.user_columns import user_columns

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

STREAMS = ("followers", "following", "list_members")
DAY = "2026-03-01"
NEXT_DAY = "2026-03-02"
SECONDS = timedelta(days=1).total_seconds()
every_stream = pytest.mark.parametrize("stream", STREAMS)


@pytest.mark.parametrize(
    ("stream", "vocabulary"),
    [*((stream, "tweet") for stream in STREAMS), ("list_members", "post")],
)
def test_a_snapshot_is_the_list_with_every_column(
    sandbox: Sandbox, snapshots: Snapshots, stream: str, vocabulary: str
) -> None:
    rows = snapshots.run(api={"vocabulary": vocabulary}).records
    assert [row["id"] for row in rows] == snapshots.truth
    assert {row["date"] for row in rows} == {DAY}
    assert rows[-1]["snapshot_end"] == "complete"
    assert rows[0]["snapshot_end"] == (None if len(rows) > PAGE[stream] else "complete")
    assert snapshots.bought == len(rows)
    # what depends on who asks, and on words that a vocabulary lacks
    varying = {"connection_status", "receives_your_dm", "subscribes_to_you", "subscription", "affiliation",
               "pinned_tweet_id", "most_recent_tweet_id", "subscription_type"}  # fmt: skip
    for row in rows[:: len(rows) // 20]:
        user = user_columns(sandbox.world.user(row["id"]))
        assert {name: row[name] for name in user.keys() - varying} == {
            name: user[name] for name in user.keys() - varying
        }


@every_stream
def test_three_days_are_three_snapshots_and_a_day_is_one(snapshots: Snapshots, stream: str) -> None:
    truth = {}
    for day in ("2026-03-01", "2026-03-02", "2026-03-03"):
        snapshots.run()
        snapshots.run()
        truth[day] = set(snapshots.truth)
        snapshots.change(snapshots.truth[5], joins=False)
        snapshots.change(NEWS.user_id)
        snapshots.sandbox.clock.advance(SECONDS)
    assert snapshots.by_day() == truth
    assert truth["2026-03-01"] - truth["2026-03-02"]
    assert NEWS.user_id in truth["2026-03-02"] - truth["2026-03-01"]
    assert snapshots.given == snapshots.bought == sum(map(len, truth.values()))
    assert all("complete" in snapshots.ends(day) for day in truth)


@pytest.mark.parametrize(
    ("stream", "at"),
    [("followers", 1), ("following", 1), *(("list_members", at) for at in range(4))],
)
def test_a_kill_buys_no_more_than_a_page_twice(snapshots: Snapshots, stream: str, at: int) -> None:
    truth, size = snapshots.truth, PAGE[stream]
    bounds = [0, *range(size, len(truth), size), len(truth) - 1]
    kill_and_resume(snapshots, bounds[at % len(bounds)])


@pytest.mark.torture
@every_stream
def test_kills_around_every_page_buy_no_more_than_a_page_twice(
    sandbox: Sandbox, tmp_path: Path, stream: str
) -> None:
    count, size = len(Snapshots(sandbox, tmp_path, stream).truth), PAGE[stream]
    ends = {0, 1, count - 1, *range(size, count, size)}
    for fatal in sorted({end + off for end in ends for off in (-1, 0, 1)} & set(range(count))):
        sandbox.reset()
        kill_and_resume(Snapshots(sandbox, tmp_path, stream), fatal)


def kill_and_resume(snapshots: Snapshots, fatal: int) -> None:
    """Kill a run before a row; the next one has the rest, for a page at most."""
    truth, size = snapshots.truth, PAGE[snapshots.stream]
    with pytest.raises(KilledError):
        snapshots.run(fatal)
    joined = NEWS.user_id
    snapshots.change(joined)
    snapshots.run()
    assert snapshots.by_day()[DAY] - {joined} == set(truth)
    assert "complete" in snapshots.ends(DAY)
    assert snapshots.bought <= len(truth) + 1 + min(size, len(truth))
    assert snapshots.given <= snapshots.bought


def test_a_snapshot_that_a_budget_stops_resumes_under_its_date(snapshots: Snapshots) -> None:
    truth = snapshots.truth
    snapshots.run(budget={"max_cost_usd": 1.5})
    assert (snapshots.given, snapshots.ends(DAY)) == (150, {None})
    snapshots.sandbox.clock.advance(SECONDS)
    snapshots.change(NEWS.user_id)
    snapshots.run()
    assert snapshots.by_day() == {DAY: set(truth), NEXT_DAY: set(snapshots.truth)}
    assert snapshots.ends(DAY) == snapshots.ends(NEXT_DAY) == {None, "complete"}
    assert snapshots.given == len(truth) + len(snapshots.truth)


@pytest.mark.parametrize(
    ("limit", "end"), [(150, "cut"), (100, "cut"), (258, "complete"), (400, "complete")]
)
def test_a_limit_cuts_a_snapshot_and_its_last_rows_say_so(
    snapshots: Snapshots, caplog: pytest.LogCaptureFixture, limit: int, end: str
) -> None:
    truth = snapshots.truth
    assert len(truth) == 258
    lists = {"lists": ["1530000000000000001"], "limit": limit}
    for _ in range(2):
        rows = snapshots.run(list_members=lists, budget={}).records
        if not rows:
            break
        assert [row["id"] for row in rows] == truth[:limit]
        assert rows[-1]["snapshot_end"] == end
    assert snapshots.bought == min(limit, len(truth))
    assert ("is cut at" in caplog.text) == (end == "cut")


def test_a_limit_below_what_a_begun_snapshot_has_ends_it(snapshots: Snapshots) -> None:
    snapshots.run(budget={"max_cost_usd": 1.5})
    lists = {"lists": ["1530000000000000001"], "limit": 100}
    assert snapshots.run(list_members=lists, budget={}).records == []
    snapshots.sandbox.clock.advance(SECONDS)
    assert len(snapshots.run(list_members=lists, budget={}).records) == 100
    assert snapshots.ends(NEXT_DAY) == {"cut"}


@pytest.mark.parametrize("stream", ["followers", "list_members"])
def test_a_dead_token_begins_the_snapshot_anew(snapshots: Snapshots, stream: str) -> None:
    truth = snapshots.truth
    with pytest.raises(KilledError):
        snapshots.run(PAGE[stream] + 1)
    snapshots.sandbox.pages.kill()
    snapshots.run()
    assert snapshots.by_day() == {DAY: set(truth)}
    assert "complete" in snapshots.ends(DAY)
    assert snapshots.sandbox.bill.total.net_objects == len(truth)


def test_a_token_that_died_overnight_leaves_its_day_incomplete(snapshots: Snapshots) -> None:
    snapshots.run(budget={"max_cost_usd": 1})
    snapshots.sandbox.clock.advance(SECONDS)
    snapshots.sandbox.pages.kill()
    snapshots.run()
    assert snapshots.ends(DAY) == {None}
    assert snapshots.by_day()[NEXT_DAY] == set(snapshots.truth)
    assert snapshots.given == 100 + len(snapshots.truth)


def test_newcomers_and_those_who_leave_meanwhile_shift_nobody(snapshots: Snapshots) -> None:
    truth = snapshots.truth
    snapshots.run(budget={"max_cost_usd": 1})
    snapshots.change(NEWS.user_id)
    for gone in truth[90:110]:
        snapshots.change(gone, joins=False)
    snapshots.run()
    assert snapshots.by_day() == {DAY: set(truth) - set(truth[100:110])}
    assert snapshots.ends(DAY) == {None, "complete"}


@pytest.mark.parametrize(
    "fault",
    [{"kind": "empty_page", "nth": 1, "count": 2}, {"kind": "kill_page_tokens", "nth": 2},
     {"kind": "service_unavailable", "nth": 2}, {"kind": "short_page", "nth": 1}],
    ids=lambda fault: fault["kind"],
)  # fmt: skip
def test_faults_leave_no_gap(snapshots: Snapshots, fault: dict[str, Any]) -> None:
    snapshots.sandbox.faults.add(**fault)
    snapshots.run()
    assert snapshots.by_day() == {DAY: set(snapshots.truth)}
    assert "complete" in snapshots.ends(DAY)


def test_the_order_of_a_list_does_not_matter(tmp_path: Path) -> None:
    with running(clock_start=START, clock_ticking=False, follows_order="earliest_first") as sandbox:
        snapshots = Snapshots(sandbox, tmp_path, "list_members")
        for cost in (1, 1, 1):
            snapshots.run(budget={"max_cost_usd": cost})
        assert list(snapshots.by_day()[DAY]) != snapshots.truth
        assert snapshots.by_day() == {DAY: set(snapshots.truth)}
        assert snapshots.given == len(snapshots.truth)


class Emptying(Fragile):
    """Messages with whose first page everybody else leaves the list."""

    def __init__(self, snapshots: Snapshots) -> None:
        super().__init__()
        self._snapshots = snapshots

    def write_message(self, message: Any) -> None:
        super().write_message(message)
        if len(self.records) == PAGE["list_members"]:
            for gone in self._snapshots.truth[PAGE["list_members"] :]:
                self._snapshots.change(gone, joins=False)


def test_an_empty_last_page_gives_the_rows_before_it_their_end(snapshots: Snapshots) -> None:
    messages = Emptying(snapshots)
    snapshots.tap(messages).run()
    rows = {row["id"]: row["snapshot_end"] for row in messages.records}
    assert list(rows) == snapshots.truth
    assert set(rows.values()) == {"complete"}
    assert snapshots.bought == len(rows) == 100
