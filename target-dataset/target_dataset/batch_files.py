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

_USER: Final = re.compile("//[^/]*@")
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
    """The path without what may be secret in a URL: a password, or the query that signs it."""
    if "://" not in path:
        return path
    return _USER.sub("//", path).partition("?")[0]


def _zipped_lines(file: IO[bytes]) -> Iterator[bytes]:
    with gzip.open(file) as lines:
        yield from lines


def _parquet_rows(file: IO[bytes]) -> Iterator[bytes]:
    for batch in pq.ParquetFile(file).iter_batches():
        yield from map(_encode, batch.to_pylist())


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
