"""Readers of values in X's responses, whatever types they have."""

from __future__ import annotations

import re
from typing import Any, Final

ID: Final = re.compile(r"[0-9]{1,19}", re.ASCII)


def id_number(value: Any) -> int | None:
    """An id as a number; None if it is not one. X has sent ids as numbers, too."""
    digits = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return int(digits) if isinstance(digits, str) and ID.fullmatch(digits) else None


def text(value: Any) -> str | None:
    """A text; a number, as ids once were, becomes text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None
