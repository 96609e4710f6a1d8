"""The header of a table in a file: the names of its columns, if it has any."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dataset_store.errors import FileFormatError

if TYPE_CHECKING:
    from collections.abc import Sequence

_INVISIBLE: Final = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u202a\u202b\u202c\u202d\u202e"
"""Characters that spreadsheets and web pages leave around names, besides white space: byte order
marks, joiners and direction marks.
"""

_DATA: Final = {
    "a number": re.compile(r"=?[\"']?[+-]?\d[\d.,]*(?:E[+-]?\d+)?[\"']?", re.IGNORECASE),
    "a handle": re.compile(r"@\w+"),
    "a web address": re.compile(
        r"(?:https?://|(?:www\.|mobile\.)?(?:twitter|x)\.com/)\S*", re.IGNORECASE
    ),
}
"""Values that start the data of a file without a header."""


def column_names(cells: Sequence[str], where: str) -> tuple[str, ...]:
    """The names in a first line, trimmed.

    Args:
        cells: The first line.
        where: The file, as the beginning of a sentence.

    Raises:
        FileFormatError: The line holds data (a number, a handle or a web address), or columns
            cannot have these names.
    """
    names = [trimmed(cell) for cell in cells]
    for place, name in enumerate(names, 1):
        found = next((what for what, form in _DATA.items() if form.fullmatch(name)), None)
        if found:
            message = (
                f"{where}: its first line must name the columns, but column {place} holds {found}. "
                "If the file starts with data, name its columns with --columns; if the line does "
                "hold names, use --header"
            )
            raise FileFormatError(message)
    return checked_names(names, where)


def checked_names(names: Sequence[str], where: str) -> tuple[str, ...]:
    """Trim and check names of columns: none is blank, and no two are equal.

    Args:
        names: The names.
        where: Their place, as the beginning of a sentence.

    Raises:
        FileFormatError: A name is blank, or equals another one ignoring case.
    """
    places: dict[str, int] = {}
    for place, name in enumerate(map(trimmed, names), 1):
        if not name:
            message = f"{where}: column {place} has no name; name it, or delete the column"
            raise FileFormatError(message)
        first = places.setdefault(name.casefold(), place)
        if first != place:
            message = (
                f"{where}: columns {first} and {place} are both named {name!r}; rename one: "
                "names must be unique ignoring case"
            )
            raise FileFormatError(message)
    return tuple(map(trimmed, names))


def trimmed(name: str) -> str:
    """A name without surrounding white space and invisible characters."""
    return re.sub(rf"\A[\s{_INVISIBLE}]+|[\s{_INVISIBLE}]+\Z", "", name)
