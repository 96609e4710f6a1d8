"""The settings without which some streams do not run; a new stream's are added here."""

from __future__ import annotations

from typing import Any

from sandbox.lists import TEA_PEOPLE


def required_settings(limit: int, query: str = "tea") -> dict[str, Any]:
    """Groups of settings by which every stream runs, and small.

    Args:
        limit: The number of users of a snapshot.
        query: The search.
    """
    return {
        "queries": [{"name": "tea", "query": query}],
        "followers": {"limit": limit},
        "following": {"limit": limit},
        "list_members": {"lists": [TEA_PEOPLE], "limit": limit},
    }
