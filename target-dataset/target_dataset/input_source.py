"""The input as chunks of bytes; waits end after a timeout or a signal."""

from __future__ import annotations

import fcntl
import io
import os
import select
import time
from contextlib import suppress
from typing import IO, Any, Final

_CHUNK_BYTES: Final = 1 << 18
"""As much as the caches of a processor hold together with what is made of it."""

_PIPE_BYTES: Final = 1 << 20
"""The maximum size of a pipe, unless the administrator of the machine changed it."""

_GAP_SECONDS: Final = 0.002
"""How long a chunk waits for more bytes, ..."""

_MAX_GAPS_SECONDS: Final = 0.05
"""... and in total: decoding a few records takes as long as decoding some more."""


class InputSource:
    """Reads a file, a pipe or a terminal.

    Args:
        file_input: The input; it stays open.
    """

    def __init__(self, file_input: IO[Any]) -> None:
        self.stopped = False
        self._ended = False
        self._is_closed = False
        self._source = _binary(file_input)
        # written to by a signal handler, after which an interrupted wait resumes
        self._stop_end, self._wake_end = os.pipe()
        self._poll = select.poll()
        self._poll.register(self._stop_end, select.POLLIN)
        if isinstance(self._source, int):
            self._poll.register(self._source, select.POLLIN)
            _enlarge(self._source)

    def next(self, timeout: float | None = None) -> bytes:
        """The next chunk, empty at the end of the input.

        Raises:
            TimeoutError: No chunk arrived in time.
            OSError: The input cannot be read.
        """
        if self._ended:
            return b""
        if not self._wait(timeout):
            raise TimeoutError
        chunks: list[bytes] = []
        room = _CHUNK_BYTES
        end = time.monotonic() + _MAX_GAPS_SECONDS
        while chunk := self._read(room):
            chunks.append(chunk)
            room -= len(chunk)
            if not room or time.monotonic() >= end or not self._wait(_GAP_SECONDS):
                break
        return b"" if self.stopped else b"".join(chunks)

    def _wait(self, timeout: float | None) -> bool:
        """Whether bytes, the end or a stop arrived in time."""
        if isinstance(self._source, io.BytesIO):
            return True
        return bool(self._poll.poll(None if timeout is None else timeout * 1000))

    def _read(self, size: int) -> bytes:
        if self.stopped:
            return b""
        source = self._source
        chunk = os.read(source, size) if isinstance(source, int) else source.read(size)
        self._ended = not chunk
        return chunk

    def stop(self) -> None:
        """End the input now; safe to call from a signal handler."""
        self.stopped = True
        if not self._is_closed:
            os.write(self._wake_end, b"-")

    def close(self) -> None:
        """Release the resources."""
        if not self._is_closed:
            self._is_closed = True
            os.close(self._stop_end)
            os.close(self._wake_end)
            if isinstance(self._source, int):
                os.close(self._source)


def _binary(file_input: IO[Any]) -> int | io.BytesIO:
    """The bytes of a file that may be open as text: its descriptor if it has one."""
    try:
        return os.dup(file_input.fileno())
    except (AttributeError, io.UnsupportedOperation):
        content = file_input.read()
        return io.BytesIO(content.encode() if isinstance(content, str) else content)


def _enlarge(descriptor: int) -> None:
    """Enlarge a pipe, so that the tap can continue during a commit; only Linux can."""
    with suppress(AttributeError, OSError):
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
