"""Worker processes, which decode chunks of records beside the main process."""

from __future__ import annotations

import logging
import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from target_dataset.spare_cores import spare_cores
from target_dataset.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from target_dataset.chunks import Chunk

logger = logging.getLogger("target-dataset")

_MAX_AUTO: Final = 2
"""The main process reads, and passes chunks on, no faster than a few others decode them."""


class _Sent(NamedTuple):
    chunk: Chunk
    worker: Worker
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
        self.count = min(_MAX_AUTO, spare_cores()) if self._is_auto else int(wanted)
        self._workers: list[Worker] = []
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
                self._workers.append(Worker(self._workers))
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

    def _free(self) -> Worker | None:
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
