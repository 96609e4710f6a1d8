"""The sandbox's idea of the time: real, or set by a test."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """A clock that runs at the pace of real time from any start, or stands still until it is moved.

    Args:
        start: The first reading, with a time zone; real time when omitted.
        ticking: Whether time passes by itself. A clock that stands still makes tests exact, but a
            client that waits for a rate limit window in real time then waits in vain.
    """

    def __init__(self, start: datetime | None = None, *, ticking: bool = True) -> None:
        self._start = start
        self._ticking = ticking
        self.reset()

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    def timestamp(self) -> float:
        """The present moment as seconds since 1970."""
        elapsed = time.monotonic() - self._read_at if self._ticking else 0.0
        return self._reading + elapsed

    def advance(self, seconds: float) -> None:
        """Move the clock by a number of seconds.

        Raises:
            OverflowError: If the clock would leave the years that can be told.
        """
        self.set(self.now() + timedelta(seconds=seconds))

    def set(self, moment: datetime) -> None:
        """Move the clock to a moment.

        Raises:
            ValueError: If the moment has no time zone.
        """
        if moment.tzinfo is None:
            msg = f"The moment {moment.isoformat()} has no time zone: add one, such as +00:00"
            raise ValueError(msg)
        self._reading = moment.timestamp()
        self._read_at = time.monotonic()

    def reset(self) -> None:
        """Go back to the first reading."""
        self.set(self._start or datetime.now(UTC))
