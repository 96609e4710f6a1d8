"""No message is missed or bought twice: day by day, while others arrive, after kills and dead tokens."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.harness import Messages
from support.inboxes import BOTH, ME, NOON, PATH, RECEIVED, SENT, WORLD, Reader, asked, truth

from sandbox import running
from sandbox.credentials import OWNER
from tap_twitter.errors import RunError

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


def test_a_sync_a_day_gives_what_one_sync_on_the_third_day_gives(tmp_path: Path) -> None:
    with running(**WORLD) as sandbox:
        daily = Reader(sandbox, tmp_path).run()
        over_read = 0
        for _ in range(3):
            sandbox.clock.advance(86_400)
            before, known = sandbox.bill.total.gross_objects, daily.all_ids
            daily.run()
            new = len(truth(sandbox, ME) - known)
            bought = sandbox.bill.total.gross_objects - before
            assert bought == least_bought(new)
            over_read += bought - new
        once = Reader(sandbox, tmp_path).run()
        assert once.all_ids == truth(sandbox, ME) <= daily.all_ids
        for stream, rows in once.rows.items():
            assert {key: daily.rows[stream][key] for key in rows} == rows
        assert daily.given == len(daily.all_ids)
        assert over_read < 60


def least_bought(new: int) -> int:
    """What pages that double what was read cost until one event shows up that is known."""
    bought = 0
    while bought <= new:
        bought += min(max(bought, 1), 100)
    return bought


@pytest.mark.parametrize("new", [0, 1, 3, 40], ids=lambda new: f"{new} new")
def test_reading_in_vain_is_bounded_by_what_is_new(
    sandbox: Sandbox, reader: Reader, new: int
) -> None:
    reader.run()
    for _ in range(new):
        sandbox.world.messages.send(ME, [OWNER.user_id], "hello")
    before, given = sandbox.bill.total.gross_objects, reader.given
    reader.run()
    bought = sandbox.bill.total.gross_objects - before
    assert reader.given - given == new
    assert bought == least_bought(new) <= max(2 * new, 1)


def test_a_stream_that_is_selected_later_has_no_gap(sandbox: Sandbox, reader: Reader) -> None:
    reader.run(RECEIVED)
    sandbox.clock.advance(86_400)
    reader.run(BOTH)
    assert truth(sandbox, ME) <= reader.all_ids
    assert reader.given == len(reader.all_ids)
    assert reader.state is not None
    received, sent = (
        reader.state["bookmarks"][name]["partitions"][0]["cursor"] for name in (RECEIVED, SENT)
    )
    assert received == sent


def test_messages_that_arrive_while_a_read_is_stopped_are_not_missed(
    sandbox: Sandbox, reader: Reader
) -> None:
    runs = 0
    while runs == 0 or '"page"' in json.dumps(reader.state):
        reader.run(budget={"max_requests": 1})
        sandbox.world.messages.send(OWNER.user_id, [ME], f"between {runs}")
        runs += 1
    assert runs > 2
    reader.run()
    assert reader.all_ids == truth(sandbox, ME)
    assert reader.given == len(reader.all_ids)


def test_messages_that_arrive_while_the_tap_waits_are_not_missed(tmp_path: Path) -> None:
    with running(**WORLD, limits={f"{PATH}:user": 1}) as sandbox:
        reader = Reader(sandbox, tmp_path).run()
        assert sandbox.clock.now() > NOON + timedelta(minutes=15)
        reader.run()
        assert truth(sandbox, ME) <= reader.all_ids
        assert reader.given == len(reader.all_ids)


class Dying(Messages):
    """Output that is gone after some lines, as if the process were killed."""

    def __init__(self, lines: int) -> None:
        super().__init__()
        self._left = lines

    def write_message(self, message: Any) -> None:
        if not self._left:
            raise SystemExit
        self._left -= 1
        super().write_message(message)


@pytest.mark.parametrize("seed", range(3))
def test_a_tap_that_is_killed_at_any_line_loses_a_page_at_most(
    sandbox: Sandbox, reader: Reader, seed: int
) -> None:
    chance, pages = random.Random(seed), -(-len(truth(sandbox, ME)) // 100)
    deaths = 4
    for _ in range(deaths):
        with pytest.raises(SystemExit):
            reader.run(messages=Dying(chance.randint(1, 100)))
    reader.run()
    assert reader.all_ids == truth(sandbox, ME)
    again = [entry for entry in asked(sandbox) if entry.params.get("pagination_token") is None]
    assert len(asked(sandbox)) <= pages + deaths + len(again)


@pytest.mark.torture
@pytest.mark.timeout(600)
def test_a_tap_that_is_killed_in_every_page_of_a_deep_read(tmp_path: Path) -> None:
    with running(**WORLD, limit_scale=100) as sandbox:
        reader, deaths = Reader(sandbox, tmp_path, OWNER), 0
        events = truth(sandbox, OWNER.user_id)
        pages = -(-len(events) // 100)
        assert len(events) > 4_000
        for page in range(pages):
            # a STATE at the start, schemas, what is left of the page before, and half of this one
            with pytest.raises(SystemExit):
                reader.run(messages=Dying(3 + (101 if page else 0) + 50))
            deaths += 1
        reader.run()
        assert reader.all_ids == events
        assert len(asked(sandbox)) <= pages + deaths + 1


def test_a_token_that_dies_between_runs(sandbox: Sandbox, reader: Reader) -> None:
    reader.run(budget={"max_requests": 2})
    sandbox.pages.kill()
    reader.run()
    assert reader.all_ids == truth(sandbox, ME)
    assert reader.given == len(reader.all_ids)


def test_tokens_that_die_faster_than_x_lets_pages_be_read_end_the_run(tmp_path: Path) -> None:
    with running(**WORLD, page_token_seconds=600, limits={f"{PATH}:user": 1}) as sandbox:
        reader = Reader(sandbox, tmp_path)
        with pytest.raises(RunError, match="pagination_token"):
            reader.run()
        assert len(asked(sandbox)) == 2


def test_empty_and_short_pages_are_no_end(sandbox: Sandbox, reader: Reader) -> None:
    sandbox.faults.add("empty_page", path=PATH, nth=2, count=3)
    sandbox.faults.add("short_page", path=PATH, nth=5)
    reader.run()
    assert reader.all_ids == truth(sandbox, ME)
    assert reader.given == len(reader.all_ids)


def test_messages_that_x_has_dropped_meanwhile_are_told(
    sandbox: Sandbox, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    reader.run()
    sandbox.clock.advance(86_400 * 29)
    reader.run()
    assert "are lost" not in caplog.text
    sandbox.clock.advance(86_400 * 31)
    reader.run()
    assert "at 2026-03-30T12:00:00Z: X gives messages for 30 days, so those between" in caplog.text
    assert truth(sandbox, ME) <= reader.all_ids


def test_messages_that_x_drops_above_a_read_that_was_stopped_are_told(
    sandbox: Sandbox, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    reader.run(budget={"max_requests": 1})
    sandbox.clock.advance(86_400 * 20)
    while '"page"' in json.dumps(reader.state):
        reader.run(budget={"max_requests": 1})
    assert "are lost" not in caplog.text
    sandbox.clock.advance(86_400 * 20)
    reader.run()
    assert f"at {NOON:%Y-%m-%dT%H:%M:%SZ}: X gives messages for 30 days" in caplog.text
    caplog.clear()
    reader.run()
    assert "are lost" not in caplog.text


@pytest.mark.parametrize("runs_between", [0, 1])
def test_messages_that_x_drops_before_the_first_read_is_whole_are_told_once(
    sandbox: Sandbox, reader: Reader, caplog: pytest.LogCaptureFixture, runs_between: int
) -> None:
    reader.run(budget={"max_requests": 1})
    sandbox.clock.advance(86_400 * 20)
    sandbox.pages.kill()
    for _ in range(runs_between):
        reader.run(budget={"max_requests": 1})
        sandbox.pages.kill()
        assert '"page"' in json.dumps(reader.state)
    sandbox.clock.advance(86_400 * 20)
    reader.run()
    assert f"at {NOON:%Y-%m-%dT%H:%M:%SZ}: X gives messages for 30 days" in caplog.text
    caplog.clear()
    reader.run()
    assert "are lost" not in caplog.text
