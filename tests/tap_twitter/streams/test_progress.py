"""Progress: how far, how long still, and how it is shown."""

from __future__ import annotations

import io
import json
import logging
import os
import pty
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from support.commands import BIN
from support.forking import Popen
from support.harness import make_dataset, selecting, tap_config

from dataset_store.progress import Task
from sandbox import running
from tap_twitter.streams.progress import ProgressReport

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 3, 1, tzinfo=UTC)
LOGGER = logging.getLogger("tap-twitter")


class Hand:
    """A clock that tests move by hand."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def reported(clock: Hand) -> ProgressReport:
    return ProgressReport(clock, LOGGER, Console(file=io.StringIO()))


def test_a_line_comes_after_ten_seconds_and_then_every_thirty(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Hand()
    report = reported(clock)
    report.begin("users_lookup", 1000, "users")
    times = []
    with caplog.at_level(logging.INFO), report.shown():
        for _ in range(100):
            clock.sleep(1)
            before = len(caplog.messages)
            report.done("users_lookup", 10)
            if len(caplog.messages) > before:
                times.append((clock.now() - START).total_seconds())
    assert times == [10, 40, 70, 100]
    assert caplog.messages[1] == (
        "Progress of 'users_lookup': 400 of 1,000 users (40%), 0 requests, 0 objects, about 0:01:00 left."
    )


def test_a_short_run_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    clock = Hand()
    report = reported(clock)
    with caplog.at_level(logging.INFO), report.shown():
        clock.sleep(9)
        report.answered("tweet_insights", 100)
    assert caplog.messages == []


def test_without_a_total_requests_and_objects_are_told(caplog: pytest.LogCaptureFixture) -> None:
    clock = Hand()
    report = reported(clock)
    report.begin("direct_messages", None, "events")
    with caplog.at_level(logging.INFO), report.shown():
        for _ in range(12):
            clock.sleep(1)
            report.answered("direct_messages", 100)
    assert caplog.messages == [
        "Progress of 'direct_messages': 10 requests, 1,000 objects, 0:00:10 so far."
    ]


def test_the_time_left_counts_the_waits_for_x() -> None:
    """300 requests of 100 users in every 15 minutes, as X allows an app."""
    progress = Task("users_lookup", START, 90_000, "users")
    now = START
    for _ in range(300):
        now += timedelta(seconds=0.2)
        progress.advance(100, now)
    assert progress.left(now) == timedelta(minutes=2)  # no wait was met yet
    now = START + timedelta(seconds=901)
    for _ in range(300):
        now += timedelta(seconds=0.2)
        progress.advance(100, now)
    left = progress.left(now)
    assert left is not None
    assert timedelta(minutes=7) < left < timedelta(minutes=15)


def test_the_pace_of_long_ago_is_forgotten() -> None:
    progress = Task("users_lookup", START, 10_000, "users")
    now = START
    for seconds, count in ((1, 1000), *[(60, 10)] * 60):
        now += timedelta(seconds=seconds)
        progress.advance(count, now)
    left = progress.left(now)
    assert left is not None
    # 8,400 users at 10 a minute
    assert timedelta(minutes=820) < left < timedelta(minutes=860)


@pytest.mark.parametrize(
    ("total", "done", "seconds"),
    [(None, 5, 5), (100, 0, 5), (100, 5, 0)],
    ids=["no-total", "nothing-done", "no-time"],
)
def test_where_no_time_can_be_told_none_is(total: int | None, done: int, seconds: int) -> None:
    progress = Task("users_lookup", START, total)
    now = START + timedelta(seconds=seconds)
    progress.advance(done, now)
    assert progress.left(now) is None
    assert "left" not in progress.text(now)


def test_parts_of_a_stream_add_up() -> None:
    clock = Hand()
    report = reported(clock)
    for _ in range(2):
        report.begin("tweet_analytics", 100, "posts")
        report.done("tweet_analytics", 50)
    assert report._of("tweet_analytics").text(clock.now()).startswith("100 of 200 posts (50%)")


@pytest.mark.parametrize(("is_piped", "is_shown"), [(True, True), (False, False)])
def test_a_bar_shares_no_terminal_with_messages(is_piped: bool, is_shown: bool) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    report = ProgressReport(Hand(), LOGGER, console, is_piped=is_piped)
    with report.shown():
        report.begin("users_lookup", 100, "users")
        report.done("users_lookup", 50)
    assert ("50 of 100 users" in screen.getvalue()) is is_shown


@pytest.mark.pipeline
def test_a_bar_on_a_terminal_is_gone_in_the_end(tmp_path: Path) -> None:
    with running(latency_ms=300) as sandbox:
        make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(500, "found")})
        config, catalog = tmp_path / "config.json", tmp_path / "catalog.json"
        settings = tap_config(sandbox, tmp_path)
        config.write_text(json.dumps(settings))
        catalog.write_text(json.dumps(selecting(settings, ["users_lookup"])))
        ours, theirs = pty.openpty()
        with (
            (tmp_path / "out.jsonl").open("w") as out,
            Popen(
                [BIN / "tap-twitter", "--config", config, "--catalog", catalog],
                stdout=out,
                stderr=theirs,
                env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
            ) as tap,
        ):
            os.close(theirs)
            screen = seen(ours)
        assert tap.returncode == 0
    assert "of 500 users" in screen
    assert "500 distinct users to look up" in screen
    assert "Progress of" not in screen
    hidden, shown = screen.rfind("\x1b[?25l"), screen.rfind("\x1b[?25h")
    assert 0 <= hidden < shown
    after = screen[shown:]
    assert "of 500 users" not in after
    assert "\x1b[2K" in after  # the bar's own line is cleared
    records = (tmp_path / "out.jsonl").read_text().splitlines()
    assert sum(json.loads(line)["type"] == "RECORD" for line in records) == 500


def seen(terminal: int) -> str:
    """All that was written to a terminal, once its other side is closed."""
    screen = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # how Linux says that nobody holds the other side
            part = b""
        if not part:
            os.close(terminal)
            return screen.decode()
        screen += part
