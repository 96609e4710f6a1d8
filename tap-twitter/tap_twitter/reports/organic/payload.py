"""Columns of Fivetran's types, and where X's answers have their values."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.dates import moment_of, stamp
from tap_twitter.objects.fields import (
    BOOLEAN,
    INTEGER,
    MOMENT,
    STRING,
    Column,
    ValueType,
    objects,
)
from tap_twitter.values import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WHOLE: Final = re.compile(r"-?[0-9]{1,19}", re.ASCII)
LONGS: Final = range(-(2**63), 2**63)


def _long(value: Any) -> int | None:
    """A 64-bit integer; X gives ids as numbers and as text."""
    digits = text(value)
    if not (digits and WHOLE.fullmatch(digits)):
        return None
    number = int(digits)
    return number if number in LONGS else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _string(value: Any) -> str | None:
    """Text; ids may be numbers, and X has sent truth values where Fivetran has text."""
    return str(value).lower() if isinstance(value, bool) else text(value)


def _instant(value: Any) -> str | None:
    """A moment in UTC, from ISO 8601 or from the words of API 1.1 (`Mon May 13 … +0000 2024`)."""
    if not isinstance(value, str):
        return None
    try:
        moment = moment_of(value) or parsedate_to_datetime(value)
        return stamp(moment)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def _json(value: Any) -> str | None:
    """A list or object as JSON text without blanks, as Fivetran stores it."""
    if not isinstance(value, list | dict):
        return None
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


TEXT: Final = ValueType(STRING, _string)
LONG: Final = ValueType(INTEGER, _long)
FLAG: Final = ValueType(BOOLEAN, _boolean)
INSTANT: Final = ValueType(MOMENT, _instant)
JSON: Final = ValueType(STRING, _json)


@dataclass(frozen=True)
class PayloadColumn(Column):
    """A column with a value of X's answer.

    Attributes:
        source: Where it stands: a dotted path, in which numbers are places in lists. Of several,
            parted by `|`, the first with a value counts. Empty: the column's name.
    """

    source: str = ""

    @cached_property
    def paths(self) -> list[list[str]]:
        """The places to look at, in this order."""
        return [each.split(".") for each in (self.source or self.name).split("|")]

    def value(self, payload: Mapping[str, Any]) -> Any:
        """What the column holds of an object in X's answer."""
        found = (self.type.read(part_at(payload, path)) for path in self.paths)
        return next((each for each in found if each is not None), None)


def part_at(payload: Any, path: list[str]) -> Any:
    """What stands at a path; None if nothing does."""
    for step in path:
        if isinstance(payload, list) and step.isdecimal():
            payload = payload[int(step)] if int(step) < len(payload) else None
        elif isinstance(payload, dict):
            payload = payload.get(step)
        else:
            return None
    return payload


def parts_at(payload: Any, path: str) -> Iterator[dict[str, Any]]:
    """The objects in the list at a dotted path; a single object counts as a list of one."""
    return objects(part_at(payload, path.split(".")))
