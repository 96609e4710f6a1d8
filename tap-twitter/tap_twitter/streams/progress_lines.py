"""The progress of one stream, and its periodic line in a log."""

from __future__ import annotations

from collections import deque
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import logging
    from datetime import datetime

FIRST_LINE_SECONDS: Final = 10
"""A shorter run logs no progress."""

LINE_SECONDS: Final = 30

PACE_SECONDS: Final = 1800
"""The pace is measured over two of X's windows: within one, bursts and waits distort it."""

SAMPLE_SECONDS: Final = 5


@dataclass
class StreamProgress:
    """The progress of one stream.

    Attributes:
        name: The stream's.
        begun: When it started.
        total: The amount of work, if it is known beforehand.
        unit: The unit of the total.
        done: The finished part of the total.
        requests: Responses of X so far.
        objects: The number of objects in them.
    """

    name: str
    begun: datetime
    total: int | None = None
    unit: str = "objects"
    done: int = 0
    requests: int = 0
    objects: int = 0
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
        return timedelta(seconds=round(max(rest, 0)))

    def text(self, now: datetime) -> str:
        """The progress in words."""
        asked = f"{self.requests:,} requests"
        if not self.total:
            return f"{asked}, {self.objects:,} {self.unit}"
        share = (
            f"{self.done:,} of {self.total:,} {self.unit} ({self.done / self.total:.0%}), {asked}"
        )
        left = self.left(now)
        return share if left is None else f"{share}, about {left} left"


class Display(AbstractContextManager[None], Protocol):
    """Shows progress while the block lasts."""

    def show(self, stream: StreamProgress, now: datetime) -> None:
        """Show the progress of a stream."""


class Lines(AbstractContextManager[None]):
    """Progress as lines of a log: the first after 10 seconds, then one every 30 seconds.

    None appears while the tap waits for X: the reason and end of a wait have their own line.
    """

    def __init__(self, logger: logging.Logger, start: datetime) -> None:
        self._logger = logger
        self._due = start + timedelta(seconds=FIRST_LINE_SECONDS)

    def __exit__(self, *_: object) -> None:
        """Do nothing: the bill follows at the end."""

    def show(self, stream: StreamProgress, now: datetime) -> None:
        """Log a line if one is due."""
        if now >= self._due:
            self._logger.info("Progress of '%s': %s.", stream.name, stream.text(now))
            self._due = now + timedelta(seconds=LINE_SECONDS)
