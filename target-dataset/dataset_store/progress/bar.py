"""The live bar on a terminal; a separate module, because its library is slow to import."""

from __future__ import annotations

import logging
import sys
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn
from rich.progress import Progress as RichBar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from dataset_store.progress.task import Task


class Bar(AbstractContextManager[None]):
    """Progress as a live bar at the bottom of the terminal, removed at the end.

    Log lines appear above it.
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
        """Start showing."""
        self._stack.enter_context(self._bar)
        self._stack.enter_context(_logging_to_stderr())

    def __exit__(self, *_: object) -> None:
        """Remove the bar."""
        self._stack.close()

    def show(self, task: Task, now: datetime) -> None:
        """Update the bar; each task has its own, and the latest one is visible."""
        if self._task is None or self._name != task.name:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task = self._bar.add_task(task.name, total=task.total, standing="")
            self._name = task.name
        self._bar.update(self._task, completed=task.done, total=task.total, standing=task.text(now))


def terminal() -> Console:
    """The console of the bar: stdout is reserved for the messages."""
    return Console(stderr=True)


@contextmanager
def _logging_to_stderr() -> Iterator[None]:
    """Let handlers that write to the terminal use the console, which keeps lines above the bar."""
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
