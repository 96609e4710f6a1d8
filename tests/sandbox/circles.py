"""Circles of accounts that grow and change with the days: followers, followed accounts, members of a list.

A circle is a row of places that are taken one after the other at a steady pace. Who took every twentieth
place leaves it after 90 days to somebody else, so that the circle keeps its size while its members
change. Everything follows from the circle's key and the time; nothing is stored.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from sandbox import moments
from sandbox.pace import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_SIZE: Final = 160_000
LEAVES_AFTER_DAYS: Final = 90
_LEAVING: Final = 20
_LEAVING_PLACE: Final = 7
# numbers of the sample: first ones of a place below 2**20, later ones above it, all below 2**22
_FIRST: Final = 2**20
_LATER: Final = 2**21
_CHANGES: Final = 256
# the lower bits of a key tell those of one millisecond apart: the place, and whether somebody had left it
_KEY_SHIFT: Final = 19
_LEFT_BEFORE: Final = 2**18


class Member(NamedTuple):
    """An account in a circle.

    Attributes:
        key: Where it stands: a greater one has joined later. At most 63 bits.
        user_id: Its id.
    """

    key: int
    user_id: str


@dataclass(frozen=True, slots=True)
class Circle:
    """The places of a circle.

    Attributes:
        key: What its members derive from.
        since_ms: When it began, in milliseconds since 1970.
        per_day: Places that are taken a day.
        max_size: The most places.
    """

    key: str
    since_ms: int
    per_day: float
    max_size: int = MAX_SIZE

    def size(self, now_ms: int) -> int:
        """How many places are taken."""
        return min(self.max_size, max(0, int(self.per_day * (now_ms - self.since_ms) / DAY_MS)))

    def members(self, now_ms: int, at: Callable[[int], str]) -> Iterator[Member]:
        """Who is in it, the latest first.

        Args:
            now_ms: When, in milliseconds since 1970.
            at: Gives the id of a number of the sample.
        """
        joined = heapq.merge(
            self._first(now_ms), sorted(self._later(now_ms), reverse=True), reverse=True
        )
        for key, number in joined:
            yield Member(key, at(number))

    def _first(self, now_ms: int) -> Iterator[tuple[int, int]]:
        """Keys and numbers of those who are the first at their places."""
        for place in range(self.size(now_ms) - 1, -1, -1):
            if not self._changes(place, now_ms):
                yield key_at(self._taken_ms(place), place), 1 + self._scattered(place, _FIRST)

    def _later(self, now_ms: int) -> Iterator[tuple[int, int]]:
        """Those of whoever took a place that somebody had left."""
        for place in range(_LEAVING_PLACE, self.size(now_ms), _LEAVING):
            if changes := self._changes(place, now_ms):
                taken_ms = self._taken_ms(place) + changes * LEAVES_AFTER_DAYS * DAY_MS
                turn = place // _LEAVING * _CHANGES + changes
                key = key_at(taken_ms, place | _LEFT_BEFORE)
                yield key, 1 + _FIRST + self._scattered(turn, _LATER)

    def _taken_ms(self, place: int) -> int:
        return self.since_ms + int((place + 1) / self.per_day * DAY_MS)

    def _changes(self, place: int, now_ms: int) -> int:
        """How often somebody has left a place until now."""
        if place % _LEAVING != _LEAVING_PLACE:
            return 0
        age_days = (now_ms - self._taken_ms(place)) // DAY_MS
        return min(_CHANGES - 1, int(age_days // LEAVES_AFTER_DAYS))

    def _scattered(self, number: int, among: int) -> int:
        """Another number for each, below a power of two, in an order of this circle alone."""
        odd = moments.salt(self.key) | 1
        return (number * odd + moments.salt(f"{self.key}:offset")) % among


def key_at(ms: int, number: int) -> int:
    """The key of whoever joins at a moment; the number, below 2**19, tells those of one moment apart."""
    return max(0, ms - moments.EPOCH_MS) << _KEY_SHIFT | number % 2**_KEY_SHIFT
