"""The history of commits in a table's log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from dataset_store.base import Version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from deltalake import DeltaTable

_OPERATION_KEY: Final = "dataset.operation"
"""Where entries of earlier builds have the name of their operation."""


def versions_of(table: DeltaTable, limit: int | None = None) -> Sequence[Version]:
    """The commits that are still in the table's log, newest first."""
    return [
        Version(
            version=str(entry["version"]),
            committed_at=time_of(entry["timestamp"]),
            operation=entry.get(_OPERATION_KEY) or entry["operation"],
            rows_written=_rows_written(entry.get("operationMetrics", {})),
        )
        for entry in table.history(limit)
    ]


def time_of(milliseconds: int) -> datetime:
    """A time in the log."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _rows_written(metrics: Mapping[str, Any]) -> int | None:
    counts = [
        metrics[name]
        for name in ("num_added_rows", "num_target_rows_inserted", "num_target_rows_updated")
        if metrics.get(name) is not None
    ]
    return sum(map(int, counts)) if counts else None
