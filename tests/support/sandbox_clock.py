"""The sandbox's clock as the tap's: whoever waits, moves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox import Sandbox


class SandboxClock:
    """Lets the tap wait for the sandbox's limits in no time.

    Args:
        sandbox: With a clock that stands still.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._sandbox.clock.now()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._sandbox.clock.advance(seconds)
