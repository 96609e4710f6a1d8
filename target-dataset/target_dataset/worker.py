"""A worker process, as the main process sees it."""

from __future__ import annotations

import mmap
import os
import pickle
import select
import signal
import warnings
from contextlib import contextmanager, suppress
from multiprocessing import Pipe
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from singer_plugin import UserError
from target_dataset import worker_process
from target_dataset.worker_process import FOLLOWED, SLOT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from target_dataset.chunks import Chunk
    from target_dataset.decode import RecordDecoder

_SLOTS: Final = 3
"""How many chunks of a worker are under way: one is decoded, others wait for it or for us."""


class WorkerError(UserError):
    """A worker process has ended before the input."""

    topic = "worker-processes"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"A worker process ended unexpectedly ({reason}). Rows of the last STATE and before "
            "are committed; the next run continues there. If memory ran out, set `workers` to 0 "
            "or lower `batch_memory_mb`"
        )


class Worker:
    """A worker process.

    Args:
        others: Those that were started before: their connections must not stay open in this one,
            or they would not notice the end of the main process.

    Attributes:
        slots: The places in the shared memory that no chunk has.

    Raises:
        OSError: It cannot be started.
    """

    def __init__(self, others: list[Worker]) -> None:
        # anonymous, so nothing remains after a kill, and the size of /dev/shm does not matter
        self._memory = memoryview(mmap.mmap(-1, _SLOTS * SLOT_BYTES))
        self._connection, theirs = Pipe()
        self._decoders: dict[str, RecordDecoder] = {}
        self.slots = list(range(_SLOTS))
        with theirs:
            self._pid = self._forked(theirs, others)
        self._answers = select.poll()
        self._answers.register(self._connection, select.POLLIN)

    def _forked(self, theirs: Connection, others: list[Worker]) -> int:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, FOLLOWED)
        try:
            with warnings.catch_warnings():
                # Python 3.12 and later count the threads of libraries, see `Workers`
                warnings.simplefilter("ignore", DeprecationWarning)
                pid = os.fork()
            if not pid:
                for each in (self, *others):
                    each._connection.close()
                worker_process.run(theirs, self._memory)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return pid

    def send(self, chunk: Chunk) -> int | None:
        """Pass a chunk on.

        Returns:
            The slot that has it; None if it is too large.

        Raises:
            WorkerError: The process has ended.
        """
        if chunk.records.size > SLOT_BYTES // 2:
            return None
        content = pickle.dumps(chunk.records, protocol=pickle.HIGHEST_PROTOCOL)
        if len(content) > SLOT_BYTES:
            return None
        slot = self.slots.pop()
        begin = slot * SLOT_BYTES
        self._memory[begin : begin + len(content)] = content
        decoder = chunk.decoder
        with self._alive():
            if self._decoders.get(decoder.stream) is not decoder:
                self._decoders[decoder.stream] = decoder
                self._connection.send(decoder)
            self._connection.send((decoder.stream, begin, len(content)))
        return slot

    @property
    def is_ready(self) -> bool:
        """Whether it has decoded a chunk, or has ended."""
        return bool(self._answers.poll(0))

    def receive(self, slot: int, schema: pa.Schema) -> pa.RecordBatch | None:
        """The rows of the first chunk that was sent; None if the chunk must be decoded here.

        Raises:
            WorkerError: The process has ended.
        """
        with self._alive():
            size = self._connection.recv()
        begin = slot * SLOT_BYTES
        self.slots.append(slot)
        if size is None:
            return None
        columns = pa.py_buffer(bytes(self._memory[begin : begin + size]))
        return pa.ipc.read_record_batch(columns, schema)

    @contextmanager
    def _alive(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, OSError):  # a plain OSError is an end within a message
            raise WorkerError(self.end()) from None

    def end(self) -> str:
        """End the process, which may have ended before; returns how."""
        self._connection.close()
        with suppress(ChildProcessError):
            _, status = os.waitpid(self._pid, 0)
            code = os.waitstatus_to_exitcode(status)
            return f"exit code {code}" if code >= 0 else f"signal {-code}"
        return "status unknown"
