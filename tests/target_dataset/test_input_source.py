"""The input comes in large chunks, waits end in time, and stop when asked to."""

from __future__ import annotations

import io
import os
import signal
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from target_dataset.input_source import InputSource

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1 << 18


@contextmanager
def reading(file_input: Any) -> Iterator[InputSource]:
    source = InputSource(file_input)
    try:
        yield source
    finally:
        source.close()


def all_of(source: InputSource) -> list[bytes]:
    return list(iter(source.next, b""))


@pytest.mark.parametrize("file_input", [io.BytesIO, lambda content: io.StringIO(content.decode())])
def test_an_input_without_a_descriptor(file_input: Any) -> None:
    with reading(file_input(b"a" * CHUNK + b"b")) as source:
        assert all_of(source) == [b"a" * CHUNK, b"b"]
        assert source.next() == b""


def test_a_file_comes_in_chunks(tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_bytes(b"a" * (2 * CHUNK + 5))
    with path.open() as file_input, reading(file_input) as source:
        assert [len(chunk) for chunk in all_of(source)] == [CHUNK, CHUNK, 5]


@contextmanager
def pipe() -> Iterator[tuple[io.FileIO, io.FileIO]]:
    receiver, sender = os.pipe()
    with os.fdopen(receiver, "rb", 0) as output_end, os.fdopen(sender, "wb", 0) as input_end:
        yield output_end, input_end


def test_what_is_written_bit_by_bit_comes_in_chunks() -> None:
    with pipe() as (output_end, input_end), reading(output_end) as source:

        def write() -> None:
            with input_end:
                for _ in range(CHUNK // 4096):
                    input_end.write(b"a" * 4096)

        writer = threading.Thread(target=write)
        writer.start()
        chunks = all_of(source)
        writer.join(10)
    assert sum(map(len, chunks)) == CHUNK
    # fewer than writes, if the machine has time for nothing else at times
    assert len(chunks) < CHUNK // 4096 // 2


def test_a_dribble_does_not_hold_a_chunk_back() -> None:
    with pipe() as (output_end, input_end), reading(output_end) as source:
        stop = threading.Event()

        def dribble() -> None:
            while not stop.wait(0.0005):
                input_end.write(b"a")

        writer = threading.Thread(target=dribble)
        writer.start()
        begun = time.monotonic()
        assert source.next()
        taken = time.monotonic() - begun
        stop.set()
        writer.join(10)
    assert taken < 5


def test_waiting_ends_in_time() -> None:
    with pipe() as (output_end, input_end), reading(output_end) as source:
        with pytest.raises(TimeoutError):
            source.next(timeout=0.01)
        input_end.write(b"late")
        assert source.next(timeout=10) == b"late"
        input_end.close()
        assert source.next() == b""


def test_a_signal_ends_a_wait() -> None:
    with pipe() as (output_end, _), reading(output_end) as source:
        before = signal.signal(signal.SIGALRM, lambda *_: source.stop())
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        try:
            assert source.next() == b""
        finally:
            signal.signal(signal.SIGALRM, before)


def test_a_stop_discards_what_was_not_read(tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_bytes(b"a" * 3 * CHUNK)
    with path.open("rb") as file_input, reading(file_input) as source:
        assert source.next() == b"a" * CHUNK
        source.stop()
        assert source.next() == b""


def test_an_error_of_reading() -> None:
    # nothing is mapped at its beginning
    with (
        Path("/proc/self/mem").open("rb") as file_input,
        reading(file_input) as source,
        pytest.raises(OSError, match="Input/output error"),
    ):
        source.next()


def descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def test_nothing_stays_open() -> None:
    with pipe() as (output_end, _):
        before = descriptors()
        source = InputSource(output_end)
        source.close()
        source.close()
        source.stop()
        assert descriptors() == before
        os.fstat(output_end.fileno())
