"""Runs commands and sees what they take."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.memory import PeakMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_SHOWN_CHARACTERS: Final = 2000


class CommandError(Exception):
    """A command that is measured did not do what it has to."""


class UnavailableError(Exception):
    """A measure needs what this machine does not have."""


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
        ended: When it ended, on the monotonic clock.
        cpu_seconds: CPU time of it and of the processes it started and waited for.
        peak_mb: The peak memory of it and of the processes it started, in millions of bytes; 0 if
            nobody asked for it.
    """

    seconds: float
    ended: float
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0


def run(
    command: Sequence[str | Path],
    source: Path | None = None,
    watch: Callable[[bytes], Any] | None = None,
    into: int = subprocess.DEVNULL,
    *,
    weigh: bool = False,
    exits: int = 0,
) -> Taken:
    """Run a command to its end.

    Args:
        command: The program and its arguments.
        source: The file that it reads; nothing when omitted.
        watch: Sees each line that it writes.
        into: The descriptor that takes the lines where nothing watches them; nowhere when omitted.
        weigh: Whether to sample its memory, which costs it a little time.
        exits: The exit code that it has to end with.

    Raises:
        CommandError: It ended with another exit code.
    """
    with tempfile.TemporaryFile() as log, Path(source or os.devnull).open("rb") as given:
        begun = time.monotonic()
        process = subprocess.Popen(
            command,
            stdin=given,
            stdout=subprocess.PIPE if watch else into,
            stderr=log,
        )
        with PeakMemory(process.pid) if weigh else nullcontext() as peak:
            if watch and process.stdout:
                with process.stdout as lines:
                    for line in lines:
                        watch(line)
            _, status, usage = os.wait4(process.pid, 0)
            ended = time.monotonic()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != exits:
            log.seek(0)
            said = log.read().decode(errors="replace")[-_SHOWN_CHARACTERS:]
            msg = f"{Path(command[0]).name} ended with exit code {process.returncode}:\n{said}"
            raise CommandError(msg)
    cpu_seconds = usage.ru_utime + usage.ru_stime
    return Taken(ended - begun, ended, cpu_seconds, peak.mb if peak else 0.0)
