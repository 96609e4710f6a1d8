"""The writer of Singer messages to the target."""

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
"""Enough for the rows of one response, so that they are written in one piece."""


class MessageWriter(MsgSpecWriter):
    """Writes messages to stdout; if the target has ended, the run ends with one line.

    Records stay in a buffer until it is full, until another message follows, or until `flush`,
    which is called before every wait, so that the target has all rows meanwhile.
    """

    @cached_property
    def _out(self) -> BinaryIO:
        """Stdout with its own buffer, because Python's is small, or none (PYTHONUNBUFFERED).

        Python writes it whole or, if a signal ends the run, keeps the rest: no line that fits into
        it is torn.
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
        """Write what is still in the buffer.

        Raises:
            SystemExit: Nobody reads any longer.
        """
        try:
            self._out.flush()
        except BrokenPipeError:
            raise lost_target() from None


def lost_target() -> SystemExit:
    """The end of the run if nobody reads any longer, after one line in the log.

    It is not an `Exception`, so that no stream treats the end of the run as its own failure.
    """
    # what is still buffered would fail again at the interpreter's shutdown
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    logger.error(
        "The target no longer reads: see its own log. The next run resumes from the last state "
        "that it passed on."
    )
    return SystemExit(EXIT_FAILURE)
