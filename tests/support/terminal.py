"""A program in a terminal of its own: what it shows, and what somebody types."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Self

from support.forking import Popen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

CTRL_C: Final = "\x03"
CTRL_D: Final = "\x04"
PATIENCE: Final = 120.0
"""Seconds until a program that shows nothing new counts as stuck."""

STYLES: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A program whose input and output are a terminal, which is its controlling one.

    Args:
        words: The program and its arguments.
        cwd: Where it runs.
        env: Its environment.
        size: Lines and columns.
    """

    def __init__(
        self,
        words: Sequence[str | Path],
        cwd: Path,
        env: Mapping[str, str],
        size: tuple[int, int] = (50, 200),
    ) -> None:
        self._own, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        self.process: subprocess.Popen[bytes] = Popen(
            words, cwd=cwd, env={**env}, stdin=theirs, stdout=theirs, stderr=theirs, terminal=True
        )
        os.close(theirs)
        self.shown = ""
        self._at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._own)

    def until(self, text: str, patience: float = PATIENCE) -> str:
        """Wait until the program shows a text; gives what it has shown since the last such text."""
        deadline = time.monotonic() + patience
        while (found := self.shown.find(text, self._at)) < 0:
            if not self._read(deadline):
                msg = f"{text!r} was not shown, but:\n{self.shown[self._at :]}"
                raise AssertionError(msg)
        start, self._at = self._at, found + len(text)
        return self.shown[start : self._at]

    def type(self, text: str) -> None:
        """Type a line; keys such as `CTRL_C` are typed alone."""
        line = text if text in {CTRL_C, CTRL_D} else f"{text}\r"
        os.write(self._own, line.encode())

    def answer(self, question: str, text: str) -> str:
        """Wait for a question, and type the answer; gives what was shown before."""
        shown = self.until(question)
        self.type(text)
        return shown

    def end(self) -> int:
        """Wait for the end of the program; gives its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline):
            pass
        return self.process.wait(PATIENCE)

    def stop(self, question: str) -> int:
        """Press Ctrl-C at a question; gives the exit code.

        It is pressed again as long as nothing happens: Python loses a signal that comes in the
        moment between the question and the reading of the answer.
        """
        self.until(question)
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < deadline:
            self.type(CTRL_C)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(2)
        return self.end()

    def _read(self, deadline: float) -> bool:
        """Read what is there, or wait for it; gives whether the program may still show something."""
        ready, _, _ = select.select([self._own], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            chunk = os.read(self._own, 65_536)
        except OSError:  # how Linux says that the other end is closed
            return False
        self.shown += STYLES.sub("", chunk.decode(errors="replace")).replace("\r\n", "\n")
        return bool(chunk)
