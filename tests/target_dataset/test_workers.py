"""Worker processes: what they decode, and what remains if one of the processes ends."""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from multiprocessing import Pipe
from typing import IO, TYPE_CHECKING, Any

import psutil
import pyarrow as pa
import pytest
from support.commands import BIN
from support.forking import Popen
from support.log_records import not_informing
from support.singer_messages import Message, lines, read, record, schema, state
from support.target_runs import outcome, outcome_with_workers

from dataset_store import dataset_id, open_store
from target_dataset import spare_cores
from target_dataset.worker import Worker, WorkerError
from target_dataset.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.singer_messages import Loaded
    from target_command import Command

SECONDS = 30
NEVER = sys.maxsize
ROWS = 40
SCHEMA: Message = schema("s", {"id": {"type": "integer"}, "v": {"type": "number"}}, ["id"])
ONLY_BY_VALUE: Message = schema(
    "s", {"id": {"type": "integer", "multipleOf": 1}, "v": {"type": "number"}}, ["id"]
)


def texts(*messages: Message | str) -> list[str]:
    return lines(messages).splitlines()


def records(first: int, last: int, **more: Any) -> list[Message]:
    return [record("s", id=number, v=number / 4, **more) for number in range(first, last)]


@pytest.mark.parametrize("head", [SCHEMA, ONLY_BY_VALUE], ids=["lines", "records"])
@pytest.mark.parametrize("fewest", [1, NEVER], ids=["at once", "one by one"])
def test_a_worker_decodes_most_chunks(head: Message, fewest: int) -> None:
    run = texts(head, *records(0, ROWS), state({"n": ROWS}))
    found, decoded = outcome_with_workers(run, {}, fewest)
    assert decoded > 0
    assert found == outcome(run, {}, fewest)
    error, states, [(_, rows, _)] = found
    assert (error, json.loads(states), len(rows)) == ("", {"n": ROWS}, ROWS)


def test_chunks_that_are_too_large_are_decoded_here() -> None:
    run = texts(SCHEMA, *records(0, ROWS))
    found, decoded = outcome_with_workers(run, {}, 1, slot_bytes=200)
    assert decoded == 0
    assert found == outcome(run, {}, 1)


