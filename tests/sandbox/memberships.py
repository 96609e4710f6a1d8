"""Who is in which circle now: those who are drawn, and what whoever steers the sandbox makes of it."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from sandbox import moments
from sandbox.circles import Member, key_at
from sandbox.pace import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.circles import Circle
    from sandbox.clock import Clock


class Memberships:
    """The circles of one world.

    Args:
        clock: Tells the time; circles change with it.
        at: Gives the id of a number of the sample.
        is_seen: Whether an account is shown: those that are suspended or gone are not.
    """

    def __init__(
        self, clock: Clock, at: Callable[[int], str], is_seen: Callable[[str], bool]
    ) -> None:
        self._clock = clock
        self._at = at
        self._is_seen = is_seen
        self.reset()

    def reset(self) -> None:
        """Take back everything that was steered."""
        self._steered: dict[str, dict[str, Member | None]] = {}

    def of(self, circle: Circle) -> Iterator[Member]:
        """The members that X shows, the latest first."""
        return (member for member in self._all(circle) if self._is_seen(member.user_id))

    def count(self, circle: Circle) -> int:
        """How many members there are, also those that are not shown."""
        return sum(1 for _ in self._all(circle))

    def is_steered(self, key: str) -> bool:
        """Whether somebody changed the circle of a key."""
        return key in self._steered

    def join(self, circle: Circle, user_id: str) -> None:
        """Make an account the latest member now; where it is one already, nothing changes."""
        if any(member.user_id == user_id for member in self._all(circle)):
            return
        newest = next(self._all(circle), Member(0, ""))
        key = max(key_at(self._now_ms(), moments.salt(user_id)), newest.key + 1)
        self._steered.setdefault(circle.key, {})[user_id] = Member(key, user_id)

    def leave(self, circle: Circle, user_id: str) -> None:
        """Take an account out now."""
        self._steered.setdefault(circle.key, {})[user_id] = None

    def _all(self, circle: Circle) -> Iterator[Member]:
        steered = self._steered.get(circle.key, {})
        drawn = circle.members(self._now_ms(), self._at)
        others = (member for member in drawn if member.user_id not in steered)
        joined = sorted((m for m in steered.values() if m is not None), reverse=True)
        return heapq.merge(others, joined, reverse=True)

    def _now_ms(self) -> int:
        return milliseconds(self._clock.now())
