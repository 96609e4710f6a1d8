"""How progress is shown: a live bar on a terminal, a line every 30 seconds elsewhere."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from rich.console import Console

    from dataset_store.progress.task import Task

FIRST_LINE_SECONDS: Final = 10
"""Shorter work has no line."""

LINE_SECONDS: Final = 30


class Display(AbstractContextManager[None], Protocol):
    """Shows progress while the block lasts."""

    def show(self, task: Task, now: datetime) -> None:
        """Show the progress of a task."""


class Lines(AbstractContextManager[None]):
    """Progress as lines: the first after 10 seconds, then one every 30 seconds.

    Args:
        tell: Receives a line.
        start: The time now.
    """

    def __init__(self, tell: Callable[[str], None], start: datetime) -> None:
        self._tell = tell
        self._due = start + timedelta(seconds=FIRST_LINE_SECONDS)

    def __exit__(self, *_: object) -> None:
        """Do nothing: what was done has its own line at the end."""

    def show(self, task: Task, now: datetime) -> None:
        """Tell a line if one is due."""
        if now >= self._due:
            self._tell(f"Progress of '{task.name}': {task.text(now)}.")
            self._due = now + timedelta(seconds=LINE_SECONDS)


def display(
    tell: Callable[[str], None],
    start: datetime,
    console: Console | None = None,
    *,
    may_draw: bool = True,
) -> Display:
    """A bar where the standard error is a terminal; lines elsewhere.

    Args:
        tell: Receives lines.
        start: The time now.
        console: The terminal for the bar; None is the standard error.
        may_draw: Whether a bar would be alone on its terminal.
    """
    bar = _bar(console) if may_draw and (console or sys.stderr.isatty()) else None
    return bar or Lines(tell, start)


def _bar(console: Console | None) -> Display | None:
    """The bar for a terminal; None if it cannot show one."""
    from dataset_store.progress.bar import Bar, terminal  # noqa: PLC0415 - lines need none

    console = console or terminal()
    return Bar(console) if console.is_terminal and not console.is_dumb_terminal else None
