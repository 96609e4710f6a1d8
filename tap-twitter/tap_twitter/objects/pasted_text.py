"""Ids and handles as people paste them, from spreadsheets, web pages and messages.

What such programs put around a value is removed. Damage to the value itself cannot be undone, so it
is detected: ids that were read as numbers have lost their last digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

PLAIN: Final = re.compile(r"@?\w+", re.ASCII)
"""Values with nothing around them; most are."""

INVISIBLE: Final = re.compile(
    r"[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]"
)
"""Invisible characters: text direction, zero width, and soft hyphens."""

WIDE: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Full-width letters, digits and signs of East Asian keyboards, such as U+FF20 for `@`."""

FORMULA: Final = re.compile(r"""=\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>[0-9]+))""", re.ASCII)
"""The form that keeps a value as text in a spreadsheet: `="1214820332314624000"`."""

PAIRS: Final = {
    "<": ">",
    "(": ")",
    "[": "]",
    '"': '"',
    "'": "'",
    "\u201c": "\u201d",
    "\u2018": "\u2019",
    "\xab": "\xbb",
}
"""Signs in pairs around a value."""

TRAILING: Final = ".,;:!"
APOSTROPHES: Final = "'\u2019`"
"""One in front of a value makes a spreadsheet keep it as text."""

EXACT_DIGITS: Final = 15
"""The digits of a number that spreadsheets keep (https://support.microsoft.com/office/cd5dee0f)."""

LONG_ID: Final = 17
"""Ids of this many digits have at least two after the exact ones."""

MIN_ROUNDED: Final = 2
ROUNDED_SHARE: Final = 10
"""If one in this many ids ends in zeros, it is no coincidence."""

CERTAIN_FLOAT: Final = re.compile(
    r"[+-]?(?:[0-9]*[.,][0-9]+[eE][+-]?[0-9]{1,3}|[0-9]+[.,]?[eE][+-][0-9]{1,3}|[0-9]+\.[0-9]+)",
    re.ASCII,
)
FLOAT: Final = re.compile(rf"{CERTAIN_FLOAT.pattern}|[0-9]+[.,]?[eE][0-9]{{1,3}}", re.ASCII)


def cleaned(text: str) -> str:
    """The value in a text, without what surrounds it; empty if there is none."""
    if PLAIN.fullmatch(text):
        return text
    if not text.isascii():
        text = INVISIBLE.sub("", text).translate(WIDE)
    before = None
    while text != before:
        before, text = text, _unwrapped(text.strip())
    return text


def _unwrapped(text: str) -> str:
    """The text without the outermost thing around it."""
    if formula := FORMULA.fullmatch(text):
        return formula["quoted"] or formula["plain"] or ""
    if len(text) > 1 and PAIRS.get(text[0]) == text[-1]:
        return text[1:-1]
    if text[:1] and text[0] in APOSTROPHES:
        return text[1:]
    return text.rstrip(TRAILING) or text


def is_float(value: str, *, certainly: bool = False) -> bool:
    """Whether a cleaned value is written as a float, such as `1.23E+18`: its last digits are lost.

    Args:
        value: The value.
        certainly: Whether it must be unambiguous: `1e10` may also be a handle.
    """
    return (CERTAIN_FLOAT if certainly else FLOAT).fullmatch(value) is not None


@dataclass
class RoundedIds:
    """Counts ids that look as if a spreadsheet had read them as numbers.

    Such a number keeps 15 digits, with zeros for the others, which gives somebody else's id.

    Attributes:
        long: How many ids have digits to lose.
        rounded: How many of them end in zeros after the fifteenth digit.
    """

    long: int = 0
    rounded: int = 0

    def add(self, digits: str) -> None:
        """Count an id; those in addresses were never read as numbers."""
        if len(digits) >= LONG_ID and digits.isdecimal():
            is_rounded = digits.endswith("00") and not digits[EXACT_DIGITS:].strip("0")
            self.count(1, int(is_rounded))

    def count(self, long: int, rounded: int) -> None:
        """Count several ids at once."""
        self.long += long
        self.rounded += rounded

    @property
    def are_lost(self) -> bool:
        """Whether so many end in zeros that it is no coincidence."""
        return self.rounded >= MIN_ROUNDED and self.rounded * ROUNDED_SHARE >= self.long

    def __str__(self) -> str:
        """The share of rounded ids, and the likely cause."""
        return (
            f"{self.rounded:,} of {self.long:,} long ids end in zeros after the fifteenth digit, "
            "as if a spreadsheet had read them as numbers"
        )
