"""What is bought: once for both streams, within limits, types and budgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.inboxes import BOTH, ME, RECEIVED, SENT, WORLD, Reader, asked, sizes, truth, world_rows

from sandbox import running
from sandbox.credentials import OWNER

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


def test_both_streams_cost_what_one_does(tmp_path: Path) -> None:
    bought = {}
    for streams in (RECEIVED, SENT, BOTH):
        with running(**WORLD) as sandbox:
            reader = Reader(sandbox, tmp_path).run(streams)
            bought[streams] = [entry.params for entry in asked(sandbox)]
            assert sandbox.bill.total.gross_objects == len(truth(sandbox, ME))
            kinds = [each for each in reader.messages.all if each["type"] == "SCHEMA"]
            assert [each["stream"] for each in kinds] == streams.split()
            assert set(reader.messages.states[-1]["bookmarks"]) == set(streams.split())
    assert sizes(asked(sandbox)) == [100] * len(bought[BOTH])
    assert [len(each) for each in bought.values()] == [len(bought[BOTH])] * 3


@pytest.mark.parametrize(
    "types", [["MessageCreate"], ["ParticipantsJoin", "ParticipantsLeave"]], ids=len
)
def test_event_types_that_are_left_out_are_not_bought(
    sandbox: Sandbox, reader: Reader, types: list[str]
) -> None:
    reader.run(direct_messages={"event_types": types})
    wanted = truth(sandbox, ME, lambda event: event["event_type"] in types)
    assert reader.all_ids == wanted
    assert sandbox.bill.total.gross_objects == len(wanted)


@pytest.mark.parametrize("limit", [1, 20, 150])
def test_a_limit_gives_each_stream_its_newest_rows(
    sandbox: Sandbox, reader: Reader, limit: int
) -> None:
    reader.run(direct_messages={"limit": limit})
    for stream, rows in world_rows(sandbox).items():
        assert list(reader.rows[stream].values()) == rows[:limit]
    for count in (limit, 2):
        for number in range(count):
            sandbox.world.messages.send(OWNER.user_id, [ME], f"{number}")
        given = reader.given
        reader.run(direct_messages={"limit": limit})
        assert reader.given - given == min(limit, count)


def test_a_limit_buys_little_more_than_it_gives(sandbox: Sandbox, reader: Reader) -> None:
    reader.run(RECEIVED, direct_messages={"limit": 20})
    assert sizes(asked(sandbox))[0] == 20
    assert sandbox.bill.total.gross_objects <= 80


def test_the_budget_ends_a_read_with_its_last_affordable_page(
    sandbox: Sandbox, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    reader.run(budget={"max_cost_usd": 1.5})
    assert sizes(asked(sandbox)) == [100, 50]
    assert reader.given == 150
    assert "The budget of the run is used up: 'direct_messages' has read" in caplog.text
    reader.run()
    assert reader.all_ids == truth(sandbox, ME)
    assert sandbox.bill.total.gross_objects == len(reader.all_ids) + 1


def test_the_budget_counts_users_that_may_come_along(sandbox: Sandbox, reader: Reader) -> None:
    reader.run(budget={"max_cost_usd": 0.09}, direct_messages={"expand_users": True})
    assert sizes(asked(sandbox)) == [3, *sizes(asked(sandbox))[1:]]
    assert sandbox.bill.total.gross_usd <= 0.09


def test_the_plan_counts_first_pages_and_says_what_it_cannot_know(
    sandbox: Sandbox, reader: Reader
) -> None:
    plan = reader.tap().plan()
    assert {name: each.objects for name, each in plan.streams.items()} == {RECEIVED: 100, SENT: 0}
    assert any("does not say how many direct messages" in note for note in plan.notes)
    reader.run()
    requests = len(sandbox.requests)
    plan = reader.tap(SENT).plan()
    assert {name: each.objects for name, each in plan.streams.items()} == {SENT: 1}
    assert len(sandbox.requests) == requests


def test_a_dry_run_reads_a_row_of_each_stream_from_small_pages(
    sandbox: Sandbox, reader: Reader
) -> None:
    tap = reader.tap()
    tap.run_sync_dry_run(1, [tap.streams[name] for name in BOTH.split()])
    written = [each["stream"] for each in reader.messages.all if each["type"] == "RECORD"]
    assert written == BOTH.split()
    assert sum(sizes(asked(sandbox))) < 40
