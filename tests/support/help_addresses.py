"""The address in the docs at the end of an error."""

from __future__ import annotations

import re

ADDRESS = re.compile(r" \[docs/errors\.md#[a-z-]+\]$")


def without_help(line: str) -> str:
    """A line without the address at its end."""
    return ADDRESS.sub("", line)
