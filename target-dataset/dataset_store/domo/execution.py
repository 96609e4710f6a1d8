"""One execution of a stream, as Domo shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ACTIVE: Final = "ACTIVE"
"""The state of an execution that is open."""


@dataclass(frozen=True, slots=True)
class Execution:
    """One load of a stream, as returned by Domo."""

    id: int
    state: str
    method: str
    changed_at: datetime | None
    ended_at: datetime | None
    rows: int | None


def execution_of(shown: Mapping[str, Any]) -> Execution:
    """Parse Domo's object."""
    return Execution(
        int(shown["id"]),
        str(shown.get("currentState", "")),
        str(shown.get("updateMethod") or "LOAD"),
        time_of(shown.get("modifiedAt") or shown.get("startedAt")),
        time_of(shown.get("endedAt")),
        shown.get("rows"),
    )


def time_of(text: Any) -> datetime | None:
    """Parse a time in Domo's format; None if it is not a time."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found.replace(tzinfo=found.tzinfo or UTC)
