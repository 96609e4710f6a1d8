"""How far a run has come: a live bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import logging
import sys
from collections import deque
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn
from rich.progress import Progress as RichBar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

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


class Bar(AbstractContextManager[None]):
    """Progress as a live bar at the end of the terminal, which is gone afterwards.

    Log lines go above it.
    """

    def __init__(self, console: Console) -> None:
        self._bar = RichBar(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[standing]}"),
            console=console,
            transient=True,
            redirect_stdout=False,
        )
        self._task: TaskID | None = None
        self._name = ""
        self._stack = ExitStack()

    def __enter__(self) -> None:
        """Begin to show."""
        self._stack.enter_context(self._bar)
        self._stack.enter_context(_logging_to_stderr())

    def __exit__(self, *_: object) -> None:
        """Clear the bar away."""
        self._stack.close()

    def show(self, stream: StreamProgress, now: datetime) -> None:
        """Move the bar; each stream has its own, and the last one is seen."""
        if self._task is None or self._name != stream.name:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task = self._bar.add_task(stream.name, total=stream.total, standing="")
            self._name = stream.name
        self._bar.update(self._task, completed=stream.done, standing=stream.text(now))


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
        console = console or Console(stderr=True)
        piped = not sys.stdout.isatty() if is_piped is None else is_piped
        has_bar = console.is_terminal and not console.is_dumb_terminal and piped
        self._display: Display = Bar(console) if has_bar else Lines(logger, clock.now())
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


@contextmanager
def _logging_to_stderr() -> Iterator[None]:
    """Let handlers that write to the terminal write through what keeps lines above the bar."""
    handlers = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler) and handler.stream is sys.__stderr__
    ]
    for handler in handlers:
        handler.setStream(sys.stderr)
    try:
        yield
    finally:
        for handler in handlers:
            handler.setStream(sys.__stderr__)
