"""Lines of the input, grouped by stream before they are read."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import msgspec

from target_dataset.errors import InputError
from target_dataset.messages import MalformedError, RecordMessage, read_message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_RECORD: Final = b'"record"'
_AROUND_RECORD_BYTES: Final = len(b'"record":}\n')
_MAX_HEAD_BYTES: Final = 1_000
_MAX_HEADS: Final = 1_000
"""How many heads are remembered: a tap whose lines have more of them names no streams in them."""


class Head(NamedTuple):
    """The beginning of RECORD messages, up to the record.

    Attributes:
        text: The text.
        stream: The stream that it names.
    """

    text: bytes
    stream: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of the input that follow one another.

    Attributes:
        text: The lines, with a line feed between them.
        number: The number of the first.
        count: How many they are.
        head: What each of them begins with, if they are RECORD messages of one stream. Whether the
            rest of them is valid is not known yet.
        are_closed: Whether each of them ends with `}`. No object reaches from such a line into one
            that begins with `{`: there would have to be a comma between them, and JSON text cannot
            hold a line feed.
    """

    text: bytes
    number: int
    count: int
    head: Head | None = None
    are_closed: bool = False

    def numbered(self) -> Iterator[tuple[int, bytes]]:
        """Each line with its number."""
        return enumerate(self.text.split(b"\n"), self.number)

    def each(self) -> Iterator[Lines]:
        """The same lines, one by one."""
        return (
            Lines(line, number, 1, self.head, line.endswith(b"}"))
            for number, line in self.numbered()
        )

    @property
    def record_bytes(self) -> int:
        """The size of the records, without the messages around them."""
        around = _AROUND_RECORD_BYTES + len(self.head.text if self.head else b"")
        return max(0, len(self.text) + len(b"\n") - self.count * around)


class LineGroups:
    """Groups lines by their heads."""

    def __init__(self) -> None:
        self._heads: dict[bytes, Head | None] = {}

    def of(self, text: bytes, number: int) -> Iterator[Lines]:
        """The lines of a text, in as few groups as their order allows.

        Args:
            text: Lines, with a line feed between them.
            number: The number of the first.
        """
        first = self._head(text)
        # several times as fast as to count them
        line_feeds = len(text) - len(text.replace(b"\n", b""))
        if first and text.count(b"}\n" + first.text) == line_feeds and text.endswith(b"}"):
            yield Lines(text, number, line_feeds + 1, first, are_closed=True)
            return
        for head, group in groupby(text.split(b"\n"), self._head_like_the_last()):
            lines = list(group)
            are_closed = all(line.endswith(b"}") for line in lines)
            yield Lines(b"\n".join(lines), number, len(lines), head, are_closed)
            number += len(lines)

    def _head_like_the_last(self) -> Callable[[bytes], Head | None]:
        last: Head | None = None

        def head(line: bytes) -> Head | None:
            nonlocal last
            if not (last and line.startswith(last.text)):
                last = self._head(line)
            return last

        return head

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


class _Message(msgspec.Struct, forbid_unknown_fields=True):
    type: Literal["RECORD"]
    stream: str


def _parsed(text: bytes) -> Head | None:
    try:
        message = msgspec.json.decode(text.rstrip(b", ") + b"}", type=_Message)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return Head(text, message.stream)


def read_line(line: bytes, number: int) -> tuple[str, RecordMessage | dict[str, Any]]:
    """The message of a line, as `read_message` has it.

    Raises:
        InputError: The line is no message, or of an unknown type; the error says which line it is.
    """
    try:
        return read_message(line)
    except MalformedError as error:
        refused = f"Line {number} of the input: {error}"
        raise InputError(refused) from None


def sample_of(lines: Lines) -> dict[str, Any]:
    """The record of the first line; empty if it cannot be read."""
    line, _, _ = lines.text.partition(b"\n")
    try:
        record = msgspec.json.decode(line, type=dict[str, Any]).get("record")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def read_records(groups: Iterable[Lines]) -> Iterator[tuple[int, RecordMessage]]:
    """The RECORD messages of lines that have a head, each with the number of its line.

    Raises:
        InputError: A line is no such message.
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
