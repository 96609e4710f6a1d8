"""Records in the files that a BATCH message lists."""

from __future__ import annotations

import gzip
import zlib
from typing import IO, TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from target_dataset.errors import InputError

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

_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


def batch_records(message: dict[str, Any]) -> Iterator[bytes]:
    """The records of all files of a BATCH message, each as JSON.

    Args:
        message: The message; its files are paths, or URLs of any file system that fsspec knows.

    Raises:
        InputError: Its encoding is not known, or a file cannot be read.
    """
    encoding = message["encoding"]
    read = _READERS.get((encoding.get("format"), encoding.get("compression") or "none"))
    if read is None:
        known = ", ".join(f"{name} ({compression})" for name, compression in _READERS)
        refused = f"Files of a BATCH message can be: {known}; these are something else"
        raise InputError(refused)
    for path in message["manifest"]:
        try:
            with UPath(path).open("rb") as file:
                yield from read(file)
        except _UNREADABLE as error:
            refused = f"A file of a BATCH message cannot be read ({type(error).__name__}): {path}"
            raise InputError(refused) from None


def _json_lines(file: Iterable[bytes]) -> Iterator[bytes]:
    return (line for line in file if line.strip())


def _zipped_json_lines(file: IO[bytes]) -> Iterator[bytes]:
    with gzip.open(file) as lines:
        yield from _json_lines(lines)


def _parquet(file: IO[bytes]) -> Iterator[bytes]:
    for batch in pq.ParquetFile(file).iter_batches():
        yield from map(_encode, batch.to_pylist())


_READERS: Final[dict[tuple[str, str], Callable[[IO[bytes]], Iterator[bytes]]]] = {
    ("jsonl", "none"): _json_lines,
    ("jsonl", "gzip"): _zipped_json_lines,
    ("parquet", "none"): _parquet,
    ("parquet", "gzip"): _parquet,
}
