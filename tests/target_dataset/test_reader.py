from __future__ import annotations

import io
import json
import os
import threading
from pathlib import Path
from typing import IO, Any

import pytest
from support.singer_messages import lines, state

from target_dataset.errors import InputError
from target_dataset.reader import InputReader


def values(reader: InputReader, file_input: IO[Any]) -> list[int]:
    seen: list[int] = []
    reader.process_lines(
        file_input, {"STATE": lambda message: seen.append(json.loads(message["value"])["n"])}
    )
    return seen


def test_silence_is_told_once_until_the_next_message() -> None:
    receiver, sender = os.pipe()
    told = threading.Semaphore(0)
    silences: list[int] = []

    def on_idle() -> None:
        silences.append(len(seen))
        told.release()

    seen: list[int] = []
    reader = InputReader(idle_seconds=lambda: 0.02, on_idle=on_idle)

    def write() -> None:
        with os.fdopen(sender, "wb", buffering=0) as input_end:
            for number in (1, 2):
                input_end.write(lines([state({"n": number})]).encode())
                while silences[-1:] != [number]:
                    assert told.acquire(timeout=10)

    writer = threading.Thread(target=write)
    writer.start()
    with os.fdopen(receiver, "rb", buffering=0) as file_input:
        reader.process_lines(
            file_input, {"STATE": lambda message: seen.append(json.loads(message["value"])["n"])}
        )
    writer.join(10)
    assert seen == [1, 2]
    assert silences[-2:] == [1, 2]
    assert len(silences) == len(set(silences))


def test_an_input_that_fails_is_one_line() -> None:
    # nothing is mapped at its beginning
    with (
        Path("/proc/self/mem").open("rb") as file_input,
        pytest.raises(InputError, match=r"^The input cannot be read: Input/output error$"),
    ):
        values(InputReader(), file_input)


def test_a_stop_before_the_input_begins_is_heeded() -> None:
    reader = InputReader()
    reader.stop()
    assert values(reader, io.StringIO(lines([state({"n": 1})]))) == []


def test_a_stop_amid_the_input_ends_it_with_the_chunk(tmp_path: Any) -> None:
    path = tmp_path / "input"
    path.write_text(lines(state({"n": number}) for number in range(100_000)))
    reader = InputReader()
    seen: list[int] = []

    def stop(message: dict[str, Any]) -> None:
        seen.append(json.loads(message["value"])["n"])
        reader.stop()

    with path.open() as file_input:
        reader.process_lines(file_input, {"STATE": stop})
    assert seen == list(range(len(seen)))
    assert 0 < len(seen) < 100_000
