"""Worker processes, which decode chunks of records beside the main process."""

from __future__ import annotations

import logging
import math
import mmap
import os
import pickle
import select
import signal
import threading
import warnings
from collections import deque
from contextlib import contextmanager, suppress
from multiprocessing import Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pyarrow as pa

from singer_plugin import UserError
from target_dataset import worker_process
from target_dataset.worker_process import FOLLOWED, SLOT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from target_dataset.chunks import Chunk
    from target_dataset.decode import RecordDecoder

CPU_QUOTA: Final = Path("/sys/fs/cgroup/cpu.max")

logger = logging.getLogger("target-dataset")

_SLOTS: Final = 3
"""How many chunks of a worker are under way: one is decoded, others wait for it or for us."""

_MAX_AUTO: Final = 2
"""The main process reads, and passes chunks on, no faster than a few others decode them."""


class WorkerError(UserError):
    """A worker process has ended before the input."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"A worker process ended unexpectedly ({reason}). Rows of the last STATE and before "
            "are committed; the next run continues there. If memory ran out, set `workers` to 0 "
            "or lower `batch_memory_mb`"
        )


class _Sent(NamedTuple):
    chunk: Chunk
    worker: _Worker
    slot: int


class Workers:
    """Decodes chunks in other processes; their rows and errors come in the order of the chunks.

    A chunk that no worker has room for is decoded here. So the main process never waits for
    a worker before the end of a batch, and a worker without a core of its own costs little.

    Args:
        wanted: The setting `workers`: a number of processes, or `auto`.

    Attributes:
        count: The number of processes.
    """

    def __init__(self, wanted: str | int) -> None:
        self._is_auto = wanted == "auto"
        self.count = _spare_cores() if self._is_auto else int(wanted)
        self._workers: list[_Worker] = []
        self._sent: deque[_Sent] = deque()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start the processes, and end them after the block."""
        self._start()
        try:
            yield
        finally:
            self._end()

    @contextmanager
    def in_order(self) -> Iterator[None]:
        """Wait for all chunks at the end of the block, also after an error.

        An error of the block gives way to that of a chunk, which was read before.

        Raises:
            InputError: A record of a chunk is not valid.
            WorkerError: A worker process has ended.
        """
        try:
            yield
        except Exception:
            self.wait()
            raise
        self.wait()

    def _start(self) -> None:
        """Fork the processes before there are threads, which might hold locks that nobody opens.

        The libraries' own threads at this time are those of jemalloc and OpenBLAS, which prepare
        themselves for a fork.
        """
        if self.count and threading.active_count() > 1:
            logger.log(self._level, _IN_MAIN, "the process has other threads")
            return
        try:
            while len(self._workers) < self.count:
                self._workers.append(_Worker(self._workers))
        except OSError as error:
            logger.log(self._level, _IN_MAIN, error.strerror or type(error).__name__)

    @property
    def _level(self) -> int:
        return logging.DEBUG if self._is_auto else logging.WARNING

    def decode(self, chunk: Chunk) -> None:
        """Decode a chunk, here or in another process; after `wait`, it has its rows.

        Raises:
            InputError: A record of this chunk, or of one before it, is not valid.
            WorkerError: A worker process has ended.
        """
        worker = self._free() if self._workers else None
        slot = worker.send(chunk) if worker else None
        if worker is None or slot is None:
            chunk.decode()
        else:
            self._sent.append(_Sent(chunk, worker, slot))

    def _free(self) -> _Worker | None:
        """A worker with room for another chunk."""
        while not any(worker.slots for worker in self._workers):
            if not self._sent[0].worker.is_ready:
                return None
            self._receive()
        return max(self._workers, key=lambda worker: len(worker.slots))

    def wait(self) -> None:
        """Wait until all chunks are decoded.

        Raises:
            InputError: A record is not valid.
            WorkerError: A worker process has ended.
        """
        while self._sent:
            self._receive()

    def _receive(self) -> None:
        """Take the rows of the first chunk under way.

        Its error is that of the run, so the chunks after it do not matter any more.
        """
        chunk, worker, slot = self._sent.popleft()
        try:
            rows = worker.receive(slot, chunk.decoder.schema)
            if rows is None:
                chunk.decode()
            else:
                chunk.take_rows(rows)
        except BaseException:
            self._end()
            raise

    def _end(self) -> None:
        self._sent.clear()
        while self._workers:
            self._workers.pop().end()


_IN_MAIN: Final = "Setting 'workers': no process can be started (%s); the main one decodes"


class _Worker:
    """A worker process.

    Args:
        others: Those that were started before: their connections must not stay open in this one,
            or they would not notice the end of the main process.

    Attributes:
        slots: The places in the shared memory that no chunk has.

    Raises:
        OSError: It cannot be started.
    """

    def __init__(self, others: list[_Worker]) -> None:
        # anonymous, so nothing remains after a kill, and the size of /dev/shm does not matter
        self._memory = memoryview(mmap.mmap(-1, _SLOTS * SLOT_BYTES))
        self._connection, theirs = Pipe()
        self._decoders: dict[str, RecordDecoder] = {}
        self.slots = list(range(_SLOTS))
        with theirs:
            self._pid = self._forked(theirs, others)
        self._answers = select.poll()
        self._answers.register(self._connection, select.POLLIN)

    def _forked(self, theirs: Connection, others: list[_Worker]) -> int:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, FOLLOWED)
        try:
            with warnings.catch_warnings():
                # Python 3.12 and later count the threads of libraries, see `Workers._start`
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
        except (EOFError, ConnectionError):
            raise WorkerError(self.end()) from None

    def end(self) -> str:
        """End the process, which may have ended before; returns how."""
        self._connection.close()
        with suppress(ChildProcessError):
            _, status = os.waitpid(self._pid, 0)
            code = os.waitstatus_to_exitcode(status)
            return f"exit code {code}" if code >= 0 else f"signal {-code}"
        return "status unknown"


def _spare_cores() -> int:
    """The number of workers that have a core beside that of the main process."""
    try:
        cores = min(len(os.sched_getaffinity(0)), _quota())
    except AttributeError:
        # only on Linux is a fork known to be safe beside the libraries' threads
        return 0
    return min(_MAX_AUTO, cores - 1)


def _quota() -> int:
    """The cores that the control group of a container allows, rounded down, but at least 1."""
    try:
        quota, period = CPU_QUOTA.read_text(encoding="ascii").split()
        return max(1, math.floor(int(quota) / int(period)))
    except (OSError, ValueError):
        return _UNLIMITED


_UNLIMITED: Final = 1 << 16
