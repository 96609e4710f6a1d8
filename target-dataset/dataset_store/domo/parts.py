"""Compressed CSV files that an execution uploads; they stay until Domo has stored the rows."""

from __future__ import annotations

import gzip
from typing import IO, TYPE_CHECKING, Final, cast

from dataset_store.domo.csv_rows import csv_batch, slices, write

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pyarrow as pa

    from dataset_store.domo.options import DomoOptions

_WRITTEN_ROWS: Final = 2_000
"""The number of rows converted at a time, which limits the memory and the size of parts."""

_LEVEL: Final = 3
"""The gzip level: JSON and text shrink to a tenth; higher levels cost more time than they save."""

_MEGABYTE: Final = 1_000_000


class Parts:
    """The parts of one load, numbered from 1.

    Args:
        folder: The folder for the files; it must exist.
        schema: The dataset's columns.
        options: The size of parts.
    """

    def __init__(self, folder: Path, schema: pa.Schema, options: DomoOptions) -> None:
        self._folder = folder
        self._schema = schema
        self._max_rows = options.part_rows
        self._max_bytes = int(options.part_mb * _MEGABYTE)
        self._count = 0
        self._raw: IO[bytes] | None = None
        self._file: gzip.GzipFile | None = None
        self._rows_in_part = 0
        self.rows = 0
        """The number of rows in all parts."""

    def write(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Write rows; if there are none, write one empty part."""
        try:
            for batch in batches:
                for piece in slices(batch, min(_WRITTEN_ROWS, self._max_rows)):
                    self._add(piece)
            if not self._count:
                self._begin()
        finally:
            self._end()

    def _add(self, piece: pa.RecordBatch) -> None:
        if self._file is None:
            self._begin()
        assert self._file is not None
        assert self._raw is not None
        write(csv_batch(piece, self._schema), cast("IO[bytes]", self._file))
        self.rows += piece.num_rows
        self._rows_in_part += piece.num_rows
        is_full = self._rows_in_part + _WRITTEN_ROWS > self._max_rows
        if is_full or self._raw.tell() >= self._max_bytes:
            self._end()

    def _begin(self) -> None:
        self._count += 1
        self._raw = (self._folder / str(self._count)).open("wb")
        self._file = gzip.GzipFile(filename="", mode="wb", fileobj=self._raw, compresslevel=_LEVEL)
        self._rows_in_part = 0

    def _end(self) -> None:
        if self._file is not None:
            self._file.close()
        if self._raw is not None:
            self._raw.close()
        self._file = self._raw = None

    def paths(self) -> dict[int, Path]:
        """The files by number."""
        return {number: self._folder / str(number) for number in range(1, self._count + 1)}
