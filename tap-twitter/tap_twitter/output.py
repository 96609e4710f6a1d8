"""Messages on their way to the target."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

from singer_sdk.contrib.msgspec import MsgSpecWriter

from singer_plugin.command import EXIT_FAILURE

if TYPE_CHECKING:
    from singer_sdk.singerlib import Message

logger = logging.getLogger("tap-twitter")


class MessageWriter(MsgSpecWriter):
    """Writes messages to stdout; a target that has gone away ends the run in one line."""

    def write_message(self, message: Message) -> None:
        """Write a message.

        Raises:
            SystemExit: Nobody reads any longer.
        """
        try:
            super().write_message(message)
        except BrokenPipeError:
            raise lost_target() from None


def lost_target() -> SystemExit:
    """What ends the run where nobody reads any longer; one line says so.

    It is no `Exception`, so that no stream takes the end of the run for a failure of its own.
    """
    # what is still buffered would fail again when the interpreter shuts down
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    logger.error(
        "The target reads no longer: see its own log. The next run goes on from the last state "
        "that it passed on."
    )
    return SystemExit(EXIT_FAILURE)
