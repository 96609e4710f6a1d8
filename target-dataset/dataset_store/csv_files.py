"""Import of CSV files: every value stays text, unchanged.

Types are not guessed. IDs of 19 digits would lose digits as floats, and codes their leading zeros.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.csv as pacsv

from dataset_store.columns import check_columns
from dataset_store.csv_dialect import Dialect, detect, not_text, spelled
from dataset_store.errors import FileFormatError
from dataset_store.headers import checked_names, column_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_BLOCK_BYTES: Final = 8 << 20
"""How much is parsed at once; also the maximum length of a record."""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A CSV file, quoted as in RFC 4180.

    An empty field is null, a quoted empty field is empty text, and blank lines are skipped.
    """

    path: Path
    where: str
    """The name of the file in messages."""

    delimiter: str | None = None
    """The delimiter; None detects it (`csv_dialect`)."""

    encoding: str | None = None
    """None uses the byte order mark, or UTF-8."""

    columns: tuple[str, ...] = ()
    """The names of the columns if the file has no header."""

    any_header: bool = False
    """Whether the first line is a header even if it looks like data."""

    @property
    def blocks(self) -> int:
        """About how many batches its rows are."""
        return -(-self.path.stat().st_size // _BLOCK_BYTES)

    def rows(self) -> pa.RecordBatchReader:
        """Read the file in blocks, so that its size does not matter.

        Raises:
            FileFormatError: Its dialect is ambiguous, or its first line names no usable columns;
                while reading, also if a line has more or fewer fields than the first, a quote is
                not closed or a byte is invalid in the encoding.
            SchemaConflictError: No dataset can have columns of these names.
        """
        dialect = detect(
            self.path,
            self.where,
            delimiter=self.delimiter,
            encoding=self.encoding,
            width=len(self.columns),
        )
        reading = _Reading(self, dialect)
        names = self._names(reading)
        check_columns(names, f"A dataset of {self.where}")
        schema = pa.schema([(name, pa.string()) for name in names])
        return pa.RecordBatchReader.from_batches(schema, reading.batches(schema))

    def _names(self, reading: _Reading) -> tuple[str, ...]:
        line, cells = next(reading.records(), (0, []))
        if self.columns:
            if cells:
                # Arrow would drop the fields that have no name
                reading.check_width(line, cells, len(self.columns))
            return checked_names(self.columns, "--columns")
        if not cells:
            message = f"{self.where}: it is empty; its first line must name the columns"
            raise FileFormatError(message)
        return (checked_names if self.any_header else column_names)(cells, self.where)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A file and its dialect."""

    file: CsvFile
    dialect: Dialect

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """The records and their last lines, by Python's own parser: slow, but it counts lines."""
        where, skipped = self.file.where, self.dialect.skipped_lines
        try:
            with self.file.path.open(encoding=self.dialect.encoding, newline="") as lines:
                for _ in range(skipped):
                    next(lines, "")
                records = csv.reader(lines, delimiter=self.dialect.delimiter, strict=True)
                try:
                    yield from (
                        (records.line_num + skipped, record) for record in records if record
                    )
                except csv.Error as error:
                    message = f"{where}: line {records.line_num + skipped}: {error}; fix the line"
                    raise FileFormatError(message) from None
        except UnicodeError:
            raise not_text(where, self.dialect.encoding) from None

    def batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """The rows as columns of text."""
        named_rows = 0 if self.file.columns else 1
        last = None
        try:
            for batch in self._open(len(schema)):
                last = batch
                rows = batch.slice(named_rows)
                named_rows = max(0, named_rows - batch.num_rows)
                yield pa.RecordBatch.from_arrays(rows.columns, schema=schema)
        except UnicodeError:
            raise not_text(self.file.where, self.dialect.encoding) from None
        except pa.ArrowInvalid:
            self._find_fault(len(schema))
        if last is not None and self._is_open_ended(last):
            self._find_fault(len(schema))

    def _open(self, width: int) -> Iterator[pa.RecordBatch]:
        generated = {f"f{index}": pa.string() for index in range(width)}
        if not self.file.path.stat().st_size:
            return iter(())
        encoding = self.dialect.encoding
        return iter(
            pacsv.open_csv(
                self.file.path,
                pacsv.ReadOptions(
                    block_size=_BLOCK_BYTES,
                    autogenerate_column_names=True,
                    skip_rows=self.dialect.skipped_lines,
                    # Arrow skips the mark of UTF-8 itself
                    encoding="utf8" if encoding == "utf-8-sig" else encoding,
                ),
                pacsv.ParseOptions(delimiter=self.dialect.delimiter, newlines_in_values=True),
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
        """Whether the last quote is not closed: Arrow then reads the rest of the file as text."""
        value = last.column(last.num_columns - 1)[-1].as_py() if last.num_rows else None
        if not value or "\n" not in value:
            return False
        with self.file.path.open("rb") as content:
            content.seek(max(0, self.file.path.stat().st_size - 1024))
            # the NULs are halves of UTF-16
            return not content.read().rstrip(b"\r\n\0").endswith(b'"')

    def check_width(self, line: int, record: Sequence[str], width: int) -> None:
        """Reject a record whose number of fields differs from that of the columns.

        Raises:
            FileFormatError: It has more or fewer.
        """
        if len(record) != width:
            message = (
                f"{self.file.where}: line {line} has {len(record)} fields instead of {width}, with "
                f"{self._between} as delimiter; fix the line, or set the right --delimiter"
            )
            raise FileFormatError(message)

    @property
    def _between(self) -> str:
        return spelled([self.dialect.delimiter])

    def _find_fault(self, width: int) -> None:
        """Read the file again to report the faulty line; Arrow also rejects files without data.

        Raises:
            FileFormatError: Always, unless the file has no data.
        """
        count = 0
        for line, record in self.records():
            count += 1
            self.check_width(line, record, width)
        if count > (0 if self.file.columns else 1):
            message = (
                f"{self.file.where}: it cannot be read as CSV with {self._between} as delimiter"
            )
            raise FileFormatError(message)
