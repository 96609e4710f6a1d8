"""Singer messages from the input.

The input is read ahead in a thread of its own, so that the wait for the next message ends when the
input has been silent for too long, or when a signal asks to stop.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections import Counter
from queue import Empty, SimpleQueue
from threading import Semaphore, Thread
from typing import IO, TYPE_CHECKING, Any, Final, Never, TypeVar

import msgspec
from singer_sdk.singerlib.encoding.base import GenericSingerReader, SingerMessageType

from target_dataset.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

S = TypeVar("S", bound=msgspec.Struct)

_CHUNK_BYTES: Final = 1 << 20
_CHUNKS_AHEAD: Final = 16


class RecordMessage(msgspec.Struct):
    """A RECORD, its record still JSON text."""

    type: str
    stream: str
    record: msgspec.Raw
    version: int | None = None
    time_extracted: str | None = None


class _Properties(msgspec.Struct):
    properties: dict[str, Any]


class _Encoding(msgspec.Struct):
    format: str
    compression: str | None = None


class _Schema(msgspec.Struct):
    stream: str
    schema: _Properties
    key_properties: list[str] | None = None


class _State(msgspec.Struct):
    value: dict[str, Any]


class _ActivateVersion(msgspec.Struct):
    stream: str
    version: int


class _Batch(msgspec.Struct):
    stream: str
    encoding: _Encoding
    manifest: list[str]


_SHAPES: Final[dict[str, type[msgspec.Struct]]] = {
    SingerMessageType.SCHEMA: _Schema,
    SingerMessageType.STATE: _State,
    SingerMessageType.ACTIVATE_VERSION: _ActivateVersion,
    SingerMessageType.BATCH: _Batch,
}

_decode_record: Final = msgspec.json.Decoder(RecordMessage).decode
_decode: Final = msgspec.json.Decoder().decode


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


class InputReader(GenericSingerReader[bytes]):
    """Reads messages, one a line; blank lines are passed over.

    RECORD messages are handed on as `RecordMessage`, all others as dictionaries.

    Args:
        idle_seconds: Tells after how much silence `on_idle` is called, once in each silence.
        on_idle: What to do then.
    """

    def __init__(
        self,
        *,
        idle_seconds: Callable[[], float | None] = lambda: None,
        on_idle: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__()
        self.line_number = 0
        self._idle_seconds = idle_seconds
        self._on_idle = on_idle
        self._input: ReadAhead | None = None
        self._stopped = False

    @property
    def default_input(self) -> IO[bytes]:
        """Standard input."""
        return sys.stdin.buffer

    def stop(self) -> None:
        """End the input here; a signal handler may call this."""
        self._stopped = True
        if self._input:
            self._input.stop()

    def process_lines(
        self,
        file_input: IO[Any] | None,
        callbacks: dict[str, Callable[[Any], None]],
    ) -> Counter[str]:
        """Hand each message to the callback of its type.

        Raises:
            InputError: A line is no message, or of an unknown type.
        """
        counts: Counter[str] = Counter()
        self._input = ReadAhead(_source(self.default_input if file_input is None else file_input))
        if self._stopped:
            self._input.stop()
        try:
            for line_number, line in enumerate(self._lines(self._input), 1):
                self.line_number = line_number
                if line.strip():
                    kind, message = self._message(line)
                    callbacks[kind](message)
                    counts[kind] += 1
        finally:
            self._input.stop()
        return counts

    def _lines(self, source: ReadAhead) -> Iterator[bytes]:
        unfinished: list[bytes] = []
        while chunk := self._chunk(source):
            head, *lines = chunk.split(b"\n")
            unfinished.append(head)
            if lines:
                yield b"".join(unfinished)
                *lines, last = lines
                yield from lines
                unfinished = [last]
        if not source.stopped:
            yield b"".join(unfinished)

    def _chunk(self, source: ReadAhead) -> bytes:
        try:
            return source.next(self._idle_seconds())
        except Empty:
            self._on_idle()
            return source.next()

    def _message(self, line: bytes) -> tuple[str, RecordMessage | dict[str, Any]]:
        try:
            record = _decode_record(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._other(self.deserialize_json(line))
        if record.type == SingerMessageType.RECORD:
            return record.type, record
        return self._other(self.deserialize_json(line))

    def _other(self, message: dict[str, Any]) -> tuple[str, RecordMessage | dict[str, Any]]:
        """What is no RECORD, or one that the quick decoder refuses because of some value."""
        kind = message.get("type")
        if kind == SingerMessageType.RECORD:
            if "record" in message:
                message["record"] = self.record(message["record"])
            return kind, self._checked(message, RecordMessage)
        if not isinstance(kind, str) or kind not in _SHAPES:
            self._refuse(f"the message type {kind!r} is not known")
        self._checked(message, _SHAPES[kind])
        return kind, message

    def _checked(self, message: dict[str, Any], shape: type[S]) -> S:
        try:
            return msgspec.convert(message, shape)
        except msgspec.ValidationError as error:
            self._refuse(f"the {message['type']} message is not valid: {error}")

    def record(self, value: Any) -> msgspec.Raw:
        """A record as JSON that every reader takes: half of a surrogate pair becomes `?`.

        Raises:
            InputError: A number is too large for a double.
        """
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        except ValueError:
            self._refuse("a number in the record is too large for a double")
        return msgspec.Raw(text.encode("utf-8", "replace"))

    def deserialize_json(self, line: bytes) -> dict[str, Any]:
        """The message as a dictionary.

        NaN and the infinities, which JSON does not have but Python's writer emits, become null.

        Raises:
            InputError: The line is not JSON, or not an object.
        """
        try:
            try:
                message = _decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError):
                message = json.loads(line, parse_constant=lambda _name: None)
        except (ValueError, RecursionError):
            self._refuse("it is not valid JSON; was the input cut off?")
        if not isinstance(message, dict):
            self._refuse("it is not a JSON object")
        return message

    def _refuse(self, reason: str) -> Never:
        message = f"Line {self.line_number} of the input: {reason}"
        raise InputError(message) from None


def _source(file_input: IO[Any]) -> IO[bytes]:
    try:
        descriptor = os.dup(file_input.fileno())
    except (AttributeError, io.UnsupportedOperation):
        content = file_input.read()
        return io.BytesIO(content.encode() if isinstance(content, str) else content)
    # unbuffered: the lock of a buffer, held by a read that blocks, would abort the exit
    return io.FileIO(descriptor)
