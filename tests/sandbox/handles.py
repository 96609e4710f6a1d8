"""Handles: a few accounts have names, all others their ids in base 36, so that no registry is needed."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sandbox import people

_PREFIX: Final = "u_"
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_ID_LIMIT: Final = 2**63


@lru_cache(maxsize=4096)
def handle(user_id: str) -> str:
    """The one handle of an id; upper and lower case tell nothing apart."""
    number = int(user_id)
    if number in people.NAMED:
        return people.NAMED[number].username
    letters = ""
    while number:
        number, digit = divmod(number, 36)
        letters = _DIGITS[digit] + letters
    prefix = _PREFIX if int(user_id) % 3 else _PREFIX.upper()
    return prefix + letters


def resolve(username: str) -> str | None:
    """The id behind a handle, or None where nobody can have it."""
    sought = username.lower()
    named = next((n for n in people.NAMED if people.NAMED[n].username.lower() == sought), None)
    if named is not None:
        return str(named)
    digits = sought.removeprefix(_PREFIX)
    if digits == sought or not digits or "_" in digits:
        return None
    number = str(int(digits, 36))
    known = canonical(number) is not None and handle(number).lower() == sought
    return number if known else None


def canonical(user_id: str) -> int | None:
    """An id as a number; None where it is none, or is not written as X writes it."""
    number = int(user_id) if user_id.isdecimal() and user_id.isascii() else 0
    return number if 0 < number < _ID_LIMIT and str(number) == user_id else None
