"""Progress of long work: lines where there is no terminal, a bar on one."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from rich.console import Console

from dataset_store.progress import Lines, Task, Tracker, tracked
from dataset_store.progress import tracking as ticking

START = datetime(2026, 3, 1, tzinfo=UTC)
BATCHES = [pa.record_batch({"id": list(range(100))}) for _ in range(10)]


class Hand:
    """A clock that moves by some seconds each time that it is read."""

    def __init__(self, seconds: float) -> None:
        self.time = START
        self._step = timedelta(seconds=seconds)

    def __call__(self) -> datetime:
        self.time += self._step
        return self.time


def tracker(lines: list[str], task: Task, seconds: float) -> Tracker:
    return Tracker(task, Lines(lines.append, START), Hand(seconds))


def test_rows_have_a_total_a_share_and_the_time_left() -> None:
    lines: list[str] = []
    found = list(tracker(lines, Task("export", START, 1000), 3).rows(BATCHES))
    assert found == BATCHES
    assert lines == [
        "Progress of 'export': 200 of 1,000 rows (20%), about 0:00:48 left.",
        "Progress of 'export': 700 of 1,000 rows (70%), about 0:00:18 left.",
    ]


def test_blocks_of_a_file_have_their_rows_as_a_note() -> None:
    lines: list[str] = []
    task = Task("import", START, 10, "blocks")
    assert list(tracker(lines, task, 6).blocks(BATCHES)) == BATCHES
    assert lines[0] == "Progress of 'import': 1 of 10 blocks (10%), 100 rows, about 0:01:48 left."


def test_work_without_a_total_says_for_how_long_it_has_lasted() -> None:
    lines: list[str] = []
    watched = tracker(lines, Task("compact", START), 1)
    for _ in range(45):
        watched.tick()
    assert lines == [
        "Progress of 'compact': 0:00:10 so far.",
        "Progress of 'compact': 0:00:40 so far.",
    ]


def test_short_work_says_nothing() -> None:
    lines: list[str] = []
    with tracked("import", lines.append, 10, console=Console(file=io.StringIO())) as watched:
        watched.advance(10)
    assert lines == []


def test_a_bar_is_drawn_on_a_terminal_and_removed() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    with tracked("export", pytest.fail, 1000, console=console) as watched:
        watched.advance(500)
    assert "500 of 1,000 rows (50%)" in screen.getvalue()


def test_work_that_reports_nothing_is_looked_at_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticking, "TICK_SECONDS", 0.001)
    lines: list[str] = []
    now = Hand(5)
    with tracked("compact", lines.append, console=Console(file=io.StringIO()), now=now):
        while not lines:
            pass
    assert lines[0].startswith("Progress of 'compact': 0:00:")


def test_more_than_an_estimated_total_is_all_of_it() -> None:
    task = Task("import", START, 2, "blocks")
    task.advance(3, START + timedelta(seconds=30))
    assert task.text(START + timedelta(seconds=30)).startswith("3 of 3 blocks (100%)")


def test_totals_that_become_known_add_up() -> None:
    lines: list[str] = []
    watched = tracker(lines, Task("compact", START), 6)
    watched.expect(500, "rows")
    watched.expect(500, "rows")
    list(watched.rows(BATCHES))
    assert lines[0] == "Progress of 'compact': 100 of 1,000 rows (10%), about 0:01:48 left."


def test_work_that_follows_the_total_says_for_how_long_it_has_lasted() -> None:
    task = Task("export", START, 100)
    task.advance(100, START + timedelta(seconds=5))
    after = START + timedelta(seconds=40)
    assert task.text(after) == "100 of 100 rows (100%), 0:00:40 so far"
