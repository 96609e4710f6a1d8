"""Lines out of chunks, none longer than a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MEGABYTE: Final = 1_000_000
DEFAULT_MAX_LINE_MB: Final = 64


class LineTooLongError(Exception):
    """A line is longer than the limit; the text says so, but not which line it is."""

    def __init__(self, max_bytes: int) -> None:
        limit = f"{max_bytes / MEGABYTE:g}"
        super().__init__(
            f"it is longer than {limit} MB; if that is no mistake of the tap, raise the setting "
            "'batch_max_line_mb'"
        )


class LineBuffer:
    """Splits chunks of bytes into lines and keeps the unfinished one.

    Args:
        max_bytes: How long a line may be.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._unfinished: list[bytes] = []
        self._size = 0

    def push(self, chunk: bytes) -> Iterator[bytes]:
        """The lines that end in the chunk, without their line ends.

        Raises:
            LineTooLongError: The next line is.
        """
        head, *lines = chunk.split(b"\n")
        self._unfinished.append(head)
        self._size += len(head)
        self._check(self._size)
        if lines:
            first = b"".join(self._unfinished)
            last = lines.pop()
            whole: Iterable[bytes] = lines
            self._unfinished, self._size = [last], len(last)
            yield first
            if len(chunk) > self._max_bytes:
                whole = map(self._checked, lines)
            yield from whole

    def rest(self) -> bytes:
        """The line that no line end has followed.

        Raises:
            LineTooLongError: It is.
        """
        self._check(self._size)
        return b"".join(self._unfinished)

    def _checked(self, line: bytes) -> bytes:
        self._check(len(line))
        return line

    def _check(self, size: int) -> None:
        if size > self._max_bytes:
            raise LineTooLongError(self._max_bytes)
