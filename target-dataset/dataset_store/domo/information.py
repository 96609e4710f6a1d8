"""The listing entry of a dataset, from Domo's object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataset_store.base import DatasetInfo
from dataset_store.domo import labels
from dataset_store.domo.execution import time_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def version_of(shown: Mapping[str, Any]) -> str:
    """The time of the last change of the rows, in seconds."""
    return str(shown.get("dataCurrentAt") or shown.get("updatedAt") or shown.get("createdAt"))


def info_of(shown: Mapping[str, Any], keys: tuple[str, ...], address: str) -> DatasetInfo:
    """The listing entry of a dataset."""
    description = labels.parsed(shown.get("description"))
    return DatasetInfo(
        id=str(shown["id"]).lower(),
        name=str(shown.get("name", shown["id"])),
        description=description.text,
        keys=keys,
        rows=int(shown.get("rows") or 0),
        version=version_of(shown),
        created_at=time_of(shown.get("createdAt")),
        updated_at=time_of(shown.get("updatedAt")),
        location=f"{address}/{shown['id']}",
        labels=description.labels,
    )
