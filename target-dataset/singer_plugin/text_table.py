"""Aligned text of at most 80 columns, readable without color."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

WIDTH: Final = 80
INDENT: Final = "  "


def aligned(rows: Sequence[Sequence[str]], texts: int = 1) -> Iterator[str]:
    """Lines of aligned columns: texts to the left, figures to the right.

    Args:
        rows: The cells, with a heading as the first row.
        texts: How many of the first columns hold text.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.rjust(width) if place >= texts else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield INDENT.join(cells).rstrip()


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
