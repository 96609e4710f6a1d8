"""Commits beside the decoding of what comes next."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    Step = Callable[[], None]


class Commits:
    """Runs the steps of commits in a thread of its own, one after the other.

    No commit begins before the last one has ended. So two batches are in memory at most: the one
    that is written, and the one that comes in meanwhile.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "commit")
        self._steps: list[Step] = []
        self._running: Future[None] | None = None

    def add(self, step: Step) -> None:
        """Make a step the last one of the next commit."""
        self._steps.append(step)

    def start(self) -> None:
        """Begin the next commit as soon as the last one has ended.

        Raises:
            Exception: What has stopped the last one.
        """
        self.wait()
        steps, self._steps = self._steps, []
        self._running = self._pool.submit(_run, steps)

    def wait(self) -> None:
        """Let the commit end that has begun.

        Raises:
            Exception: What has stopped it.
        """
        running, self._running = self._running, None
        if running:
            running.result()


def _run(steps: list[Step]) -> None:
    while steps:
        # what a step has written is held no longer than the step takes
        steps.pop(0)()