BAD = record("s", id="no number")
FAULTS: dict[str, list[Message | str]] = {
    "a record": [BAD],
    "a record before a line": [BAD, *records(50, 60), "{"],
    "a line": [*records(50, 60), "{"],
    "a record before a schema": [BAD, *records(50, 60), schema("t", {"id": {"type": "integer"}})],
    "a record before another": [BAD, *records(50, 60), record("s", id=None)],
    "a record before a type": [BAD, *records(50, 60), {"type": "RUBBISH"}],
    "a record at the end of a batch": [BAD, *records(50, 70), state({"n": 2})],
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("size", [None, 30], ids=["one batch", "batches"])
def test_the_first_fault_is_the_error(fault: list[Message | str], size: int | None) -> None:
    run = texts(SCHEMA, *records(0, ROWS), state({"n": 1}), *fault, *records(80, 90))
    config = {"batch_size_rows": size} if size else {}
    found, decoded = outcome_with_workers(run, config, 1)
    assert decoded > 0
    assert found == outcome(run, config, 1)
    assert found[0]


TEXT = "x" * 500
CHUNK = 1_000
"""Records of more than a chunk for a worker."""


def posts(first: int, last: int) -> str:
    return lines([record("posts", id=number, v=TEXT) for number in range(first, last)])


HEAD = lines([schema("posts", {"id": {"type": "integer"}, "v": {"type": "string"}}, ["id"])])


@contextmanager
def running(
    folder: Path, source: IO[bytes] | int = subprocess.PIPE, **config: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """The target in a group of processes of its own, with a worker."""
    (folder / "config.json").write_text(json.dumps({"workers": 1, **config}))
    process = Popen(
        [BIN / "target-dataset", "--config", "config.json"],
        stdin=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def write(process: subprocess.Popen[bytes], text: str) -> None:
    assert process.stdin
    process.stdin.write(text.encode())
    process.stdin.flush()


def begun(process: subprocess.Popen[bytes]) -> psutil.Process:
    """Write two chunks and a STATE; gives the worker once they are committed."""
    write(process, HEAD + posts(0, 2 * CHUNK) + lines([state({"n": 2 * CHUNK})]))
    assert process.stdout
    assert json.loads(process.stdout.readline()) == {"n": 2 * CHUNK}
    [worker] = psutil.Process(process.pid).children()
    return worker


def ids(folder: Path) -> list[int]:
    dataset = open_store(str(folder / "datasets")).find(dataset_id("posts"))
    return sorted(row["id"] for row in read(dataset)) if dataset else []


def test_a_worker_that_ends_within_an_answer_is_told() -> None:
    worker = Worker([])
    worker._connection.close()  # the process ends
    worker._connection, theirs = Pipe()
    with theirs:
        os.write(theirs.fileno(), (100).to_bytes(4, "big") + b"a part of a message")
    with pytest.raises(WorkerError, match=r"A worker process ended unexpectedly \(exit code 0\)"):
        worker.receive(0, pa.schema([]))


def test_a_worker_that_is_killed_ends_the_run_with_one_line(tmp_path: Path) -> None:
    with running(tmp_path, idle_flush_seconds=600) as process:
        begun(process).kill()
        more = posts(2 * CHUNK, 6 * CHUNK) + lines([state({"n": 6 * CHUNK})])
        out, log = process.communicate(more.encode(), SECONDS)
    assert (process.returncode, out) == (1, b"")
    [line] = not_informing(log.decode())
    assert "A worker process ended unexpectedly (signal 9). " in line
    assert ids(tmp_path) == list(range(2 * CHUNK))
    with running(tmp_path) as process:
        out, _ = process.communicate((HEAD + more).encode(), SECONDS)
    assert (process.returncode, json.loads(out)) == (0, {"n": 6 * CHUNK})
    assert ids(tmp_path) == list(range(6 * CHUNK))


@pytest.mark.parametrize(
    "number",
    [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.torture)],
    ids=["SIGINT", "SIGTERM"],
)
def test_a_signal_to_all_processes_commits_what_was_read(
    number: signal.Signals, tmp_path: Path
) -> None:
    with running(tmp_path, idle_flush_seconds=600) as process:
        worker = begun(process)
        write(process, posts(2 * CHUNK, 4 * CHUNK))
        time.sleep(0.3)
        os.killpg(process.pid, number)
        _, log = process.communicate(timeout=SECONDS)
    assert process.returncode == 128 + number
    assert b"Traceback" not in log
    found = ids(tmp_path)
    assert found == list(range(len(found)))
    assert len(found) >= 2 * CHUNK
    assert not worker.is_running()


def test_a_worker_ends_with_the_main_process(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        worker = begun(process)
        process.kill()
        worker.wait(SECONDS)
        # it held no end of the pipes open
        assert process.stdout
        assert process.stdout.read() == b""


@pytest.mark.parametrize(
    ("seed", "kills"),
    [
        (1, 1),
        *(
            pytest.param(seed, 10, marks=[pytest.mark.torture, pytest.mark.timeout(900)])
            for seed in range(2, 12)
        ),
    ],
)
def test_runs_that_are_killed_anywhere_lose_nothing(seed: int, kills: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    last, upto = 20 * CHUNK, 0
    for _ in range(kills):
        (tmp_path / "input").write_text(HEAD + steps(upto, last))
        with (
            (tmp_path / "input").open("rb") as source,
            running(tmp_path, source, batch_size_rows=2 * CHUNK) as process,
        ):
            upto = killed(process, chance, upto)
        assert set(ids(tmp_path)) >= set(range(upto))
    with running(tmp_path, workers=2) as process:
        rest = HEAD + steps(upto, last) + lines([state({"n": last})])
        out, _ = process.communicate(rest.encode(), SECONDS)
    assert process.returncode == 0
    assert json.loads(out.splitlines()[-1]) == {"n": last}
    assert ids(tmp_path) == list(range(last))


def steps(first: int, last: int) -> str:
    """Posts with a STATE after each chunk."""
    return "".join(
        posts(begin, begin + CHUNK) + lines([state({"n": begin + CHUNK})])
        for begin in range(first, last, CHUNK)
    )


def killed(process: subprocess.Popen[bytes], chance: random.Random, first: int) -> int:
    """Kill the target or its worker at a random moment, unless it is faster; gives the last STATE."""
    target = psutil.Process(process.pid)
    while not (children := target.children()) and process.poll() is None:
        time.sleep(0.01)
    time.sleep(chance.uniform(0, 0.6))
    with suppress(psutil.NoSuchProcess):
        chance.choice([target, *children]).kill()
    out, log = process.communicate(timeout=SECONDS)
    assert b"Traceback" not in log
    states: list[int] = [json.loads(line)["n"] for line in out.splitlines()]
    return max(states, default=first)


def test_no_process_is_forked_beside_threads(
    load: Callable[..., Loaded], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threading.active_count", lambda: 2)
    loaded = load(SCHEMA, *records(0, 3), workers=1)
    assert len(loaded.rows("s")) == 3
    [warning] = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert warning == (
        "Setting 'workers': no process can be started (the process has other threads); the main "
        "one decodes"
    )


def test_a_machine_without_room_for_processes_decodes_in_one(
    load: Callable[..., Loaded], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("threading.active_count", lambda: 1)
    monkeypatch.setattr(os, "fork", refuse)
    assert len(load(SCHEMA, *records(0, 3), workers="2").rows("s")) == 3
    assert "(Resource temporarily unavailable)" in caplog.text


@pytest.mark.parametrize(
    ("cores", "quota", "expected"),
    [
        (1, "max 100000", 0),
        (2, "max 100000", 1),
        (64, "max 100000", 2),
        (64, "150000 100000", 0),
        (64, "50000 100000", 0),
        (64, "200000 100000", 1),
        (2, None, 1),
    ],
)
def test_how_many_auto_is(
    cores: int, quota: str | None, expected: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "cpu.max"
    if quota:
        path.write_text(f"{quota}\n")
    monkeypatch.setattr(spare_cores, "CPU_QUOTA", path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    assert Workers("auto").count == expected


@pytest.mark.parametrize("value", ["two", "65", "-1", 65, -1, 1.5, True])
def test_other_numbers_of_workers_are_refused(value: Any, command: Command) -> None:
    run = command(SCHEMA, workers=value)
    assert run.code == 1
    assert all(line.startswith("Setting 'workers' must be") for line in run.errors)
    assert len(run.errors) == 1
