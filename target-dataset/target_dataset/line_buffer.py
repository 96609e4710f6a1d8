"""Lines from chunks, with a maximum length."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MEGABYTE: Final = 1_000_000
DEFAULT_MAX_LINE_MB: Final = 64


class LineTooLongError(Exception):
    """A line is longer than the limit; the text does not say which line."""

    def __init__(self, max_bytes: int) -> None:
        limit = f"{max_bytes / MEGABYTE:g}"
        super().__init__(
            f"it is longer than {limit} MB; if this is not an error of the tap, raise the setting "
            "'batch_max_line_mb'"
        )


class LineBuffer:
    """Collects chunks of bytes until lines are complete.

    Args:
        max_bytes: The maximum length of a line.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._unfinished: list[bytes] = []
        self._size = 0

    def push(self, chunk: bytes) -> Iterator[bytes]:
        """The lines that end in the chunk: texts with a line feed between two lines.

        Raises:
            LineTooLongError: The next line is too long.
        """
        end = chunk.rfind(b"\n")
        if end >= 0:
            text = b"".join([*self._unfinished, memoryview(chunk)[:end]])
            self._unfinished, self._size = [], 0
            yield from self._checked(text)
        self._unfinished.append(chunk[end + 1 :])
        self._size += len(self._unfinished[-1])
        self._check(self._size)

    def rest(self) -> bytes:
        """The last line, which has no line end."""
        return b"".join(self._unfinished)

    def _checked(self, text: bytes) -> Iterator[bytes]:
        if len(text) <= self._max_bytes:
            yield text
            return
        for line in text.split(b"\n"):
            self._check(len(line))
            yield line

    def _check(self, size: int) -> None:
        if size > self._max_bytes:
            raise LineTooLongError(self._max_bytes)
