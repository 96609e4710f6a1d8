"""One piece of work whose progress is shown while a block lasts."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from dataset_store.progress.displays import display
from dataset_store.progress.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa
    from rich.console import Console

    from dataset_store.progress.displays import Display

TICK_SECONDS: Final = 1.0
"""How often progress is looked at, also of work that does not report any."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Tracker:
    """Counts finished work; safe to call from any thread.

    Args:
        task: What is tracked.
        shown: Shows it.
        now: Returns the time.
    """

    def __init__(self, task: Task, shown: Display, now: Callable[[], datetime] = _utc_now) -> None:
        self._task = task
        self._display = shown
        self._now = now
        self._lock = threading.Lock()

    def expect(self, count: int, unit: str) -> None:
        """Announce work whose amount is known by now; a further part of it adds to the total."""
        with self._lock:
            self._task.total = (self._task.total or 0) + count
            self._task.unit = unit

    def advance(self, count: int) -> None:
        """Count finished work."""
        with self._lock:
            self._task.advance(count, self._now())
            self._display.show(self._task, self._now())

    def tick(self) -> None:
        """Show that the work goes on."""
        with self._lock:
            self._display.show(self._task, self._now())

    def note(self, text: str) -> None:
        """What else there is to say of the work."""
        self._task.note = text

    def rows(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Pass batches through; the work is their rows."""
        for batch in batches:
            yield batch
            self.advance(batch.num_rows)

    def blocks(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Pass batches through; the work is their number, and their rows are a note."""
        rows = 0
        for batch in batches:
            yield batch
            rows += batch.num_rows
            self.note(f"{rows:,} rows")
            self.advance(1)


class _Unshown(AbstractContextManager[None]):
    """A display of nothing."""

    def __exit__(self, *_: object) -> None:
        """Do nothing."""

    def show(self, task: Task, now: datetime) -> None:
        """Do nothing."""


def untracked() -> Tracker:
    """A tracker that shows nothing, for work that nobody watches."""
    return Tracker(Task("", _utc_now()), _Unshown())


@contextmanager
def tracked(  # noqa: PLR0913 - each has its default
    name: str,
    tell: Callable[[str], None],
    total: int | None = None,
    unit: str = "rows",
    *,
    console: Console | None = None,
    may_draw: bool = True,
    ticks: bool = True,
    now: Callable[[], datetime] = _utc_now,
) -> Iterator[Tracker]:
    """Show the progress of the block.

    Args:
        name: What is done.
        tell: Receives lines where there is no terminal.
        total: The amount of work, if it is known beforehand.
        unit: The unit of the total.
        console: The terminal for the bar; None is the standard error.
        may_draw: Whether a bar would be alone on its terminal.
        ticks: Whether it is also shown while no work is reported, by a thread.
        now: Returns the time.
    """
    shown = display(tell, now(), console, may_draw=may_draw)
    tracker = Tracker(Task(name, now(), total, unit), shown, now)
    is_over = threading.Event()

    def tick() -> None:
        while not is_over.wait(TICK_SECONDS):
            tracker.tick()

    ticker = threading.Thread(target=tick, name="progress", daemon=True)
    with shown:
        if ticks:
            ticker.start()
        try:
            yield tracker
        finally:
            is_over.set()
            if ticks:
                ticker.join()
