"""Records in the files that a BATCH message lists."""

from __future__ import annotations

import gzip
import re
import zlib
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from target_dataset.errors import InputError
from target_dataset.messages import MalformedError, json_object, json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_UNREADABLE: Final = (
    OSError,
    EOFError,
    zlib.error,
    pa.ArrowException,
    # fsspec's for a file system that it does not know, or whose package is not installed
    ValueError,
    ImportError,
)

_QUERY: Final = re.compile("[?#]")
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


def batch_records(message: dict[str, Any]) -> Iterator[tuple[str, msgspec.Raw]]:
    """The records of all files of a BATCH message, each as JSON and with its place in words.

    Args:
        message: The message; its files are paths, or URLs of any file system that fsspec knows.

    Raises:
        InputError: Its encoding is not known, a file cannot be read, or a record is malformed.
    """
    encoding = message["encoding"]
    kind = _KINDS.get((encoding.get("format"), encoding.get("compression") or "none"))
    if kind is None:
        known = ", ".join(f"{name} ({compression})" for name, compression in _KINDS)
        refused = f"Files of a BATCH message can be: {known}; these are something else"
        raise InputError(refused)
    for path in message["manifest"]:
        try:
            with UPath(path).open("rb") as file:
                yield from _records(kind, file, _shown(path))
        except _UNREADABLE as error:
            refused = (
                f"A file of a BATCH message cannot be read ({type(error).__name__}): {_shown(path)}"
            )
            raise InputError(refused) from None


def _records(kind: _Kind, file: IO[bytes], name: str) -> Iterator[tuple[str, msgspec.Raw]]:
    for number, text in enumerate(kind.texts(file), 1):
        place = f"{kind.unit} {number} of {name}"
        try:
            if text.strip():
                yield place, json_text(json_object(text))
        except MalformedError as error:
            refused = f"{place}: {error}"
            raise InputError(refused) from None


def _shown(path: str) -> str:
    """The path without what may be secret in a URL: a password, or the query that signs it.

    Passwords may hold any sign, so that nobody can tell what is behind a `?` with an `@` after it.
    """
    scheme, separator, rest = path.partition("://")
    if not separator:
        return path
    place, *query = _QUERY.split(rest, maxsplit=1)
    return f"{scheme}://{'…' if '@' in ''.join(query) else place.rpartition('@')[2]}"


def _zipped_lines(file: IO[bytes]) -> Iterator[bytes]:
    with gzip.open(file) as lines:
        yield from lines


def _parquet_rows(file: IO[bytes]) -> Iterator[bytes]:
    for batch in pq.ParquetFile(file).iter_batches():
        schema = pa.schema([_in_microseconds(field) for field in batch.schema])
        yield from map(_encode, batch.cast(schema, safe=False).to_pylist())


def _in_microseconds(field: pa.Field) -> pa.Field:
    """The field with times no finer than Python's, and than those of any dataset."""
    data_type = field.type
    if pa.types.is_timestamp(data_type) and data_type.unit == "ns":
        return field.with_type(pa.timestamp("us", data_type.tz))
    if pa.types.is_struct(data_type):
        return field.with_type(pa.struct([_in_microseconds(part) for part in data_type]))
    if pa.types.is_list(data_type):
        return field.with_type(pa.list_(_in_microseconds(data_type.value_field)))
    return field


class _Kind(NamedTuple):
    """How the records of a file are read, and what its parts are called."""

    texts: Callable[[IO[bytes]], Iterable[bytes]]
    unit: str


_KINDS: Final[dict[tuple[str, str], _Kind]] = {
    ("jsonl", "none"): _Kind(iter, "Line"),
    ("jsonl", "gzip"): _Kind(_zipped_lines, "Line"),
    ("parquet", "none"): _Kind(_parquet_rows, "Row"),
    ("parquet", "gzip"): _Kind(_parquet_rows, "Row"),
}
