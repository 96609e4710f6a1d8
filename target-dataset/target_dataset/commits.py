"""Commits in a background thread, while the next records are decoded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    Step = Callable[[], None]


class Commits:
    """Runs the steps of commits in one thread, one after another.

    A commit starts only after the previous one has ended. So at most two batches are in memory: the
    one being written, and the one being read.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "commit")
        self._steps: list[Step] = []
        self._running: Future[None] | None = None

    def add(self, step: Step) -> None:
        """Add a step at the end of the next commit."""
        self._steps.append(step)

    def start(self) -> None:
        """Start the next commit once the previous one has ended.

        Raises:
            Exception: The error that stopped the previous one.
        """
        self.wait()
        steps, self._steps = self._steps, []
        self._running = self._pool.submit(_run, steps)

    def wait(self) -> None:
        """Wait until the running commit has ended.

        Raises:
            Exception: The error that stopped it.
        """
        running, self._running = self._running, None
        if running:
            running.result()


def _run(steps: list[Step]) -> None:
    while steps:
        # frees what a step wrote as soon as the step ends
        steps.pop(0)()
