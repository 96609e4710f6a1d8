"""GUIDs, derived from names if the backend supports it, so that no registry can become stale."""

from __future__ import annotations

import re
import uuid
from typing import Final

NAMESPACE: Final = uuid.UUID("6f8de0f5-9d3a-5c39-8b51-0f3f6a1c7f20")

_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def guid(text: str) -> str | None:
    """The text as a GUID in lower case, or None if it is none."""
    return text.lower() if _GUID.fullmatch(text) else None


def guid_in(text: str) -> str | None:
    """The first GUID in a text such as the URL of a dataset's page, in lower case, or None."""
    found = _GUID.search(text)
    return found[0].lower() if found else None


def dataset_id(name: str) -> str:
    """The GUID of the dataset with this name."""
    return str(uuid.uuid5(NAMESPACE, f"dataset:{name}"))


def writeback_id(stream: str, input_dataset_id: str) -> str:
    """The GUID of the dataset with a stream's rows about one input dataset."""
    return str(uuid.uuid5(NAMESPACE, f"writeback:{stream}:{input_dataset_id.lower()}"))
