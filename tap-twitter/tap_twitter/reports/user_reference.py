"""What stands in an input dataset, read as a reference to a user of X.

A reference is an id, a handle, or neither. In a column of ids only digits are ids, in a column of
handles digits are a handle; in any other column each value speaks for itself. `@name` and profile
URLs are handles wherever they stand.
"""

from __future__ import annotations

import enum
import re
from typing import Final, NamedTuple

ID_COLUMNS: Final = ("user_id", "twitter_id", "sender_id", "recipient_id", "author_id")
ANY_ID_COLUMN: Final = ("id",)
HANDLE_COLUMNS: Final = ("username", "screen_name", "handle")

ID: Final = re.compile(r"[0-9]{1,19}", re.ASCII)
HANDLE: Final = re.compile(r"[A-Za-z0-9_]{1,15}", re.ASCII)
DIGITS: Final = re.compile(r"[0-9]+", re.ASCII)
CERTAINLY_ROUNDED: Final = re.compile(
    r"[0-9]+[.,][0-9]+[eE]\+?[0-9]{2}|[0-9]+[eE]\+[0-9]{2}|[0-9]+\.[0-9]+", re.ASCII
)
ROUNDED: Final = re.compile(rf"{CERTAINLY_ROUNDED.pattern}|[0-9]+[eE][0-9]{{2}}", re.ASCII)
"""A float; `1e10` may also be a handle, where handles may stand."""

STRAY: Final = re.compile(r"^[\s\ufeff\u200b-\u200d\u2060]+|[\s\ufeff\u200b-\u200d\u2060]+$")
"""Blanks, and marks without width that spreadsheets and web pages leave around a value."""

PROFILE_URL: Final = re.compile(
    r"(?:https?://)?(?:www\.|mobile\.)?(?:x|twitter)\.com/(?:i/user/(?P<id>[0-9]+)|@?(?P<handle>[^/?#]+))"
    r"/?(?:[?#].*)?",
    re.ASCII | re.IGNORECASE,
)
"""An address of a profile page; `x.com/i/user/<id>` is X's own address of a user by id."""


class Kind(enum.StrEnum):
    """What a reference is; the order of a lookup pass is the order of these names."""

    ID = "id"
    INVALID = "invalid"
    USERNAME = "username"


class ColumnKind(enum.Enum):
    """What the name of a column says about the values in it."""

    IDS = "ids"
    HANDLES = "handles"
    MIXED = "mixed"

    @classmethod
    def of(cls, column: str) -> ColumnKind:
        """What the column of this name holds."""
        if column.lower() in ID_COLUMNS + ANY_ID_COLUMN:
            return cls.IDS
        return cls.HANDLES if column.lower() in HANDLE_COLUMNS else cls.MIXED


class Reference(NamedTuple):
    """A user as asked for: `value` is a `requested_id` of the lookup's rows."""

    kind: Kind
    value: str


def parse(text: str, column: ColumnKind) -> Reference | None:
    """Read a value of an input dataset; None where it is blank.

    An id loses its leading zeros, a handle its case. A handle of digits alone keeps an `@`, so that
    it is not taken for an id. What is neither keeps its text.
    """
    text = STRAY.sub("", text)
    if not text:
        return None
    if url := PROFILE_URL.fullmatch(text):
        return _id(url["id"]) if url["id"] else _handle(url["handle"], text)
    if text.startswith("@"):
        return _handle(text[1:], text)
    if column is ColumnKind.HANDLES or (column is ColumnKind.MIXED and not DIGITS.fullmatch(text)):
        return _handle(text, text)
    return _id(text)


def is_rounded(text: str, column: ColumnKind) -> bool:
    """Whether a value is written as a float, such as `1.23E+18`: its last digits are lost."""
    if column is ColumnKind.HANDLES:
        return False
    pattern = ROUNDED if column is ColumnKind.IDS else CERTAINLY_ROUNDED
    return pattern.fullmatch(STRAY.sub("", text)) is not None


def query_value(reference: Reference) -> str:
    """How X wants the reference in a request."""
    return reference.value.removeprefix("@")


def _id(text: str) -> Reference:
    digits = text.lstrip("0")
    if ID.fullmatch(digits):
        return Reference(Kind.ID, digits)
    return Reference(Kind.INVALID, text)


def handle(name: str) -> Reference:
    """The reference that a handle, without its `@`, is."""
    return _handle(name, name)


def _handle(name: str, text: str) -> Reference:
    marked = f"@{name}" if DIGITS.fullmatch(name) else None
    if HANDLE.fullmatch(name):
        return Reference(Kind.USERNAME, marked or name.lower())
    return Reference(Kind.INVALID, marked or text)
