"""Standard output, where STATE goes."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from singer_plugin import UserError
from singer_plugin.command import discard_output

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def output_errors() -> Iterator[None]:
    """Say in one line that standard output cannot be written.

    Raises:
        UserError: It is closed, nobody reads it any more, or what it is written to refuses.
    """
    if sys.stdout is None:
        message = "The STATE cannot be written: standard output is closed"
        raise UserError(message)
    try:
        yield
    except OSError as error:
        discard_output()
        reason = error.strerror
        if isinstance(error, BrokenPipeError):
            reason = f"its reader has gone ({reason}); all rows before it are committed"
        message = f"The STATE cannot be written to standard output: {reason}"
        raise UserError(message) from None
