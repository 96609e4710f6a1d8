"""The program that reads the tap's output, such as the target: whether it reads, or has ended."""

from __future__ import annotations

import fcntl
import os
import select
import stat
import sys
import termios
from io import UnsupportedOperation
from typing import TYPE_CHECKING, Final

from tap_twitter.singer.writer import lost_target

if TYPE_CHECKING:
    from tap_twitter.clock import Clock

POLL_SECONDS: Final = 0.02

MAX_START_SECONDS: Final = 60.0
"""A target that has not read the first SCHEMA by then is slow, or reads later by design."""

REFUSAL_SECONDS: Final = 0.5
"""How long a target that has read the first SCHEMA may take to refuse it and end."""


class Receiver:
    """The program that reads standard output.

    Args:
        clock: Tells the time and sleeps.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._is_awaited = is_piped()

    def await_acceptance(self) -> None:
        """Wait, once per run, until the receiver has read what was written, and has not ended.

        A target refuses a SCHEMA whose rows it cannot store; then nothing is bought from X.

        Raises:
            SystemExit: It has ended.
        """
        if not self._is_awaited:
            return
        self._is_awaited = False
        self._wait(MAX_START_SECONDS, until_read=True)
        self._wait(REFUSAL_SECONDS)

    def _wait(self, seconds: float, *, until_read: bool = False) -> None:
        begun_at = self._clock.now()
        while (self._clock.now() - begun_at).total_seconds() < seconds:
            if reader_is_gone():
                raise lost_target()
            if until_read and not reader_is_behind():
                return
            self._clock.sleep(POLL_SECONDS)


def reader_is_behind() -> bool:
    """Whether the pipe at standard output contains data that was not read yet."""
    descriptor = _pipe()
    if descriptor is None:
        return False
    unread = fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4))
    return int.from_bytes(unread, sys.byteorder) > 0


def is_piped() -> bool:
    """Whether standard output is a pipe."""
    return _pipe() is not None


def _pipe() -> int | None:
    """The descriptor of standard output if that is a pipe."""
    try:
        descriptor = sys.stdout.fileno()
        return descriptor if stat.S_ISFIFO(os.fstat(descriptor).st_mode) else None
    except (UnsupportedOperation, ValueError):
        return None


def reader_is_gone() -> bool:
    """Whether the program that reads standard output has closed it."""
    try:
        descriptor = sys.stdout.fileno()
    except (UnsupportedOperation, ValueError):
        return False
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
