"""Bodies of X's responses as JSON, in spite of single unreadable values.

X charges for a response, and a response of a hundred objects is worth reading although one of their
texts has a broken character. RFC 8259 calls half a surrogate pair grammatical (section 8.2).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final

import msgspec

from tap_twitter.values import id_number

MAX_INTEGER_DIGITS: Final = 40
"""No number of X has more; Python refuses to print integers of thousands of digits."""

MAX_LISTED: Final = 10
"""How many flaws of one response are listed."""

FIELD_NAME: Final = re.compile(r"[a-z][a-z_]{0,39}")
HOLDS_OBJECTS: Final = re.compile(rb'"data"\s*:\s*(?:\[\s*)?\{\s*"')
NO_SCALAR: Final = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair, or a byte that is not UTF-8 (PEP 383)."""

_decode: Final = msgspec.json.Decoder().decode
_UNREADABLE: Final = object()
"""Stands for a number that is invalid or too large."""


@dataclass(slots=True)
class Body:
    """The body of a response.

    Attributes:
        value: Its JSON; None if it is not JSON.
        flaws: What was replaced: fields, with the ids of their objects.
        is_paid: Whether it is complete and holds objects, but is not readable.
    """

    value: Any = None
    flaws: list[str] = field(default_factory=list)
    is_paid: bool = False

    @property
    def flaws_text(self) -> str:
        """The flaws for a log line."""
        listed = ", ".join(self.flaws[:MAX_LISTED])
        more = len(self.flaws) - MAX_LISTED
        return f"{listed} and {more} more" if more > 0 else listed


def read_body(content: bytes) -> Body:
    """Read a body, with replacements for invalid texts and numbers."""
    try:
        return Body(_decode(content))
    except (ValueError, RecursionError):
        return _read_leniently(content)


def _read_leniently(content: bytes) -> Body:
    text = content.decode("utf-8-sig", "surrogateescape").strip()
    try:
        value, end = _DECODER.raw_decode(text)
        body = Body()
        body.value = _cleaned(value, "", "", body.flaws)
        if end < len(text):
            body.flaws.append("data after its end")
    except json.JSONDecodeError as error:
        is_complete = error.pos < len(text) and text.endswith("}")
        return Body(is_paid=is_complete and HOLDS_OBJECTS.search(content) is not None)
    except (ValueError, RecursionError):
        return Body()
    return body


def _cleaned(value: Any, name: str, owner: str, flaws: list[str]) -> Any:
    """A JSON value with replacements.

    Args:
        value: The value.
        name: The field that holds it.
        owner: The id of the object that has the field.
        flaws: Receives what was replaced.
    """
    if isinstance(value, dict):
        found = id_number(value.get("id"))
        owner = owner if found is None else str(found)
        return {
            _cleaned(key, name, owner, flaws): _cleaned(each, key, owner, flaws)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_cleaned(each, name, owner, flaws) for each in value]
    readable = NO_SCALAR.sub("\ufffd", value) if isinstance(value, str) else value
    readable = None if value is _UNREADABLE else readable
    if readable != value:
        flaws.append(_place(name, owner))
    return readable


def _place(name: str, owner: str) -> str:
    """A field of an object, without its value; undocumented names are not shown."""
    what = f"'{name}'" if FIELD_NAME.fullmatch(name) else "a field"
    return f"{what} of {owner}" if owner else what


def _real(text: str) -> Any:
    number = float(text)
    return number if isfinite(number) else _UNREADABLE


def _integer(text: str) -> Any:
    return int(text) if len(text) <= MAX_INTEGER_DIGITS else _UNREADABLE


_DECODER: Final = json.JSONDecoder(
    strict=False, parse_float=_real, parse_int=_integer, parse_constant=lambda _: _UNREADABLE
)
