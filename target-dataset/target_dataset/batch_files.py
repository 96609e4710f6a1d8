"""Records in the files that a BATCH message lists."""

from __future__ import annotations

import gzip
import zlib
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple, cast

import msgspec
from singer_sdk.singerlib.encoding.base import SingerMessageType

from target_dataset.errors import InputError
from target_dataset.line_buffer import LineBuffer, LineTooLongError
from target_dataset.local_files import open_local, shown, unreadable
from target_dataset.messages import (
    MalformedError,
    RecordMessage,
    json_object,
    json_text,
    read_message,
)
from target_dataset.parquet_rows import ParquetError, ParquetRows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

_CHUNK_BYTES: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_PARQUET: Final = b"PAR1"
_COMPRESSIONS: Final = ("none", "gzip")
_STRANGE_RECORDS: Final = 10_000
"""How many records without a property of the SCHEMA are held back until one has some."""


class _Source(NamedTuple):
    """The parameters of reading the files of a BATCH message."""

    stream: str
    properties: frozenset[str]
    max_bytes: int
    null_dates: bool


class _Found(NamedTuple):
    """A record, its place, and the names of its values."""

    place: str
    names: Collection[str]
    message: RecordMessage


def batch_records(
    message: dict[str, Any], properties: Collection[str], *, max_bytes: int, null_dates: bool
) -> Iterator[tuple[str, RecordMessage]]:
    """The records of all files of a BATCH message, each with its place as text.

    Args:
        message: The message; its files are local, given as paths or `file://` URLs.
        properties: The names of the properties in the stream's SCHEMA.
        max_bytes: The maximum size of a record as JSON.
        null_dates: Whether dates outside the years 1 to 9999 become null.

    Raises:
        InputError: The encoding is unknown, a file cannot be read, or a record is malformed or
            too long; or no record of a file has a property of the SCHEMA, so that rows of nulls
            would replace data.
    """
    encoding = message["encoding"]
    read = _FORMATS.get(encoding["format"])
    if read is None or (encoding.get("compression") or "none") not in _COMPRESSIONS:
        known = ", ".join(f"{name} ({each})" for name in _FORMATS for each in _COMPRESSIONS)
        refused = f"The encoding of a BATCH message is not supported; it can be: {known}"
        raise InputError(refused)
    source = _Source(message["stream"], frozenset(properties), max_bytes, null_dates)
    for address in message["manifest"]:
        try:
            with open_local(address) as file:
                yield from _known(read(file, address, source), shown(address), source.properties)
        except (OSError, EOFError, zlib.error) as error:
            raise unreadable(address, _fault(error)) from None


def _fault(error: Exception) -> str:
    """Why the content of an open file cannot be read."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "it is truncated" if isinstance(error, EOFError) else "its gzip data is corrupt"


def _known(
    records: Iterable[_Found], name: str, properties: frozenset[str]
) -> Iterator[tuple[str, RecordMessage]]:
    """The records, held back until one of them has a property of the SCHEMA."""
    strange: list[_Found] = []
    is_known = not properties
    for found in records:
        strange.append(found)
        is_known = is_known or not properties.isdisjoint(found.names)
        if is_known:
            yield from ((each.place, each.message) for each in strange)
            strange.clear()
        elif len(strange) > _STRANGE_RECORDS:
            break
    if strange:
        refused = (
            f"{name}: no record has a property of the SCHEMA, so all values would be null; "
            "spell the names as in the SCHEMA"
        )
        raise InputError(refused)


def _json_lines(file: IO[bytes], address: str, source: _Source) -> Iterator[_Found]:
    if _begins_with(file, _PARQUET):
        raise unreadable(address, "it is a Parquet file, but its message says `jsonl`")
    number = 0
    lines = _lines(file, source.max_bytes)
    while True:
        place = f"Line {number + 1} of {shown(address)}"
        try:
            line = next(lines, None)
            if line is None:
                return
            if line.strip():
                yield _found(line, place, source)
        except (MalformedError, LineTooLongError) as error:
            refused = f"{place}: {error}"
            raise InputError(refused) from None
        number += 1


def _lines(file: IO[bytes], max_bytes: int) -> Iterator[bytes]:
    """The lines of a file, decompressed if it is gzip, whatever the message says.

    singer-sdk compresses its JSON lines files regardless of the `compression` it announces.
    """
    lines = LineBuffer(max_bytes)
    with cast("IO[bytes]", gzip.open(file)) if _begins_with(file, _GZIP) else file as content:
        while chunk := content.read(_CHUNK_BYTES):
            for text in lines.push(chunk):
                yield from text.split(b"\n")
    yield lines.rest()


def _begins_with(file: IO[bytes], signature: bytes) -> bool:
    begin = file.read(len(signature))
    file.seek(0)
    return begin == signature


def _found(line: bytes, place: str, source: _Source) -> _Found:
    """The record on a line, which may also be a complete RECORD message."""
    try:
        names: Collection[str] = _decode_names(line)
        text = msgspec.Raw(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # with values that Python writes but JSON lacks, or not an object
        record = json_object(line)
        names, text = record.keys(), json_text(record)
    if "type" in names and "type" not in source.properties:
        kind = json_object(line)["type"]
        if kind in _MESSAGE_TYPES:
            return _in_message(line, place, source)
    return _Found(place, names, RecordMessage(_RECORD, source.stream, text))


def _in_message(line: bytes, place: str, source: _Source) -> _Found:
    kind, message = read_message(line)
    if not isinstance(message, RecordMessage):
        refused = f"it is a {kind} message; files of a BATCH message must hold records"
        raise MalformedError(refused)
    if message.stream != source.stream:
        refused = f"it is a RECORD of the stream {message.stream!r}, not of {source.stream!r}"
        raise MalformedError(refused)
    return _Found(place, json_object(bytes(message.record)).keys(), message)


def _parquet_rows(file: IO[bytes], address: str, source: _Source) -> Iterator[_Found]:
    row = 0
    try:
        rows = ParquetRows(file, max_bytes=source.max_bytes, null_dates=source.null_dates)
        for row, text in enumerate(rows, 1):
            message = RecordMessage(_RECORD, source.stream, msgspec.Raw(text))
            yield _Found(f"Row {row} of {shown(address)}", rows.columns, message)
    except ParquetError as error:
        if error.row is None:
            raise unreadable(address, str(error)) from None
        refused = f"Row {error.row} of {shown(address)}, stream {source.stream!r}: {error}"
        raise InputError(refused) from None


_RECORD: Final = SingerMessageType.RECORD.value
_MESSAGE_TYPES: Final = frozenset(each.value for each in SingerMessageType)
_decode_names: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_FORMATS: Final[dict[str, Callable[[IO[bytes], str, _Source], Iterator[_Found]]]] = {
    "jsonl": _json_lines,
    "parquet": _parquet_rows,
}
