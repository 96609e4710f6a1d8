"""Aligned text of at most 80 columns, readable without color."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Final
from unicodedata import east_asian_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

WIDTH: Final = 80
INDENT: Final = "  "
MIN_FIRST: Final = 8
"""The first column has at least this width, even if lines become longer than `WIDTH`."""

_BREAK: Final = re.compile(r"[\s_.,:/-]")


def aligned(rows: Sequence[Sequence[str]], texts: int = 1) -> Iterator[str]:
    """Rows of aligned columns: texts to the left, figures to the right.

    If lines would be too long, texts of the first column continue in further lines of their row, so
    that different names stay different.

    Args:
        rows: The cells, with a heading as the first row.
        texts: How many of the first columns hold text.
    """
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    others = sum(widths[1:]) + len(INDENT) * len(widths[1:])
    widths[0] = min(widths[0], max(WIDTH - others, MIN_FIRST))
    for first, *rest in rows:
        begin, *more = _pieces(first, widths[0])
        cells = [begin, *rest]
        spaces = [" " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)]
        line = INDENT.join(
            f"{space}{cell}" if place >= texts else f"{cell}{space}"
            for place, (cell, space) in enumerate(zip(cells, spaces, strict=True))
        ).rstrip()
        yield "\n".join([line, *more])


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)


def _pieces(text: str, width: int) -> list[str]:
    """A text in lines of a width, broken after a space or a sign if one is near."""
    text, pieces = text.strip(), []
    while len(text) > width or _width(text) > width:
        end = next(at for at in range(width, 0, -1) if _width(text[:at]) <= width)
        words = [match.end() for match in _BREAK.finditer(text, end // 2, end)]
        at = words[-1] if words else end
        pieces.append(text[:at].rstrip())
        text = text[at:].lstrip()
    return [*pieces, text]


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
