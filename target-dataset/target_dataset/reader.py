"""The input reader, which passes messages to callbacks."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import nullcontext
from typing import IO, TYPE_CHECKING, Any

from singer_sdk.singerlib.encoding.base import GenericSingerReader, SingerMessageType

from target_dataset.errors import InputError
from target_dataset.input_source import InputSource
from target_dataset.line_buffer import (
    DEFAULT_MAX_LINE_MB,
    MEGABYTE,
    LineBuffer,
    LineTooLongError,
)
from target_dataset.messages import json_object
from target_dataset.record_lines import LineGroups, read_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from target_dataset.record_lines import Lines


class InputReader(GenericSingerReader[bytes]):
    """Reads messages, one per line; blank lines are skipped.

    RECORD messages are passed on as `RecordMessage`, unless they are taken unparsed, and all
    others as dictionaries.

    Args:
        idle_seconds: Returns the length of silence before `on_idle` is called, once per silence.
        on_idle: Called after that silence.
        max_line_bytes: The maximum length of a line.
        around: A context entered before the first byte is read, and left after the last.
        on_records: Takes RECORD messages of one stream unparsed; returns whether it did.
        on_read: Receives the number of bytes, after their messages were processed.

    Attributes:
        line_number: The line that is processed.
        counts: How many messages of each type were processed.
    """

    def __init__(  # noqa: PLR0913 - each has its default
        self,
        *,
        idle_seconds: Callable[[], float | None] = lambda: None,
        on_idle: Callable[[], None] = lambda: None,
        max_line_bytes: int = DEFAULT_MAX_LINE_MB * MEGABYTE,
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
        on_records: Callable[[Lines], bool] = lambda _lines: False,
        on_read: Callable[[int], None] = lambda _size: None,
    ) -> None:
        super().__init__()
        self.line_number = 0
        self.counts: Counter[str] = Counter()
        self._idle_seconds = idle_seconds
        self._on_idle = on_idle
        self._around = around
        self._on_records = on_records
        self._on_read = on_read
        self._max_line_bytes = max_line_bytes
        self._input: InputSource | None = None
        self._stopped = False

    @property
    def default_input(self) -> IO[bytes]:
        """Standard input.

        Raises:
            InputError: It was closed before the start, as with `<&-` in a shell.
        """
        if sys.stdin is None:
            message = "There is no standard input to read; pipe a tap into the target"
            raise InputError(message)
        return sys.stdin.buffer

    def stop(self) -> None:
        """End the input here; safe to call from a signal handler."""
        self._stopped = True
        if self._input:
            self._input.stop()

    def process_lines(
        self,
        file_input: IO[Any] | None,
        callbacks: dict[str, Callable[[Any], None]],
    ) -> Counter[str]:
        """Pass each message to the callback of its type.

        Raises:
            InputError: A line is not a message, or its type is unknown.
        """
        self.counts.clear()
        groups = LineGroups()
        with self._around():
            source = InputSource(self.default_input if file_input is None else file_input)
            self._input = source
            if self._stopped:
                source.stop()
            try:
                for text in self._texts(source):
                    first = last = self.line_number + 1
                    for lines in groups.of(text, first):
                        self._take(lines, callbacks)
                        last = max(last, lines.numbers[-1])
                    self.line_number = last
                    self._on_read(len(text))
            finally:
                source.close()
        return self.counts

    def _take(self, lines: Lines, callbacks: dict[str, Callable[[Any], None]]) -> None:
        if lines.head and self._on_records(lines):
            self.counts[SingerMessageType.RECORD] += len(lines)
            return
        for number, line in lines.numbered():
            self.line_number = number
            if line.strip():
                kind, found = read_line(line, number)
                callbacks[kind](found)
                self.counts[kind] += 1

    def _texts(self, source: InputSource) -> Iterator[bytes]:
        lines = LineBuffer(self._max_line_bytes)
        try:
            while chunk := self._chunk(source):
                yield from lines.push(chunk)
            if not source.stopped:
                yield lines.rest()
        except LineTooLongError as error:
            refused = f"Line {self.line_number + 1} of the input: {error}"
            raise InputError(refused) from None

    def _chunk(self, source: InputSource) -> bytes:
        try:
            return _next(source, self._idle_seconds())
        except TimeoutError:
            self._on_idle()
            return _next(source)

    def deserialize_json(self, line: bytes) -> dict[str, Any]:
        """The message as a dictionary, as in singer-sdk's readers."""
        return json_object(line)


def _next(source: InputSource, timeout: float | None = None) -> bytes:
    try:
        return source.next(timeout)
    except TimeoutError:
        raise
    except OSError as error:
        refused = f"The input cannot be read: {error.strerror or type(error).__name__}"
        raise InputError(refused) from None
