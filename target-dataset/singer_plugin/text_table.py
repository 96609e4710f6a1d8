"""Aligned text of at most 80 columns, readable without color."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final
from unicodedata import east_asian_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

WIDTH: Final = 80
INDENT: Final = "  "
MIN_CUT: Final = 8


def aligned(rows: Sequence[Sequence[str]], texts: int = 1) -> Iterator[str]:
    """Lines of aligned columns: texts to the left, figures to the right.

    Where the lines would be too long, the first column is cut.

    Args:
        rows: The cells, with a heading as the first row.
        texts: How many of the first columns hold text.
    """
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    others = sum(widths[1:]) + len(INDENT) * len(widths[1:])
    widths[0] = min(widths[0], max(WIDTH - others, MIN_CUT))
    for first, *rest in rows:
        cells = [_cut(first, widths[0]), *rest]
        spaces = [" " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)]
        yield INDENT.join(
            f"{space}{cell}" if place >= texts else f"{cell}{space}"
            for place, (cell, space) in enumerate(zip(cells, spaces, strict=True))
        ).rstrip()


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)


def _cut(text: str, width: int) -> str:
    if _width(text) <= width:
        return text
    while _width(text) > width - 1:
        text = text[:-1]
    return f"{text}…"


def wrapped(text: str, indent: str = INDENT) -> list[str]:
    """The lines of a text below a row; words that are longer than a line stay whole."""
    return textwrap.wrap(
        printable(text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def printable(text: str) -> str:
    """A text in one line without control characters, so that it cannot control a terminal."""
    return "".join(filter(str.isprintable, " ".join(text.split())))


def listed(counts: Iterable[tuple[int, str]]) -> str:
    """Counts for people: `165 found, 14 not found`."""
    return ", ".join(f"{count:,} {what}" for count, what in counts)
