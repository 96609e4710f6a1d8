"""Standard output, where STATE goes."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from singer_plugin import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def output_errors() -> Iterator[None]:
    """Say in one line that standard output cannot be written.

    Raises:
        UserError: It is closed, or what it is written to refuses.
        BrokenPipeError: Nobody reads it any more.
    """
    if sys.stdout is None:
        message = "The STATE cannot be written: standard output is closed"
        raise UserError(message)
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        # what Python still holds would be a second error when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        message = f"The STATE cannot be written to standard output: {error.strerror}"
        raise UserError(message) from None
