"""The dialect of a CSV file: its encoding and delimiter.

`csv.Sniffer` takes letters for delimiters and ignores the header. The rule here: a delimiter splits
the first records, including the header, into the same number of fields. If the rule cannot decide,
an error names the option that does.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from dataset_store.errors import FileFormatError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

DELIMITERS: Final = (",", ";", "\t", "|")
"""The delimiters that are detected; others must be given."""

_SPELLED: Final = {"\t": "tab"}
_SEPARATOR_LIKE: Final = ":^~!#\x01\x1c\x1d\x1e\x1f"
"""Separators that some programs write; reported, but never assumed."""

_SAMPLE_BYTES: Final = 64 << 10
_SAMPLE_RECORDS: Final = 100
_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?(?:\r\n|\r|\n|\Z)', re.IGNORECASE)
"""Excel's own first line, which names the delimiter and is not part of the table."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks; that of UTF-32 begins with that of UTF-16."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The dialect of a CSV file."""

    delimiter: str
    encoding: str
    skipped_lines: int
    """The number of lines before the table: 1 if there is Excel's `sep=` line."""


def detect(
    path: Path, where: str, *, delimiter: str | None, encoding: str | None, width: int
) -> Dialect:
    """Detect the dialect from the beginning of a file.

    Args:
        path: The file.
        where: Its name in messages.
        delimiter: The delimiter, if known.
        encoding: The encoding, if known; otherwise that of a byte order mark, or UTF-8.
        width: The number of columns, if the file has no header; otherwise 0.

    Raises:
        FileFormatError: The file is not text in this encoding, or more than one delimiter is
            possible.
    """
    with path.open("rb") as content:
        head = content.read(_SAMPLE_BYTES)
        is_cut = bool(content.read(1))
    marked = (name for mark, name in _MARKS if head.startswith(mark))
    encoding = encoding or next(marked, "utf-8-sig")
    text = _decoded(head, encoding, where)
    separator = _SEPARATOR_LINE.match(text)
    if separator:
        text = text[separator.end() :]
        delimiter = delimiter or _one_byte(separator[1], where)
    splits = {each: _widths(text, each, is_cut=is_cut) for each in DELIMITERS}
    if delimiter is None:
        delimiter = _choice(splits, width, where)
        if delimiter is None:
            _check_single_column(text, splits, where, is_cut=is_cut)
            delimiter = DELIMITERS[0]
    elif not width and set(_widths(text, delimiter, is_cut=is_cut)) == {1}:
        _check_no_other(_even(splits), delimiter, where)
    return Dialect(delimiter, encoding, 1 if separator else 0)


def _decoded(head: bytes, encoding: str, where: str) -> str:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeError:
        raise not_text(where, encoding) from None
    if "\0" in text:
        message = (
            f"{where}: it holds NUL characters, so it is not {_name(encoding)} text; set the right "
            "--encoding, such as utf-16-le"
        )
        raise FileFormatError(message)
    return text


def not_text(where: str, encoding: str) -> FileFormatError:
    """The error about a file with bytes that its encoding lacks."""
    return FileFormatError(
        f"{where}: it is not {_name(encoding)} text; save it as CSV in UTF-8, or set the right "
        "--encoding, such as cp1252 for CSV of Excel on Windows"
    )


def _name(encoding: str) -> str:
    return "UTF-8" if encoding == "utf-8-sig" else encoding


def _one_byte(character: str, where: str) -> str:
    if not character.isascii() or character == '"':
        message = f"{where}: its `sep=` line names no usable delimiter; set --delimiter"
        raise FileFormatError(message)
    return character


def _widths(text: str, delimiter: str, *, is_cut: bool) -> Sequence[int]:
    """The number of fields in each of the first records."""
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        widths = [len(record) for record in islice(records, _SAMPLE_RECORDS) if record]
        is_cut = is_cut and next(records, None) is None
    except csv.Error:
        return ()
    return widths[:-1] if is_cut and len(widths) > 1 else widths


def _choice(splits: Mapping[str, Sequence[int]], width: int, where: str) -> str | None:
    """The delimiter of a file, or None if it has a single column.

    If no delimiter splits it evenly, the one in its first line is used: reading then reports the
    faulty line.
    """
    even = _even(splits)
    fitting = [each for each in even if splits[each][0] == width] or even
    if len(fitting) > 1:
        message = f"{where}: {spelled(fitting)} may be its delimiter; set the right --delimiter"
        raise FileFormatError(message)
    first_line = [each for each, widths in splits.items() if widths and widths[0] > 1]
    return next(iter(fitting or first_line), None)


def _even(splits: Mapping[str, Sequence[int]]) -> Sequence[str]:
    return [each for each, widths in splits.items() if len(set(widths)) == 1 and widths[0] > 1]


def _check_no_other(others: Sequence[str], delimiter: str, where: str) -> None:
    """Reject a delimiter that gives one column if another one splits the file evenly.

    Raises:
        FileFormatError: There is such a delimiter.
    """
    if others:
        message = (
            f"{where}: with {spelled([delimiter])} it has one column, with {spelled(others)} more; "
            "set the right --delimiter, or put quotes around the values"
        )
        raise FileFormatError(message)


def spelled(delimiters: Sequence[str]) -> str:
    """Delimiters as users read and give them."""
    return " or ".join(_SPELLED.get(each) or repr(each) for each in delimiters)


def _check_single_column(
    text: str, splits: Mapping[str, Sequence[int]], where: str, *, is_cut: bool
) -> None:
    """Reject a file whose lines clearly have a delimiter that its first line lacks.

    Raises:
        FileFormatError: They do.
    """
    beneath = [
        each
        for each in DELIMITERS[1:]
        if len(widths := splits[each]) > 1 and len(set(widths[1:])) == 1 and widths[1] > 1
    ]
    others = [
        each
        for each in _SEPARATOR_LIKE
        if len(widths := _widths(text, each, is_cut=is_cut)) > 1
        and len(set(widths)) == 1
        and widths[0] > 1
    ]
    if found := beneath or others:
        message = (
            f"{where}: its delimiter seems to be {spelled(found)}; set --delimiter, or "
            "--delimiter ',' if it has a single column"
        )
        raise FileFormatError(message)
