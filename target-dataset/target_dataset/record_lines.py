"""Lines of the input, grouped by stream before parsing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import msgspec

from target_dataset.errors import InputError
from target_dataset.messages import MalformedError, RecordMessage, read_message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_RECORD: Final = b'"record"'
_AROUND_RECORD_BYTES: Final = len(b'"record":}\n')
_MAX_HEAD_BYTES: Final = 1_000
_AFTER_RECORD_BYTES: Final = 200
_MAX_HEADS: Final = 1_000
"""The maximum number of cached heads: if a tap's lines have more, the heads contain no streams."""


class Head(NamedTuple):
    """The beginning of RECORD messages, before the record.

    Attributes:
        text: The text.
        stream: The stream in it.
    """

    text: bytes
    stream: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of the input.

    Attributes:
        text: The lines, with a line feed between them.
        numbers: The number of each line.
        head: The common beginning of the lines, if they are RECORD messages of one stream. The
            rest of them is not validated yet.
        are_closed: Whether each line ends with `}`. No object extends from such a line into one
            that begins with `{`: there would have to be a comma between them, and JSON text cannot
            contain a line feed.
    """

    text: bytes
    numbers: Sequence[int]
    head: Head | None = None
    are_closed: bool = False

    def __len__(self) -> int:
        """The number of lines."""
        return len(self.numbers)

    def numbered(self) -> Iterator[tuple[int, bytes]]:
        """Each line with its number."""
        return zip(self.numbers, self.text.split(b"\n"), strict=True)

    def each(self) -> Iterator[Lines]:
        """The same lines, each separately."""
        return (
            Lines(line, [number], self.head, line.endswith(b"}"))
            for number, line in self.numbered()
        )

    @property
    def record_bytes(self) -> int:
        """The size of the records, without the rest of the messages."""
        around = _AROUND_RECORD_BYTES + len(self.head.text if self.head else b"")
        return max(0, len(self.text) + len(b"\n") - len(self) * around)


class _Group:
    """Lines with one head, in their order."""

    def __init__(self, head: Head | None) -> None:
        self.head = head
        self.numbers: list[int] = []
        self._lines: list[bytes] = []

    def add(self, number: int, line: bytes) -> None:
        self.numbers.append(number)
        self._lines.append(line)

    def lines(self) -> Lines:
        are_closed = all(line.endswith(b"}") for line in self._lines)
        return Lines(b"\n".join(self._lines), self.numbers, self.head, are_closed)


class LineGroups:
    """Groups lines by their heads."""

    def __init__(self) -> None:
        self._heads: dict[bytes, Head | None] = {}

    def of(self, text: bytes, number: int) -> Iterator[Lines]:
        """The lines of a text, in few groups.

        Lines of one stream keep their order, and no line changes places with one that is not a
        RECORD message.

        Args:
            text: Lines, with a line feed between them.
            number: The number of the first line.
        """
        first = self._head(text)
        # several times as fast as counting them
        line_feeds = len(text) - len(text.replace(b"\n", b""))
        if first and text.count(b"}\n" + first.text) == line_feeds and text.endswith(b"}"):
            yield Lines(text, range(number, number + line_feeds + 1), first, are_closed=True)
        else:
            yield from self._mixed(text.split(b"\n"), number)

    def _mixed(self, lines: Sequence[bytes], first_number: int) -> Iterator[Lines]:
        groups: dict[str | None, _Group] = {}
        last: Head | None = None
        for number, line in enumerate(lines, first_number):
            if not (last and line.startswith(last.text)):
                last = self._head(line)
            stream = last.stream if last else None
            group = groups.get(stream)
            if group is None or group.head != last:
                # others than RECORD messages, and other beginnings, keep their places
                if group is not None or stream is None or None in groups:
                    yield from _taken(groups)
                group = groups[stream] = _Group(last)
            group.add(number, line)
        yield from _taken(groups)

    def _head(self, line: bytes) -> Head | None:
        end = line.find(_RECORD, 0, _MAX_HEAD_BYTES)
        if end < 0:
            return None
        text = line[:end]
        if text not in self._heads:
            if len(self._heads) >= _MAX_HEADS:
                self._heads.clear()
            self._heads[text] = _parsed(text)
        return self._heads[text]


def _taken(groups: dict[str | None, _Group]) -> Iterator[Lines]:
    found = [group.lines() for group in groups.values()]
    groups.clear()
    return iter(found)


class _Message(msgspec.Struct, forbid_unknown_fields=True):
    type: Literal["RECORD"]
    stream: str


def _parsed(text: bytes) -> Head | None:
    try:
        message = msgspec.json.decode(text.rstrip(b", ") + b"}", type=_Message)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return Head(text, message.stream)


def have_versions(lines: Lines) -> bool:
    """Whether the first or the last of the RECORD messages has a version.

    Taps give one to all rows of a stream, or to none, so that the others need not be parsed.
    """
    first, _, _ = lines.text.partition(b"\n")
    last = lines.text[lines.text.rfind(b"\n") + 1 :]
    return _has_version(first, lines.numbers[0]) or _has_version(last, lines.numbers[-1])


def _has_version(line: bytes, number: int) -> bool:
    if b'"version"' not in line[-_AFTER_RECORD_BYTES:]:
        return False
    _, message = read_line(line, number)
    return isinstance(message, RecordMessage) and message.version is not None


def read_line(line: bytes, number: int) -> tuple[str, RecordMessage | dict[str, Any]]:
    """Parse the message of a line with `read_message`.

    Raises:
        InputError: The line is not a message, or its type is unknown; the error has its number.
    """
    try:
        return read_message(line)
    except MalformedError as error:
        refused = f"Line {number} of the input: {error}"
        raise InputError(refused) from None


def sample_of(lines: Lines) -> dict[str, Any]:
    """The record of the first line; empty if it cannot be parsed."""
    line, _, _ = lines.text.partition(b"\n")
    try:
        record = msgspec.json.decode(line, type=dict[str, Any]).get("record")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def read_records(groups: Iterable[Lines]) -> Iterator[tuple[int, RecordMessage]]:
    """The RECORD messages of lines with a head, each with its line number.

    Raises:
        InputError: A line is not such a message.
    """
    for lines in groups:
        for number, line in lines.numbered():
            _, message = read_line(line, number)
            if not (
                lines.head
                and isinstance(message, RecordMessage)
                and message.stream == lines.head.stream
            ):
                refused = f"Line {number} of the input: it has 'type' or 'stream' twice"
                raise InputError(refused)
            yield number, message
