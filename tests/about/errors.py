"""The table of X's errors in the docs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tap_twitter.api.error_table import RULES

if TYPE_CHECKING:
    from pathlib import Path

    from tap_twitter.api.error_table import Rule

HEAD: Final = "| HTTP | Mark | Message |\n|---|---|---|\n"
SERVER_ERRORS: Final = 500


def error_page(root: Path) -> dict[Path, str]:
    """The page about errors, whose table is as the tap has it."""
    page = root / "docs/errors.md"
    before, after = re.split(rf"{re.escape(HEAD)}(?:\|.*\n)*", page.read_text())
    return {page: f"{before}{HEAD}{''.join(map(_row, RULES))}{after}"}


def _row(rule: Rule) -> str:
    marks = ", ".join(f"`{mark}`" for mark in sorted(rule.marks)) or "any other"
    text = re.sub(r"(\{\w+\})", r"`\1`", rule.text)
    return f"| {_statuses(rule.status)} | {marks} | {text[0].upper()}{text[1:]} |\n"


def _statuses(statuses: range) -> str:
    if len(statuses) == 1:
        return str(statuses.start)
    return f"{statuses.start // 100}xx" if statuses.start < SERVER_ERRORS else "5xx and above"
