"""The input is read ahead, and stops when told to."""

from __future__ import annotations

import io
import os
import threading
from queue import Empty

import pytest

from target_dataset.read_ahead import ReadAhead

CHUNK = 1 << 20


def test_chunks_come_in_order_and_end_with_an_empty_one() -> None:
    source = ReadAhead(io.BytesIO(b"a" * CHUNK + b"b"))
    assert [source.next() for _ in range(3)] == [b"a" * CHUNK, b"b", b""]


def test_a_stop_discards_what_was_read_ahead() -> None:
    source = ReadAhead(io.BytesIO(b"a" * 3 * CHUNK))
    assert source.next() == b"a" * CHUNK
    source.stop()
    assert source.next() == b""


def test_waiting_ends_in_time() -> None:
    receiver, sender = os.pipe()
    with os.fdopen(sender, "wb", buffering=0) as input_end:
        source = ReadAhead(io.FileIO(receiver))
        with pytest.raises(Empty):
            source.next(timeout=0.01)
        input_end.write(b"late")
        assert source.next() == b"late"
    assert source.next() == b""


def test_an_error_of_reading_comes_where_the_chunk_is_asked_for() -> None:
    class Broken(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output error"):
        ReadAhead(Broken()).next()


def test_the_thread_ends_with_its_input_even_where_that_was_not_read_to_its_end() -> None:
    before = set(threading.enumerate())
    source = ReadAhead(io.BytesIO(b"a" * 100 * CHUNK))
    started = set(threading.enumerate()) - before
    [thread] = [found for found in started if found.name == "input"]
    source.stop()
    thread.join(10)
    assert not thread.is_alive()
