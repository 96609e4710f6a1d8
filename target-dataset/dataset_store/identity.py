"""How datasets get their GUIDs where the backend lets us choose: derived, so that no registry can go stale."""

from __future__ import annotations

import uuid
from typing import Final

NAMESPACE: Final = uuid.UUID("6f8de0f5-9d3a-5c39-8b51-0f3f6a1c7f20")


def dataset_id(name: str) -> str:
    """The GUID of the dataset of this name."""
    return str(uuid.uuid5(NAMESPACE, f"dataset:{name}"))


def writeback_id(stream: str, input_dataset_id: str) -> str:
    """The GUID of the dataset that holds a stream's rows about one input dataset."""
    return str(uuid.uuid5(NAMESPACE, f"writeback:{stream}:{input_dataset_id.lower()}"))
