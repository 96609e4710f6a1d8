"""Words in settings: lists, or texts separated by commas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

SEPARATORS: Final = re.compile(r"[\s,;]+")


def words_in(value: str | Sequence[str] | None) -> list[str]:
    """The words of a setting: a list of them, or a text separated by commas or blanks."""
    if isinstance(value, str):
        return [word for word in SEPARATORS.split(value) if word]
    return [word for each in value or () for word in words_in(each)]
