"""Kills, signals, silence and broken pipes, on real processes."""

from __future__ import annotations

import json
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from support.commands import BIN
from support.forking import Popen
from support.log_records import not_informing
from support.singer_messages import Message, lines, read, record, schema, state

from dataset_store import dataset_id, open_store

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 30
POSTS = schema("posts", {"id": {"type": "integer"}, "v": {"type": "string"}}, ["id"])
WIDER = schema("posts", {"id": {"type": "integer"}, "w": {"type": "string"}}, ["id"])

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the target in the test's folder, with settings as keywords."""
    started: list[subprocess.Popen[bytes]] = []

    def run(**config: Any) -> subprocess.Popen[bytes]:
        (tmp_path / "config.json").write_text(json.dumps(config))
        started.append(
            Popen(
                [BIN / "target-dataset", "--config", "config.json"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=tmp_path,
            )
        )
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def send(process: subprocess.Popen[bytes], *messages: Message | str) -> None:
    assert process.stdin
    process.stdin.write(lines(messages).encode())
    process.stdin.flush()


def next_state(process: subprocess.Popen[bytes]) -> Any:
    assert process.stdout
    ready, _, _ = select.select([process.stdout], [], [], SECONDS)
    assert ready, "no STATE came"
    return json.loads(process.stdout.readline())


def ids(folder: Path, stream: str = "posts") -> list[int]:
    dataset = open_store(str(folder / "datasets")).find(dataset_id(stream))
    assert dataset
    return sorted(row["id"] for row in read(dataset))


def numbered(first: int, last: int) -> list[Message]:
    return [record("posts", id=number, v=str(number)) for number in range(first, last + 1)]


def posts(first: int, last: int) -> list[Message]:
    """Records with a STATE after each ten."""
    return [
        message
        for begin in range(first, last, 10)
        for message in (*numbered(begin, begin + 9), state({"upto": begin + 9}))
    ]


@pytest.mark.parametrize("states", [1, 4])
def test_a_killed_run_is_repaired_by_the_next(states: int, start: Start, tmp_path: Path) -> None:
    process = start(batch_size_rows=25)
    send(process, POSTS, *posts(1, 400))
    upto = [next_state(process)["upto"] for _ in range(states)][-1]
    process.kill()
    process.wait(SECONDS)
    assert set(ids(tmp_path)) >= set(range(1, upto + 1))

    process = start(batch_size_rows=25)
    out, _ = process.communicate(lines([POSTS, *posts(upto + 1, 400)]).encode(), SECONDS)
    assert json.loads(out.splitlines()[-1]) == {"upto": 400}
    assert ids(tmp_path) == list(range(1, 401))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_commits_what_was_read(
    number: signal.Signals, start: Start, tmp_path: Path
) -> None:
    process = start(batch_size_rows=2)
    send(process, POSTS, *numbered(1, 2), state({"n": 2}), *numbered(3, 5))
    assert next_state(process) == {"n": 2}
    process.send_signal(number)
    out, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 128 + number
    assert out == b""
    assert ids(tmp_path) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_while_the_program_loads_ends_it_without_a_traceback(
    number: signal.Signals, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    process = start()
    wait_for_line(process, b"singer_sdk.exceptions")
    process.send_signal(number)
    _, log = process.communicate(timeout=SECONDS)
    assert process.returncode in {-number, 128 + number}
    assert b"Traceback" not in log


def test_a_signal_in_silence_is_heeded(start: Start, tmp_path: Path) -> None:
    process = start(idle_flush_seconds=0.2)
    send(process, POSTS, record("posts", id=1), state({"n": 1}))
    assert next_state(process) == {"n": 1}
    process.terminate()
    process.communicate(timeout=SECONDS)
    assert process.returncode == 143


def test_a_signal_does_not_commit_half_an_overwrite(start: Start, tmp_path: Path) -> None:
    process = start()
    process.communicate(lines([POSTS, record("posts", id=1)]).encode(), SECONDS)
    process = start(load_method="overwrite", idle_flush_seconds=0.2, log_metrics=True)
    send(process, POSTS, record("posts", id=2), state({"n": 2}))
    wait_for_line(process, b"batch_processing_time")
    process.terminate()
    out, _ = process.communicate(timeout=SECONDS)
    assert (process.returncode, out) == (143, b"")
    assert ids(tmp_path) == [1]


def wait_for_line(process: subprocess.Popen[bytes], part: bytes) -> None:
    """Wait until a line of the log holds a part."""
    assert process.stderr
    while part not in (line := process.stderr.readline()):
        assert line, "the log has ended"


def test_silence_commits_and_passes_the_state_on(start: Start, tmp_path: Path) -> None:
    process = start(idle_flush_seconds=0.2)
    send(process, POSTS, record("posts", id=1), state({"n": 1}))
    assert next_state(process) == {"n": 1}
    assert ids(tmp_path) == [1]
    send(process, record("posts", id=2), state({"n": 2}))
    assert next_state(process) == {"n": 2}
    out, _ = process.communicate(timeout=SECONDS)
    assert (process.returncode, out) == (0, b"")
    assert ids(tmp_path) == [1, 2]


def test_a_silence_after_a_state_commits_at_once(start: Start, tmp_path: Path) -> None:
    process = start(idle_flush_seconds=600)
    for number in (1, 2):
        send(process, POSTS, record("posts", id=number), state({"n": number}))
        assert next_state(process) == {"n": number}
        assert ids(tmp_path) == list(range(1, number + 1))
    process.communicate(timeout=SECONDS)


def remove_first_entry(folder: Path) -> None:
    table = folder / "datasets" / dataset_id("posts")
    (table / "_delta_log" / f"{0:020}.json").unlink()


@pytest.mark.parametrize(
    "messages",
    [
        [record("posts", id=2)],
        [WIDER, record("posts", id=2)],
        [schema("users", {"id": {"type": "integer"}}), record("users", id=2)],
    ],
    ids=["rows", "schema", "stream"],
)
@pytest.mark.parametrize(
    ("remove", "reason"),
    [
        (
            lambda folder: shutil.rmtree(folder / "datasets"),
            "its folder was removed during the run",
        ),
        (remove_first_entry, "lacks the entry of version 0"),
    ],
    ids=["store", "entry"],
)
def test_what_vanishes_under_a_run_ends_it_with_one_line(
    remove: Callable[[Path], None],
    reason: str,
    messages: list[Message],
    start: Start,
    tmp_path: Path,
) -> None:
    process = start()
    send(process, POSTS, record("posts", id=1), state({"n": 1}))
    assert next_state(process) == {"n": 1}
    remove(tmp_path)
    out, log = process.communicate(lines([*messages, state({"n": 2})]).encode(), SECONDS)
    if remove is remove_first_entry and "users" in str(messages):
        assert process.returncode == 0  # another dataset is not concerned
        return
    [line] = not_informing(log.decode())
    assert (process.returncode, out) == (1, b"")
    assert reason in line
    assert not (tmp_path / "datasets" / dataset_id("users")).exists()


def test_lines_that_come_in_pieces(start: Start, tmp_path: Path) -> None:
    process = start(idle_flush_seconds=0.1)
    assert process.stdin
    text = lines([POSTS, record("posts", id=1, v="é" * 40), state({"n": 1})]).encode()
    for begin in range(0, len(text), 50):
        process.stdin.write(text[begin : begin + 50])
        process.stdin.flush()
        time.sleep(0.02)
    assert next_state(process) == {"n": 1}
    process.communicate(timeout=SECONDS)
    assert ids(tmp_path) == [1]


def test_nobody_reading_the_state_is_one_line(start: Start, tmp_path: Path) -> None:
    process = start()
    assert process.stdout
    process.stdout.close()
    process.stdout = None
    _, log = process.communicate(lines([POSTS, *numbered(1, 1), state({"n": 1})]).encode(), SECONDS)
    assert process.returncode == 1
    [line] = not_informing(log.decode())
    assert line.endswith(
        "The STATE cannot be written to standard output: its reader is gone (Broken pipe); all "
        "rows before this STATE are committed"
    )
    assert ids(tmp_path) == [1]
