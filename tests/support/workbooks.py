"""Excel workbooks that tests make and read, without the code under test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import xlsxwriter
from python_calamine import CalamineWorkbook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Cells = dict[str, Any]
"""Values by the names of their cells; a pair is a value and its number format."""


def workbook(path: Path, **sheets: Cells) -> Path:
    """Write a workbook of these sheets."""
    with xlsxwriter.Workbook(path) as book:
        for name, cells in sheets.items():
            sheet = book.add_worksheet(name)
            for cell, value in cells.items():
                if isinstance(value, tuple):
                    sheet.write(cell, value[0], book.add_format({"num_format": value[1]}))
                elif isinstance(value, str):
                    sheet.write_string(cell, value)
                else:
                    sheet.write(cell, value)
    return path


def table(path: Path, rows: Sequence[Sequence[Any]]) -> Path:
    """Write a workbook of one sheet with these rows, from the first cell on."""
    cells = {
        f"{chr(ord('A') + column)}{row}": value
        for row, values in enumerate(rows, 1)
        for column, value in enumerate(values)
    }
    return workbook(path, Sheet1=cells)


def cells_of(path: Path) -> list[list[Any]]:
    """What the first sheet of a workbook holds, as calamine gives it."""
    found: Sequence[Sequence[Any]] = (
        CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    )
    return [list(row) for row in found]


def replaced(path: Path, parts: Mapping[str, bytes]) -> Path:
    """Put other content into the place of parts of a workbook."""
    import zipfile

    with zipfile.ZipFile(path) as book:
        content = {name: book.read(name) for name in book.namelist()}
    with zipfile.ZipFile(path, "w") as book:
        for name, data in {**content, **parts}.items():
            book.writestr(name, data)
    return path
