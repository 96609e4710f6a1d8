"""Rows of Parquet files as JSON objects."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from target_dataset.parquet_pages import column_pages
from target_dataset.parquet_values import FarDateError, json_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BATCH_BYTES: Final = 64_000_000
_BATCH_ROWS: Final = 8_192
_PAGE_FACTOR: Final = 8
"""How many times larger than a row a page may be: writers put up to 1024 rows into one."""

_DICTIONARY_SHARE: Final = 32
"""A value of a dictionary is assumed to take at most 1/32 of it."""

_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


class ParquetError(Exception):
    """A file, or a value in it, that cannot be read; the text has the reason and the column.

    Attributes:
        row: The number of the row, if known.
    """

    def __init__(self, message: str, row: int | None = None) -> None:
        super().__init__(message)
        self.row = row


class ParquetRows:
    """The rows of a Parquet file.

    Args:
        file: The file.
        max_bytes: The maximum size of a row as JSON.
        null_dates: Whether dates outside Python's range become null.

    Raises:
        ParquetError: The file is not a Parquet file, or two columns have the same name.
    """

    def __init__(self, file: IO[bytes], *, max_bytes: int, null_dates: bool) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self._null_dates = null_dates
        self._parquet = _opened(file)
        self.columns: Sequence[str] = self._parquet.schema_arrow.names
        repeated = {name for name in self.columns if self.columns.count(name) > 1}
        if repeated:
            message = f"two columns are named {min(repeated)!r}"
            raise ParquetError(message)

    def __iter__(self) -> Iterator[bytes]:
        """Each row as a JSON object.

        Raises:
            ParquetError: A row cannot be read, or exceeds the memory limit.
        """
        first = 1
        for group in range(self._parquet.metadata.num_row_groups):
            for batch in self._batches(group):
                yield from self._rows(batch, first)
                first += batch.num_rows

    def _batches(self, group: int) -> Iterator[pa.RecordBatch]:
        try:
            count = self._batch_rows(group)
            yield from self._parquet.iter_batches(count, row_groups=[group])
        except ParquetError:
            raise
        except Exception as error:  # noqa: BLE001 - Arrow raises many types for damaged files
            message = f"{self._failing(group)}{_reason(error)}"
            raise ParquetError(message) from None

    def _batch_rows(self, group: int) -> int:
        """The number of rows to read at once, so that their values fit into memory.

        Raises:
            ParquetError: A single page does not fit.
        """
        found = self._parquet.metadata.row_group(group)
        row_bytes = 1.0
        for number, pages in enumerate(column_pages(self._file, self._parquet.metadata, group)):
            if pages.largest > _PAGE_FACTOR * self._max_bytes:
                raise ParquetError(_TOO_LARGE.format(f"a part of column {pages.column!r}"))
            chunk = found.column(number)
            row_bytes += pages.dictionary / _DICTIONARY_SHARE
            # each value of this encoding may repeat all of the previous one
            repeats = "DELTA_BYTE_ARRAY" in chunk.encodings
            row_bytes += chunk.total_uncompressed_size / (1 if repeats else found.num_rows or 1)
        return max(1, min(_BATCH_ROWS, int(_BATCH_BYTES / row_bytes)))

    def _failing(self, group: int) -> str:
        """The first column that cannot be read alone, as the beginning of a reason."""
        for column in self.columns:
            try:
                for _ in self._parquet.iter_batches(_BATCH_ROWS, [group], [column]):
                    pass
            except Exception:  # noqa: BLE001 - the caller reports it
                return f"column {column!r}: "
        return ""

    def _rows(self, batch: pa.RecordBatch, first: int) -> Iterator[bytes]:
        columns = [
            self._values(name, column, first)
            for name, column in zip(self.columns, batch.columns, strict=True)
        ]
        for row, values in enumerate(zip(*columns, strict=True), first):
            text = self._encoded(dict(zip(self.columns, values, strict=True)), row)
            if len(text) > self._max_bytes:
                raise ParquetError(_TOO_LARGE.format("it"), row)
            yield text

    def _values(self, name: str, column: pa.Array, first: int) -> Sequence[Any]:
        try:
            return json_values(column, null_dates=self._null_dates)
        except Exception as error:  # noqa: BLE001 - also from other libraries
            row = first + self._first_failing(column)
            message = f"column {name!r}: {_reason(error)}"
            raise ParquetError(message, row) from None

    def _first_failing(self, column: pa.Array) -> int:
        for number in range(len(column)):
            try:
                json_values(column.slice(number, 1), null_dates=self._null_dates)
            except Exception:  # noqa: BLE001 - as above
                return number
        return 0

    def _encoded(self, record: dict[str, Any], row: int) -> bytes:
        try:
            return _encode(record)
        except (TypeError, ValueError, RecursionError) as error:
            for name, value in record.items():
                try:
                    _encode(value)
                except (TypeError, ValueError, RecursionError):
                    message = f"column {name!r}: {_reason(error)}"
                    raise ParquetError(message, row) from None
            raise ParquetError(_reason(error), row) from None


_TOO_LARGE: Final = (
    "{} takes more memory than the setting 'batch_max_line_mb' allows; if this is not an error of "
    "the tap, raise the setting"
)


def _opened(file: IO[bytes]) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(file)
    except Exception as error:  # noqa: BLE001 - Arrow raises many types for damaged files
        raise ParquetError(_reason(error)) from None


def _reason(error: Exception) -> str:
    """The reason for a read error; Arrow's own text may quote values."""
    if isinstance(error, FarDateError):
        return str(error)
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8 text"
    return f"Arrow cannot read it: {type(error).__name__}"
