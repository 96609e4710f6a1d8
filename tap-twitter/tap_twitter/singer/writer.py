"""Messages on their way to the target."""

from __future__ import annotations

import logging
import os
import sys
from functools import cached_property
from io import UnsupportedOperation
from typing import TYPE_CHECKING, BinaryIO, Final

from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.singerlib import RecordMessage

from singer_plugin.command import EXIT_FAILURE

if TYPE_CHECKING:
    from singer_sdk.singerlib import Message

logger = logging.getLogger("tap-twitter")

BUFFER_BYTES: Final = 256 * 1024
"""Holds the rows of one answer, so that they go out in one piece."""


class MessageWriter(MsgSpecWriter):
    """Writes messages to stdout; a target that has gone away ends the run in one line.

    Records stay in a buffer until it is full, until another message follows, or until `flush`:
    whoever is about to wait calls that, so that the target has all rows meanwhile.
    """

    @cached_property
    def _out(self) -> BinaryIO:
        """Stdout with a buffer of its own, as Python's is small, or none (PYTHONUNBUFFERED).

        Python writes from it whole or, where a signal ends the run, keeps what is left: no line is
        torn that fits into it.
        """
        try:
            descriptor = sys.stdout.fileno()
        except UnsupportedOperation:
            return sys.stdout.buffer
        return os.fdopen(descriptor, "wb", BUFFER_BYTES, closefd=False)

    def write_message(self, message: Message) -> None:
        """Write a message.

        Raises:
            SystemExit: Nobody reads any longer.
        """
        try:
            self._out.write(self.format_message(message))
        except BrokenPipeError:
            raise lost_target() from None
        if not isinstance(message, RecordMessage):
            self.flush()

    def flush(self) -> None:
        """Hand over what is still in the buffer.

        Raises:
            SystemExit: Nobody reads any longer.
        """
        try:
            self._out.flush()
        except BrokenPipeError:
            raise lost_target() from None


def lost_target() -> SystemExit:
    """What ends the run where nobody reads any longer; one line says so.

    It is no `Exception`, so that no stream takes the end of the run for a failure of its own.
    """
    # what is still buffered would fail again when the interpreter shuts down
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    logger.error(
        "The target no longer reads: see its own log. The next run resumes from the last state "
        "that it passed on."
    )
    return SystemExit(EXIT_FAILURE)
