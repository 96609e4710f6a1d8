"""Runs commands and sees what they take."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_KILOBYTE: Final = 1024
_MEGABYTE: Final = 1_000_000
_SHOWN_CHARACTERS: Final = 2000


class CommandError(Exception):
    """A command that is measured did not do what it has to."""


@contextmanager
def reader() -> Iterator[int]:
    """A program that reads what is written to the descriptor, as a target does, and drops it.

    It is no part of this process, which has other things to do.
    """
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as cat:
        assert cat.stdin
        yield cat.stdin.fileno()


@dataclass(frozen=True)
class Taken:
    """What a command took.

    Attributes:
        seconds: From its start to its end.
        peak_mb: Its peak resident memory, in millions of bytes. The system begins to count with the
            memory of the process that starts it: a smaller peak than that of the bench is not seen.
        ended: When it ended, on the monotonic clock.
    """

    seconds: float
    peak_mb: float
    ended: float


def run(
    command: Sequence[str | Path],
    source: Path | None = None,
    watch: Callable[[bytes], Any] | None = None,
    into: int = subprocess.DEVNULL,
) -> Taken:
    """Run a command to its end.

    Args:
        command: The program and its arguments.
        source: The file that it reads; nothing when omitted.
        watch: Sees each line that it writes.
        into: The descriptor that takes the lines where nothing watches them; nowhere when omitted.

    Raises:
        CommandError: It failed.
    """
    with tempfile.TemporaryFile() as log, Path(source or os.devnull).open("rb") as given:
        begun = time.monotonic()
        process = subprocess.Popen(
            command,
            stdin=given,
            stdout=subprocess.PIPE if watch else into,
            stderr=log,
        )
        if watch and process.stdout:
            with process.stdout as lines:
                for line in lines:
                    watch(line)
        _, status, usage = os.wait4(process.pid, 0)
        ended = time.monotonic()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            log.seek(0)
            said = log.read().decode(errors="replace")[-_SHOWN_CHARACTERS:]
            msg = f"{Path(command[0]).name} ended with exit code {process.returncode}:\n{said}"
            raise CommandError(msg)
    return Taken(ended - begun, usage.ru_maxrss * _KILOBYTE / _MEGABYTE, ended)
