"""Log records of a command as it writes them: a record may have several lines."""

from __future__ import annotations

import re
from typing import Final

_BEGINNING: Final = re.compile(r"\n(?=\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)")


def log_records(text: str) -> list[str]:
    """The records of a log, each of which begins with its time."""
    return [each for each in _BEGINNING.split(text.strip("\n")) if each]


def not_informing(text: str) -> list[str]:
    """The records above the level INFO."""
    return [each for each in log_records(text) if "| INFO " not in each]
