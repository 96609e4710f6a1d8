"""Standard output, which receives STATE."""

from __future__ import annotations

import json
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from singer_plugin import UserError
from singer_plugin.command import discard_output

if TYPE_CHECKING:
    from collections.abc import Iterator

_OUTSIDE_ASCII: Final = re.compile(r"[^\x00-\x7f]")


def write_state(text: str) -> None:
    """Write a STATE as a line.

    Characters outside the encoding of standard output are escaped, as JSON allows.

    Raises:
        UserError: Standard output is closed, its reader is gone, or the system refuses
            to write to it.
    """
    with _output_errors():
        try:
            text.encode(sys.stdout.encoding or "utf-8")
        except UnicodeEncodeError:
            text = _OUTSIDE_ASCII.sub(_escaped, text)
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def _escaped(character: re.Match[str]) -> str:
    return json.dumps(character[0]).strip('"')


@contextmanager
def _output_errors() -> Iterator[None]:
    """Convert errors of standard output to one line.

    Raises:
        UserError: It is closed, its reader is gone, or the system refuses to write to it.
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
            reason = f"its reader is gone ({reason}); all rows before this STATE are committed"
        message = f"The STATE cannot be written to standard output: {reason}"
        raise UserError(message) from None
