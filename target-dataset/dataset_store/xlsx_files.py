"""Import of sheets of Excel workbooks (`.xlsx`): every cell becomes text.

A spreadsheet stores numbers as doubles, so an ID of 16 digits or more has already lost digits. Such
cells are an error that names them, since a wrong ID looks like a right one.
"""

from __future__ import annotations

import datetime as dt
import logging
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from dataset_store.columns import check_columns
from dataset_store.errors import FileFormatError
from dataset_store.headers import checked_names, column_names, trimmed
from dataset_store.xlsx_parts import NO_WORKBOOK, check_size, column_letters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from python_calamine import CalamineSheet

    Row = Sequence[Any]

logger = logging.getLogger(__name__)

_BATCH_ROWS: Final = 8_192
_LOST_DIGITS: Final = 2**53
"""From here on, a double does not hold every integer."""


@dataclass(frozen=True, slots=True)
class XlsxFile:
    """One sheet of a workbook.

    An empty cell is null, and so is an error such as `#N/A`; the upper left cell of
    merged ones holds their value. Formulas have the value from the last save of the workbook. Empty
    rows are skipped.
    """

    path: Path
    where: str
    """The name of the file in messages."""

    sheet: str | None = None
    """The sheet's name; None is the first visible one."""

    columns: tuple[str, ...] = ()
    """The names of the columns if the sheet has no header."""

    any_header: bool = False
    """Whether the first row is a header even if it looks like data."""

    @property
    def blocks(self) -> None:
        """Not known before the sheet is read."""

    def rows(self) -> pa.RecordBatchReader:
        """Read the sheet; all of it is held in memory, but not its rows as text.

        Raises:
            FileFormatError: The file is not a workbook, lacks the sheet, or its first row names no
                usable columns; while reading, also if a number may have lost digits or a value
                is outside the named columns.
            SchemaConflictError: No dataset can have columns of these names.
        """
        with self._errors():
            check_size(self.path)
            sheet = self._opened()
        cells = _Cells(sheet.name, sheet.start[1] if sheet.start else 0, self.where)
        rows = _numbered(sheet)
        names = self._names(cells, rows)
        check_columns(names, f"A dataset of {self.where}")
        schema = pa.schema([(name, pa.string()) for name in names])
        return pa.RecordBatchReader.from_batches(schema, _batches(cells, rows, schema))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except FileFormatError as error:
            message = f"{self.where}: {error}"
            raise FileFormatError(message) from None
        except CalamineError:
            message = f"{self.where}: {NO_WORKBOOK}"
            raise FileFormatError(message) from None

    def _opened(self) -> CalamineSheet:
        with self.path.open("rb") as content:
            # by its content: given a path, calamine trusts the ending
            workbook = CalamineWorkbook.from_filelike(content)
            return workbook.get_sheet_by_name(self._sheet_name(workbook))

    def _sheet_name(self, workbook: CalamineWorkbook) -> str:
        sheets = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and self._is_meant(sheet.visible)
        ]
        name = self.sheet or next(iter(sheets), None)
        if name is None or name not in sheets:
            raise _no_sheet(name, sheets)
        if self.sheet is None and len(sheets) > 1:
            others = ", ".join(map(repr, sheets[1:]))
            logger.warning(
                "%s: reading sheet %r; to read another, use --sheet: %s", self.where, name, others
            )
        return name

    def _is_meant(self, visible: SheetVisibleEnum) -> bool:
        return self.sheet is not None or visible == SheetVisibleEnum.Visible

    def _names(self, cells: _Cells, rows: Iterator[tuple[int, Row]]) -> tuple[str, ...]:
        if self.columns:
            return checked_names(self.columns, "--columns")
        number, row = next(rows, (0, ()))
        names = [trimmed(cells.text(value, number, place) or "") for place, value in enumerate(row)]
        while names and not names[-1]:
            names.pop()
        if not names:
            message = f"{cells.where}: it is empty; its first row must name the columns"
            raise FileFormatError(message)
        return (checked_names if self.any_header else column_names)(names, cells.where)


def _no_sheet(name: str | None, sheets: Sequence[str]) -> FileFormatError:
    if name is None:
        return FileFormatError("it has no visible sheet of cells; name one with --sheet")
    close = get_close_matches(name, sheets)
    hint = f"; did you mean {close[0]!r}?" if close else f"; it has {', '.join(map(repr, sheets))}"
    return FileFormatError(f"it has no sheet {name!r}{hint}")


def _numbered(sheet: CalamineSheet) -> Iterator[tuple[int, Row]]:
    """The rows that are not empty, with their numbers."""
    rows = enumerate(sheet.iter_rows(), 1)
    return ((number, row) for number, row in rows if any(value != "" for value in row))


def _batches(
    cells: _Cells, rows: Iterator[tuple[int, Row]], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    texts = (cells.texts(number, row, len(schema)) for number, row in rows)
    while batch := list(islice(texts, _BATCH_ROWS)):
        columns = [pa.array(column, pa.string()) for column in zip(*batch, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


class _Cells:
    """The cells of a sheet as text.

    Args:
        sheet: Its name.
        first_column: The index of the first used column.
        where: The file, as the beginning of a sentence.
    """

    def __init__(self, sheet: str, first_column: int, where: str) -> None:
        self._sheet = sheet
        self._first_column = first_column
        self.where = f"{where}, sheet {sheet!r}"

    def texts(self, number: int, row: Row, width: int) -> Sequence[str | None]:
        """The values of a row, one per column.

        Raises:
            FileFormatError: A number may have lost digits, or there are more values than columns.
        """
        texts = [self.text(value, number, place) for place, value in enumerate(row)]
        beyond = next((place for place, text in enumerate(texts[width:], width) if text), None)
        if beyond is not None:
            message = (
                f"{self.where}: cell {self._name(number, beyond)} is beyond the named "
                f"columns ({width}); name its column, or clear the cell"
            )
            raise FileFormatError(message)
        return [*texts[:width], *[None] * (width - len(texts))]

    def text(self, value: Any, number: int, place: int) -> str | None:
        """The value of a cell; None if it is empty.

        Raises:
            FileFormatError: It is a number that may have lost digits.
        """
        if isinstance(value, str):
            return value or None
        if isinstance(value, float) and abs(value) >= _LOST_DIGITS:
            message = (
                f"{self.where}: cell {self._name(number, place)} holds a number of 16 digits or "
                "more; a spreadsheet keeps 15, so an ID is damaged there; format the column "
                "as text and paste the IDs again, or export them from their source as CSV"
            )
            raise FileFormatError(message)
        return _TEXTS[type(value)](value)

    def _name(self, number: int, place: int) -> str:
        """Excel's name of a cell."""
        sheet = self._sheet if self._sheet.isalnum() else "'" + self._sheet.replace("'", "''") + "'"
        return f"{sheet}!{column_letters(self._first_column + place)}{number}"


def _time(value: dt.datetime | dt.time) -> str:
    return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")


def _duration(value: dt.timedelta) -> str:
    seconds = round(abs(value).total_seconds())
    sign = "-" if value < dt.timedelta() else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


_TEXTS: Final[dict[type, Callable[[Any], str]]] = {
    bool: lambda value: "true" if value else "false",
    int: str,
    float: lambda value: str(int(value)) if value.is_integer() else repr(value),
    dt.datetime: _time,
    dt.date: dt.date.isoformat,
    dt.time: _time,
    dt.timedelta: _duration,
}
