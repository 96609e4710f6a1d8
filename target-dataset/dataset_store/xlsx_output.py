"""Export of rows to an Excel workbook, within the limits of its cells.

Text is always written as text, so that IDs keep their digits and nothing becomes a formula. Whole
numbers of more than 15 digits are text, too, since Excel keeps only 15. Dates, and times in UTC,
are Excel dates if they fit exactly; otherwise ISO 8601 text, as in CSV.
"""

from __future__ import annotations

import datetime as dt
import math
import tempfile
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter

from dataset_store.errors import DatasetError
from dataset_store.rows import plain_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import BinaryIO

    import pyarrow as pa
    from xlsxwriter.worksheet import Worksheet

MAX_ROWS: Final = 1_048_576
"""Including the header."""

MAX_COLUMNS: Final = 16_384
MAX_TEXT: Final = 32_767
"""The maximum number of UTF-16 units in the text of a cell."""

_MAX_DIGITS: Final = 15
_MAX_NUMBER: Final = 9.99e307
_FIRST_DAY: Final = dt.date(1900, 3, 1)
"""Before this day, Excel's calendar has an extra day."""

_SHEET: Final = "rows"
_DATE: Final = "yyyy-mm-dd"
_TIME: Final = "yyyy-mm-dd hh:mm:ss.000"


def check_bounds(rows: int, columns: int) -> None:
    """Reject a dataset that exceeds a sheet, before anything is written.

    Raises:
        DatasetError: There are too many rows or columns.
    """
    if rows + 1 > MAX_ROWS:
        message = (
            f"The dataset has {rows:,} rows; a sheet holds {MAX_ROWS - 1:,} below its header. "
            "Export it as CSV or Parquet"
        )
        raise DatasetError(message)
    if columns > MAX_COLUMNS:
        message = (
            f"The dataset has {columns:,} columns; a sheet holds {MAX_COLUMNS:,}. Export it as CSV "
            "or Parquet"
        )
        raise DatasetError(message)


def write_xlsx(rows: pa.RecordBatchReader, sink: BinaryIO) -> None:
    """Write a workbook of one sheet with a header row; null is an empty cell.

    Raises:
        DatasetError: A text is too long for a cell, or there are too many rows or columns.
    """
    check_bounds(0, len(rows.schema))
    # XlsxWriter buffers the rows in files; after an error, none of them stays
    with tempfile.TemporaryDirectory(prefix="dataset-") as folder:
        options = {"constant_memory": True, "tmpdir": folder, "use_zip64": True}
        with xlsxwriter.Workbook(sink, options) as workbook:
            sheet = _Sheet(workbook, rows.schema.names)
            for batch in rows:
                sheet.write(batch)


class _Sheet:
    """The only sheet of a workbook, written row by row.

    Args:
        workbook: The workbook.
        names: The columns.
    """

    def __init__(self, workbook: xlsxwriter.Workbook, names: Sequence[str]) -> None:
        self._sheet: Worksheet = workbook.add_worksheet(_SHEET)
        self._date = workbook.add_format({"num_format": _DATE})
        self._time = workbook.add_format({"num_format": _TIME})
        self._names = names
        self._row = 0
        self._write_row(names)

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows.

        Raises:
            DatasetError: A text is too long for a cell, or the sheet is full.
        """
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            self._write_row(row)

    def _write_row(self, values: Iterable[Any]) -> None:
        for column, value in enumerate(values):
            if value is not None and self._write_cell(column, value) < 0:
                raise self._refused(column)
        self._row += 1

    def _write_cell(self, column: int, value: Any) -> int:
        """Write a value and return XlsxWriter's result: less than 0 on failure."""
        sheet, row = self._sheet, self._row
        written: int
        if isinstance(value, str):
            written = sheet.write_string(row, column, value)
        elif isinstance(value, bool):
            written = sheet.write_boolean(row, column, value)
        elif _is_exact_number(value):
            written = sheet.write_number(row, column, value)
        elif _is_exact_time(value):
            written = sheet.write_datetime(row, column, value.replace(tzinfo=None), self._time)
        elif type(value) is dt.date and value >= _FIRST_DAY:
            written = sheet.write_datetime(row, column, value, self._date)
        else:
            written = sheet.write_string(row, column, plain_text(value))
        return written

    def _refused(self, column: int) -> DatasetError:
        if self._row >= MAX_ROWS:
            return DatasetError(f"A sheet holds {MAX_ROWS:,} rows; the dataset has more")
        # the first row of the sheet holds the names
        return DatasetError(
            f"Row {self._row:,}, column {self._names[column]!r}: its text has more than "
            f"{MAX_TEXT:,} characters, the limit of a cell; export as CSV, JSON or Parquet"
        )


def _is_exact_number(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value) and abs(value) <= _MAX_NUMBER
    return isinstance(value, (int, Decimal)) and len(_digits(value)) <= _MAX_DIGITS


def _digits(value: int | Decimal) -> Sequence[int]:
    return Decimal(value).as_tuple().digits


def _is_exact_time(value: Any) -> bool:
    return (
        isinstance(value, dt.datetime)
        and value.date() >= _FIRST_DAY
        and not value.microsecond % 1_000
    )
