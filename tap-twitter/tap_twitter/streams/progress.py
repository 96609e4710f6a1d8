"""How far a run has come: a live bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
from collections import deque
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import logging
    from datetime import datetime

    from rich.console import Console

    from tap_twitter.clock import Clock

FIRST_LINE_SECONDS: Final = 10
"""A run that is shorter needs no word about its progress."""

LINE_SECONDS: Final = 30

PACE_SECONDS: Final = 1800
"""The pace is taken over two of X's windows: within one, bursts and waits tell too little."""

SAMPLE_SECONDS: Final = 5


@dataclass
class StreamProgress:
    """How far one stream has come.

    Attributes:
        name: The stream's.
        begun: When it began.
        total: What there is to do, where that is known beforehand.
        unit: What is counted in the total.
        done: How much of the total is finished.
        requests: Answers of X so far.
        objects: What they held.
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
        """Count what is finished, and remember when, as far back as the pace is taken."""
        if not self._samples:
            self._samples.append((self.begun, 0))
        self.done += count
        if (now - self._samples[-1][0]).total_seconds() >= SAMPLE_SECONDS:
            self._samples.append((now, self.done))
        while len(self._samples) > 1 and (now - self._samples[1][0]).total_seconds() > PACE_SECONDS:
            self._samples.popleft()

    def left(self, now: datetime) -> timedelta | None:
        """The time that the rest takes at the pace of late; None where that cannot be told."""
        if self.total is None or not self._samples:
            return None
        since, before = self._samples[0]
        seconds = (now - since).total_seconds()
        if seconds <= 0 or self.done <= before:
            return None
        rest = (self.total - self.done) * seconds / (self.done - before)
        return timedelta(seconds=round(max(rest, 0)))

    def text(self, now: datetime) -> str:
        """Where the stream stands, in words."""
        asked = f"{self.requests:,} requests"
        if not self.total:
            return f"{asked}, {self.objects:,} {self.unit}"
        share = (
            f"{self.done:,} of {self.total:,} {self.unit} ({self.done / self.total:.0%}), {asked}"
        )
        left = self.left(now)
        return share if left is None else f"{share}, about {left} left"


class Display(AbstractContextManager[None], Protocol):
    """Shows progress as long as the block lasts."""

    def show(self, stream: StreamProgress, now: datetime) -> None:
        """Show where a stream stands."""


class Lines(AbstractContextManager[None]):
    """Progress as lines of a log: the first after 10 seconds, then one every 30 seconds.

    None comes while the tap waits for X: what it waits for, and until when, has a line of its own.
    """

    def __init__(self, logger: logging.Logger, start: datetime) -> None:
        self._logger = logger
        self._due = start + timedelta(seconds=FIRST_LINE_SECONDS)

    def __exit__(self, *_: object) -> None:
        """Nothing is left to be told: the bill comes at the end."""

    def show(self, stream: StreamProgress, now: datetime) -> None:
        """Log a line where one is due."""
        if now >= self._due:
            self._logger.info("Progress of '%s': %s.", stream.name, stream.text(now))
            self._due = now + timedelta(seconds=LINE_SECONDS)


class ProgressReport:
    """The progress of a run, stream by stream.

    Args:
        clock: Tells the time.
        logger: Gets lines where no bar is shown.
        console: Where a bar would stand; none is shown where it is not a terminal.
        is_piped: Whether the messages go elsewhere; on the same terminal they would tear the bar.
    """

    def __init__(
        self,
        clock: Clock,
        logger: logging.Logger,
        console: Console | None = None,
        *,
        is_piped: bool | None = None,
    ) -> None:
        self._clock = clock
        piped = not sys.stdout.isatty() if is_piped is None else is_piped
        bar = _bar(console) if piped and (console or sys.stderr.isatty()) else None
        self._display: Display = bar or Lines(logger, clock.now())
        self._streams: dict[str, StreamProgress] = {}

    def shown(self) -> AbstractContextManager[None]:
        """Show the progress as long as the block lasts."""
        return self._display

    def begin(self, name: str, total: int | None, unit: str) -> None:
        """Tell what a stream is going to do; a further part of it adds to the total.

        Args:
            name: The stream's.
            total: How much there is to do; None where that is not known beforehand.
            unit: What is counted.
        """
        stream = self._of(name)
        stream.unit = unit
        if total is not None:
            stream.total = (stream.total or 0) + total

    def answered(self, name: str, objects: int) -> None:
        """Count an answer of X and the objects in it."""
        stream = self._of(name)
        stream.requests += 1
        stream.objects += objects
        self._display.show(stream, self._clock.now())

    def done(self, name: str, count: int) -> None:
        """Count what is finished of a stream's total."""
        stream, now = self._of(name), self._clock.now()
        stream.advance(count, now)
        self._display.show(stream, now)

    def _of(self, name: str) -> StreamProgress:
        return self._streams.setdefault(name, StreamProgress(name, self._clock.now()))


def _bar(console: Console | None) -> Display | None:
    """The bar for a terminal; None where that can show none."""
    from tap_twitter.streams.progress_bar import Bar, terminal  # noqa: PLC0415 - logs need none

    console = console or terminal()
    return Bar(console) if console.is_terminal and not console.is_dumb_terminal else None
