"""The progress of a load: bytes of the input, rows read and committed."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final

from dataset_store.progress import tracked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dataset_store.progress import Tracker

NAME: Final = "load"


@contextmanager
def load_progress(file_input: IO[Any] | None, tell: Callable[[str], None]) -> Iterator[Tracker]:
    """Show how much of the input was processed.

    Its size is known if it is a file. A bar is shown only then: beside a tap in a pipe, which may
    have a bar of its own on the terminal, there are lines.

    Args:
        file_input: The input; None is the standard input.
        tell: Receives lines.
    """
    total = _size(file_input or sys.stdin)
    may_draw = total is not None and not sys.stdout.isatty()
    with tracked(NAME, tell, total, "bytes", may_draw=may_draw, ticks=False) as tracker:
        yield tracker


def _size(source: IO[Any] | None) -> int | None:
    """The size of an input; None if it is not a file."""
    try:
        status = os.fstat(source.fileno()) if source else None
    except (OSError, ValueError):
        return None
    return status.st_size if status and stat.S_ISREG(status.st_mode) else None
