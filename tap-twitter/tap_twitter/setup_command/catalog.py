"""The catalog that selects streams; the tap fills in their columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


def selecting(streams: Iterable[str]) -> dict[str, Any]:
    """A Singer catalog with these streams, all selected."""
    selected = [{"breadcrumb": [], "metadata": {"selected": True}}]
    return {
        "streams": [
            {"tap_stream_id": name, "stream": name, "schema": {}, "metadata": selected}
            for name in streams
        ]
    }
