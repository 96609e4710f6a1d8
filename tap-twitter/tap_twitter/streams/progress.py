"""The progress of a run: a live bar on a terminal, periodic lines in a log."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tap_twitter.streams.progress_lines import Display, Lines, StreamProgress

if TYPE_CHECKING:
    import logging
    from contextlib import AbstractContextManager

    from rich.console import Console

    from tap_twitter.clock import Clock


class ProgressReport:
    """The progress of a run, stream by stream.

    Args:
        clock: Tells the time.
        logger: Receives lines if no bar is shown.
        console: The terminal for a bar; none is shown if it is not a terminal.
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
        """Show the progress while the block lasts."""
        return self._display

    def begin(self, name: str, total: int | None, unit: str) -> None:
        """Announce the work of a stream; a further part of it adds to the total.

        Args:
            name: The stream's.
            total: The amount of work; None if it is not known beforehand.
            unit: The unit of the total.
        """
        stream = self._of(name)
        stream.unit = unit
        if total is not None:
            stream.total = (stream.total or 0) + total

    def answered(self, name: str, objects: int) -> None:
        """Count a response of X and the objects in it."""
        stream = self._of(name)
        stream.requests += 1
        stream.objects += objects
        self._display.show(stream, self._clock.now())

    def done(self, name: str, count: int) -> None:
        """Count the finished part of a stream's total."""
        stream, now = self._of(name), self._clock.now()
        stream.advance(count, now)
        self._display.show(stream, now)

    def _of(self, name: str) -> StreamProgress:
        return self._streams.setdefault(name, StreamProgress(name, self._clock.now()))


def _bar(console: Console | None) -> Display | None:
    """The bar for a terminal; None if it cannot show one."""
    from tap_twitter.streams.progress_bar import Bar, terminal  # noqa: PLC0415 - logs need none

    console = console or terminal()
    return Bar(console) if console.is_terminal and not console.is_dumb_terminal else None
