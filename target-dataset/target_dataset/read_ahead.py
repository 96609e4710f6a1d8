"""The input, read ahead in a thread of its own.

So the wait for the next bytes ends when the input has been silent for too long, or when a signal
asks to stop.
"""

from __future__ import annotations

import io
import os
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import IO, Any, Final

_CHUNK_BYTES: Final = 1 << 20
_CHUNKS_AHEAD: Final = 16


class ReadAhead:
    """Chunks of an input, read by a thread before they are asked for.

    Args:
        source: The input; it is closed at its end.
    """

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        # a SimpleQueue, because a signal handler may interrupt its `get` and call its `put`
        self._queue: SimpleQueue[bytes | Exception] = SimpleQueue()
        self._free = Semaphore(_CHUNKS_AHEAD)
        self.stopped = False
        Thread(target=self._pump, name="input", daemon=True).start()

    def next(self, timeout: float | None = None) -> bytes:
        """The next chunk, empty at the end.

        Raises:
            queue.Empty: None came in time.
        """
        chunk = b"" if self.stopped else self._queue.get(timeout=timeout)
        self._free.release()
        if isinstance(chunk, Exception):
            raise chunk
        return b"" if self.stopped else chunk

    def stop(self) -> None:
        """Make the end come now, whatever was read ahead."""
        self.stopped = True
        self._queue.put(b"")
        self._free.release()

    def _pump(self) -> None:
        with self._source:
            chunk = b"-"
            while chunk and not self.stopped:
                self._free.acquire()
                try:
                    chunk = self._source.read(_CHUNK_BYTES)
                except Exception as error:  # noqa: BLE001 - raised again where it is asked for
                    self._queue.put(error)
                    return
                self._queue.put(chunk)


def binary(file_input: IO[Any]) -> IO[bytes]:
    """The bytes of a file that may have been opened as text."""
    try:
        descriptor = os.dup(file_input.fileno())
    except (AttributeError, io.UnsupportedOperation):
        content = file_input.read()
        return io.BytesIO(content.encode() if isinstance(content, str) else content)
    # unbuffered: the lock of a buffer, held by a read that blocks, would abort the exit
    return io.FileIO(descriptor)
