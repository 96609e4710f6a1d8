"""Domo's CSV: RFC 4180 without a header, in which nothing at all is null and `""` is empty text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.domo.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Row = tuple[str | None, ...]

_FIELD: Final = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r\n|\n|\Z)')
_QUOTED: Final = re.compile(r'[",\r\n]')


def parse(body: bytes, width: int) -> list[Row]:
    """The rows of an upload.

    Args:
        body: UTF-8 text.
        width: How many columns each row has to have.

    Raises:
        Refusal: If it is not the dialect, or a row has another width.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise _invalid("It is not UTF-8.") from None
    return [_checked(row, width, number) for number, row in enumerate(_rows(text), 1)]


def _rows(text: str) -> Iterable[Row]:
    if '"' not in text and "\r" not in text:
        lines = text.split("\n")
        yield from (
            tuple(cell or None for cell in line.split(","))
            for line in (lines if lines[-1] else lines[:-1])
        )
        return
    row: list[str | None] = []
    match = _FIELD.scanner(text).match  # type: ignore[attr-defined]
    end = 0
    while end < len(text):
        found = match()
        if found is None:
            raise _invalid(f"Unexpected character at position {end}.")
        quoted, plain, separator = found.groups()
        end = found.end()
        row.append((plain or None) if quoted is None else quoted.replace('""', '"'))
        if separator != ",":
            yield tuple(row)
            row = []
    if row:
        # a comma was the last character
        yield (*row, None)


def _checked(row: Row, width: int, number: int) -> Row:
    if row == (None,):
        raise _invalid(f"Row {number} is empty.")
    if len(row) != width:
        amount = "many" if len(row) > width else "few"
        place = min(len(row), width + 1)
        raise _invalid(
            f"There are too {amount} columns. Expected {width}. Row {number}, column {place}."
        )
    return row


def _invalid(reason: str) -> Refusal:
    return Refusal(400, f"Invalid CSV provided during upload. msg={reason}")


def to_csv(rows: Iterable[Row], header: Sequence[str] | None = None) -> bytes:
    """Rows as an export has them."""
    lines = [",".join(map(_cell, header))] if header else []
    lines += [",".join(map(_cell, row)) for row in rows]
    return "".join(f"{line}\n" for line in lines).encode()


def _cell(value: str | None) -> str:
    if value is None:
        return ""
    if not value or _QUOTED.search(value):
        return '"' + value.replace('"', '""') + '"'
    return value
