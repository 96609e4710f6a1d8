"""The progress of a run, stream by stream."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Final

from dataset_store.progress import Task, display

if TYPE_CHECKING:
    import logging
    from contextlib import AbstractContextManager

    from rich.console import Console

    from tap_twitter.clock import Clock


PLANNED_REQUESTS: Final = "planned requests"
"""The unit of work that is counted in requests; X may be asked more often, in smaller ones."""


class ProgressReport:
    """The progress of a run, stream by stream.

    None is shown while the tap waits for X: the reason and end of a wait have their own line.

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
        self._display = display(logger.info, clock.now(), console, may_draw=piped)
        self._tasks: dict[str, Task] = {}
        self._requests: Counter[str] = Counter()
        self._objects: Counter[str] = Counter()

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
        task = self._of(name)
        task.unit = unit
        if total is not None:
            task.total = (task.total or 0) + total

    def answered(self, name: str, objects: int) -> None:
        """Count a response of X and the objects in it."""
        self._requests[name] += 1
        self._objects[name] += objects
        self._show(name)

    def done(self, name: str, count: int) -> None:
        """Count the finished part of a stream's total."""
        self._of(name).advance(count, self._clock.now())
        self._show(name)

    def _show(self, name: str) -> None:
        task, requests, objects = self._of(name), self._requests[name], self._objects[name]
        task.note = f"{requests:,} request{'' if requests == 1 else 's'}, {objects:,} objects"
        self._display.show(task, self._clock.now())

    def _of(self, name: str) -> Task:
        return self._tasks.setdefault(name, Task(name, self._clock.now()))
