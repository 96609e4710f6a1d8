"""The state that a run is given: whether it may be one that the tap has written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_twitter.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_BOOKMARKS: Final = (
    "There are none, and to begin anew would buy everything again: give --state what stands in "
    "'value' of the tap's last STATE message, or nothing."
)


def check(state: Mapping[str, Any]) -> None:
    """Make sure of the outer form of a state; what stands in a bookmark, its stream checks.

    Raises:
        StateError: It is no state of the tap.
    """
    if state and "bookmarks" not in state:
        where = "bookmarks"
        raise StateError(where, NO_BOOKMARKS)
    bookmarks = state.get("bookmarks", {})
    if not isinstance(bookmarks, dict):
        where = "bookmarks"
        raise StateError(where)
    for name, bookmark in bookmarks.items():
        if not isinstance(bookmark, dict) or not _are_partitions(bookmark.get("partitions", [])):
            where = f"bookmarks.{name}"
            raise StateError(where)


def _are_partitions(value: Any) -> bool:
    """Whether this may be the partitions of a bookmark; many a stream has none."""
    return isinstance(value, list) and all(
        isinstance(item, dict) and isinstance(item.get("context"), dict) for item in value
    )
