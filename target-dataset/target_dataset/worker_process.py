"""A process that decodes chunks of records for another one."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from target_dataset.chunks import Undecoded
    from target_dataset.decode import RecordDecoder

SLOT_BYTES: Final = 1 << 22
"""The room of one chunk in the shared memory: first for its records, then for its columns."""

EXIT_UNEXPECTED: Final = 70
FOLLOWED: Final = frozenset({signal.SIGINT, signal.SIGTERM})
"""Signals that a terminal or an orchestrator may send to all processes of a group."""


def run(connection: Connection, memory: memoryview) -> None:
    """Serve until the other end of the connection is closed, then end the process.

    The process has just been forked; it must neither return to the code that forked it nor write
    to the standard output.
    """
    code = EXIT_UNEXPECTED
    try:
        # the main process decides when to stop: this one ends with the connection
        for each in FOLLOWED:
            signal.signal(each, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, FOLLOWED)
        _release_standard_streams()
        # what is loaded stays shared: a collection would write to it, and so copy it
        gc.freeze()
        _serve(connection, memory)
        code = os.EX_OK
    except (EOFError, ConnectionError):
        code = os.EX_OK
    finally:
        os._exit(code)


def _release_standard_streams() -> None:
    """Let go of the input and the output, whose other ends wait for all holders to close them."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nothing, descriptor)
    sys.stdin = sys.stdout = None


def _serve(connection: Connection, memory: memoryview) -> None:
    decoders: dict[str, RecordDecoder] = {}
    while True:
        received = connection.recv()
        if isinstance(received, tuple):
            stream, begin, size = received
            room = memory[begin : begin + SLOT_BYTES]
            connection.send(_replace(room, size, decoders[stream]))
        else:
            decoders[received.stream] = received


def _replace(room: memoryview, size: int, decoder: RecordDecoder) -> int | None:
    """Put the columns of a chunk into the place of its records.

    Returns:
        The size of the columns; None if the other process has to decode the records, which gives
        their error, or the columns are larger than the room.
    """
    try:
        records: Undecoded = pickle.loads(room[:size])  # noqa: S301 - of the main process
        columns = records.decoded_by(decoder).serialize()
    except Exception:  # noqa: BLE001 - whatever it is, the main process meets it, too
        return None
    if columns.size > len(room):
        return None
    room[: columns.size] = memoryview(columns).cast("B")
    return int(columns.size)
