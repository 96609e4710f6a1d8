"""Names as the engine's SQL takes them."""

from __future__ import annotations


def quoted(name: str) -> str:
    """A column or table name as SQL takes it literally."""
    return '"' + name.replace('"', '""') + '"'
