"""How far a piece of work is, and how long the rest takes."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

PACE_SECONDS: Final = 1800
"""The pace is measured over two of X's windows: within one, bursts and waits distort it."""

SAMPLE_SECONDS: Final = 5


@dataclass
class Task:
    """The progress of a piece of work.

    Attributes:
        name: What is done, such as the name of a stream.
        begun: When it started.
        total: The amount of work, if it is known beforehand.
        unit: The unit of the total.
        done: The finished part of the total.
        note: What else there is to say, such as the number of requests.
    """

    name: str
    begun: datetime
    total: int | None = None
    unit: str = "rows"
    done: int = 0
    note: str = ""
    _samples: deque[tuple[datetime, int]] = field(default_factory=deque)

    def advance(self, count: int, now: datetime) -> None:
        """Count finished work, and keep its times as far back as the pace is measured."""
        if not self._samples:
            self._samples.append((self.begun, 0))
        self.done += count
        if (now - self._samples[-1][0]).total_seconds() >= SAMPLE_SECONDS:
            self._samples.append((now, self.done))
        while len(self._samples) > 1 and (now - self._samples[1][0]).total_seconds() > PACE_SECONDS:
            self._samples.popleft()

    def left(self, now: datetime) -> timedelta | None:
        """The time that the rest takes at the recent pace; None if that cannot be estimated."""
        if self.total is None or not self._samples:
            return None
        since, before = self._samples[0]
        seconds = (now - since).total_seconds()
        if seconds <= 0 or self.done <= before:
            return None
        rest = (self.total - self.done) * seconds / (self.done - before)
        return timedelta(seconds=ceil(max(rest, 0)))

    def text(self, now: datetime) -> str:
        """The progress in words."""
        parts = [self._count(), self.note]
        left = self.left(now)
        if left:
            parts.append(f"about {left} left")
        elif not self.total or self.done >= self.total:  # what is not counted may follow
            parts.append(f"{timedelta(seconds=round((now - self.begun).total_seconds()))} so far")
        return ", ".join(filter(None, parts))

    def _count(self) -> str:
        if self.total:
            total = max(self.total, self.done)  # some totals are estimates
            return f"{self.done:,} of {total:,} {self.unit} ({self.done / total:.0%})"
        return f"{self.done:,} {self.unit}" if self.done else ""
