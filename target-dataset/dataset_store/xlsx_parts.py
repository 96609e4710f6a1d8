"""The memory that a workbook would take, determined from its parts before it is read.

calamine stores a sheet as a full rectangle. With one stray cell in the lower right corner, it
requests more memory than there is, which ends the process. So a pass over the XML finds the
corners first.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from itertools import chain
from typing import TYPE_CHECKING, Final

from dataset_store.errors import FileFormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import IO

MAX_CELLS: Final = 32_000_000
"""The maximum size of a sheet's rectangle: about 1 GB."""

NO_WORKBOOK: Final = "it is not an Excel workbook, or it is damaged; save it again as .xlsx"

_FAULTS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""Errors of zipfile for archives that are invalid, damaged, encrypted or oddly compressed."""

_MAX_XML_BYTES: Final = 2 << 30
"""The maximum unpacked size of the parts of a workbook."""

_CHUNK_BYTES: Final = 1 << 20
_TAG_BYTES: Final = 512
"""More than the length of a cell's tag."""

_SHEET: Final = re.compile(r"(?:^|/)worksheets/[^/]+\.xml$", re.IGNORECASE)
_NAMED: Final = re.compile(rb"\sr=[\"']([A-Za-z]*)([0-9]+)")
# a tag that ends with a slash has a format but no value
_CELL: Final = re.compile(
    rb"<(?:\w+:)?c\s(?:[^>]*?\s)?r=[\"']([A-Z]+)([0-9]+)[\"'][^>]*(?<!/)>", re.IGNORECASE
)
_ROW: Final = re.compile(rb"<(?:\w+:)?row\s(?:[^>]*?\s)?r=[\"']([0-9]+)[\"'][^>]*(?<!/)>")
_OLD_FORMAT: Final = b"\xd0\xcf\x11\xe0"
"""The first bytes of files of Excel 97 to 2003, and of encrypted workbooks of any Excel."""


def check_size(path: Path) -> None:
    """Reject a workbook that is too large for the memory.

    Raises:
        FileFormatError: It is too large, or not a workbook.
    """
    with path.open("rb") as content:
        if content.read(len(_OLD_FORMAT)) == _OLD_FORMAT:
            message = (
                "it is encrypted, or in the format of Excel 97 to 2003; save it as .xlsx without a "
                "password"
            )
            raise FileFormatError(message)
    try:
        with zipfile.ZipFile(path) as parts:
            _check_parts(parts)
    except _FAULTS:
        raise FileFormatError(NO_WORKBOOK) from None


def _check_parts(parts: zipfile.ZipFile) -> None:
    if not any(name.endswith("xl/workbook.xml") for name in parts.namelist()):
        raise ValueError
    size = sum(part.file_size for part in parts.infolist())
    if size > _MAX_XML_BYTES:
        message = f"its unpacked size of {size >> 20:,} MB exceeds the limit; save it as CSV"
        raise FileFormatError(message)
    for part in parts.infolist():
        if _SHEET.search(part.filename):
            cells = _rectangle(parts, part, _named_cells)
            if cells > MAX_CELLS:
                # many named cells may be empty; only a slow scan can tell
                cells = _rectangle(parts, part, _used_cells)
            if cells > MAX_CELLS:
                message = (
                    f"one of its sheets spans {cells:,} cells, more than {MAX_CELLS:,}; delete "
                    "stray cells far right or below, or save the sheet as CSV"
                )
                raise FileFormatError(message)


def _rectangle(
    parts: zipfile.ZipFile,
    part: zipfile.ZipInfo,
    cells_in: Callable[[bytes], Iterable[tuple[bytes, bytes]]],
) -> int:
    """The number of cells in the rectangle from the first cell of a sheet to its last ones."""
    rows, columns = 0, 0
    with parts.open(part) as xml:
        for chunk in _overlapping(xml):
            cells = list(cells_in(chunk))
            rows = max([rows, *(int(row) for _, row in cells)])
            columns = max([columns, *map(_column, {letters for letters, _ in cells})])
    return rows * columns


def _named_cells(chunk: bytes) -> Iterable[tuple[bytes, bytes]]:
    """The columns and rows named by any tag; tags of rows have no column."""
    return _NAMED.findall(chunk)


def _used_cells(chunk: bytes) -> Iterable[tuple[bytes, bytes]]:
    """The same, but only for rows with cells and cells with values."""
    return chain(((b"", row) for row in _ROW.findall(chunk)), _CELL.findall(chunk))


def _overlapping(xml: IO[bytes]) -> Iterator[bytes]:
    """The content in pieces, each starting with the end of the previous one."""
    end = b""
    while piece := xml.read(_CHUNK_BYTES):
        yield end + piece
        end = (end + piece)[-_TAG_BYTES:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:4]:
        number = number * 26 + letter - ord("A") + 1
    return number


def column_letters(index: int) -> str:
    """The name of a column by its index: A, B, …, Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
