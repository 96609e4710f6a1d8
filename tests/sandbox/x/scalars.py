"""Parameters that take one value: numbers and times."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sandbox.x.parameters import Parameter

if TYPE_CHECKING:
    from collections.abc import Iterator

_TIME: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z"
# https://docs.x.com/x-api/posts/timelines/integrate
_EARLIEST: Final = datetime(2010, 11, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Single(Parameter):
    """One value; a comma in it is a part of it."""

    def read(self, text: str | None) -> list[str]:
        """The value, or none."""
        return [] if text is None else [text]


@dataclass(frozen=True)
class Integer(Single):
    """A whole number.

    Attributes:
        lowest: The least that is allowed.
        highest: The most.
    """

    lowest: int = 1
    highest: int = 100

    def complaints(self, values: list[str]) -> Iterator[str]:
        """What X says against the number."""
        (text,) = values
        number = int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else None
        if number is None or not self.lowest <= number <= self.highest:
            yield (
                f"The `{self.name}` query parameter value [{text}] is not between "
                f"{self.lowest} and {self.highest}"
            )


@dataclass(frozen=True)
class Choice(Single):
    """One of a few words."""


@dataclass(frozen=True)
class Moment(Single):
    """A time in UTC, not before the first whose posts can be read."""

    def complaints(self, values: list[str]) -> Iterator[str]:
        """What X says against the time."""
        (text,) = values
        about = f"The `{self.name}` query parameter value [{text}]"
        moment = moment_of(text)
        if moment is None:
            yield f"{about} is not a valid RFC3339 date-time in UTC"
        elif moment < _EARLIEST:
            yield f"{about} is before {_EARLIEST:%Y-%m-%dT%H:%M:%SZ}"


def moment_of(text: str) -> datetime | None:
    """A time as it is written in a parameter; None where it is none."""
    if not re.fullmatch(_TIME, text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
