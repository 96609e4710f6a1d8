"""CSV files on their way into a dataset: every value stays the text that it is.

Types are not guessed. IDs of 19 digits would lose digits as floats and codes their leading zeros.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.csv as pacsv

from dataset_store.columns import check_columns
from dataset_store.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BLOCK_BYTES: Final = 8 << 20
"""How much is parsed at once, and so the length that no record may exceed."""

_ENCODING: Final = "utf-8-sig"


class CsvError(DatasetError):
    """A file is not the CSV that it should be."""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A CSV file in UTF-8, with or without a byte order mark, quoted as RFC 4180 says.

    An empty field is null, a quoted empty field is empty text, and blank lines are passed by.
    """

    path: Path
    delimiter: str = ","
    columns: tuple[str, ...] = ()
    """The names of the columns where the file has no line of names."""

    def rows(self) -> pa.RecordBatchReader:
        """Read the file in blocks, so that its size does not matter.

        Raises:
            CsvError: Its first line names no usable columns; while reading, also where a line has
                more or fewer fields than the first, a quote is not closed or a byte is not UTF-8.
            SchemaConflictError: No dataset can have columns of these names.
        """
        names = self.columns or self._header()
        check_columns(names, f"A dataset of {self.path.name}")
        schema = pa.schema([(name, pa.string()) for name in names])
        return pa.RecordBatchReader.from_batches(schema, self._batches(schema))

    def _header(self) -> tuple[str, ...]:
        names = next((record for _, record in self._records()), None)
        if not names:
            message = f"{self.path}: it is empty; its first line must name the columns"
            raise CsvError(message)
        if any(name.strip().isdigit() for name in names):
            message = (
                f"{self.path}: its first line must name the columns, but holds a number; "
                "name them with --columns if the file starts with data"
            )
            raise CsvError(message)
        return tuple(names)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """The records and their last lines, by Python's own parser: slow, but it knows lines."""
        try:
            with self.path.open(encoding=_ENCODING, newline="") as lines:
                records = csv.reader(lines, delimiter=self.delimiter, strict=True)
                try:
                    yield from ((records.line_num, record) for record in records if record)
                except csv.Error as error:
                    message = f"{self.path}: line {records.line_num}: {error}; mend the line"
                    raise CsvError(message) from None
        except UnicodeDecodeError:
            message = f"{self.path}: it is not UTF-8 text; save it as CSV in UTF-8"
            raise CsvError(message) from None

    def _batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        named_rows = 0 if self.columns else 1
        last = None
        try:
            for batch in self._open(len(schema)):
                last = batch
                rows = batch.slice(named_rows)
                named_rows = max(0, named_rows - batch.num_rows)
                yield pa.RecordBatch.from_arrays(rows.columns, schema=schema)
        except pa.ArrowInvalid:
            self._find_fault(len(schema))
        if last is not None and self._is_open_ended(last):
            self._find_fault(len(schema))

    def _open(self, width: int) -> Iterator[pa.RecordBatch]:
        generated = {f"f{index}": pa.string() for index in range(width)}
        if not self.path.stat().st_size:
            return iter(())
        return iter(
            pacsv.open_csv(
                self.path,
                pacsv.ReadOptions(block_size=_BLOCK_BYTES, autogenerate_column_names=True),
                pacsv.ParseOptions(delimiter=self.delimiter, newlines_in_values=True),
                pacsv.ConvertOptions(
                    column_types=generated,
                    include_columns=list(generated),
                    null_values=[""],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            )
        )

    def _is_open_ended(self, last: pa.RecordBatch) -> bool:
        """Whether the last quote is never closed: Arrow then takes the rest of the file as text."""
        value = last.column(last.num_columns - 1)[-1].as_py() if last.num_rows else None
        if not value or "\n" not in value:
            return False
        with self.path.open("rb") as content:
            content.seek(max(0, self.path.stat().st_size - 1024))
            return not content.read().rstrip(b"\r\n").endswith(b'"')

    def _find_fault(self, width: int) -> None:
        """Read the file again to say which line is at fault; Arrow also refuses files without data.

        Raises:
            CsvError: Always, unless the file has no data.
        """
        count = 0
        for line, record in self._records():
            count += 1
            if len(record) != width:
                message = (
                    f"{self.path}: line {line} has {len(record)} fields instead of {width}; "
                    "mend the line, or give the --delimiter"
                )
                raise CsvError(message)
        if count > (0 if self.columns else 1):
            message = (
                f"{self.path}: it cannot be read as CSV with {self.delimiter!r} between fields"
            )
            raise CsvError(message)
