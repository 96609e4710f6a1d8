"""How often something happens: at a steady rate, at moments that nobody can guess, the same for a seed.

What happens on a day is worked out from the day alone, so that years of it need no memory.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

DAY_MS: Final = 86_400_000
# what is changed within half an hour still belongs to the same day
_QUIET_MS: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens.

    Attributes:
        ms: When, in milliseconds since 1970.
        draw: Bytes to decide by what it is.
    """

    ms: int
    draw: bytes

    def share(self, index: int) -> float:
        """A number from 0 to 1 (excluded), drawn by four of the bytes from 0 to 31."""
        return fraction(self.draw[4 * index : 4 * index + 4])


class Pace:
    """A rhythm.

    Args:
        key: What it derives from.
        per_day: How often a day, on average; any part of 1 or more than that.
    """

    def __init__(self, key: str, per_day: float) -> None:
        self._key = key
        self._per_day = per_day
        self._phase = fraction(_digest(key)[:4])

    @property
    def is_still(self) -> bool:
        """Whether nothing ever happens."""
        return not self._per_day

    def on(self, day: int) -> tuple[Happening, ...]:
        """What happens on a day, counted from 1970; oldest first."""
        before = int(self._per_day * day + self._phase)
        count = int(self._per_day * (day + 1) + self._phase) - before
        if not count:
            return ()
        happenings = []
        for number in range(count):
            draw = _digest(f"{self._key}:{day}:{number}")
            offset = (number + fraction(draw[28:32])) / count * (DAY_MS - _QUIET_MS)
            happenings.append(Happening(day * DAY_MS + int(offset), draw))
        return tuple(happenings)


def fraction(draw: bytes) -> float:
    """Bytes as a number from 0 to 1 (excluded)."""
    return float(int.from_bytes(draw, "big") / 256 ** len(draw))


def milliseconds(moment: datetime) -> int:
    """A moment in milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def day_of(ms: int) -> int:
    """The UTC day of a moment, counted from 1970."""
    return ms // DAY_MS


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=32).digest()
