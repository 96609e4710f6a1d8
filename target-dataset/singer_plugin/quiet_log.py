"""Lines of singer-sdk that say nothing to a user, or what the summary says: logged as DEBUG."""

from __future__ import annotations

import logging
from typing import Final

CHATTER: Final = frozenset(
    {
        "Parsing env var for settings config...",
        "Skipping parse of env var settings...",
        "Skipping deselected stream '%s'.",
        "Reader '%s' completed processing %d lines of input "
        "(%d schemas, %d records, %d batch manifests, %d state messages, %d activate version messages).",  # noqa: E501 - as in the SDK
    }
)
"""The texts of the SDK's log calls."""


def quiet(logger: logging.Logger) -> None:
    """Log chatter at the level DEBUG alone."""
    logger.addFilter(_is_wanted)


def _is_wanted(record: logging.LogRecord) -> bool:
    if record.msg not in CHATTER:
        return True
    record.levelno, record.levelname = logging.DEBUG, logging.getLevelName(logging.DEBUG)
    return logging.getLogger(record.name).isEnabledFor(logging.DEBUG)
