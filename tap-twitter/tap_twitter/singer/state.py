"""The state given to a run: whether the tap may have written it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_twitter.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NO_BOOKMARKS: Final = (
    "It has none, and starting over would buy everything again: give --state the 'value' of the "
    "tap's last STATE message, or nothing."
)


def check(state: Mapping[str, Any]) -> None:
    """Check the outer form of a state; each stream checks its own bookmark.

    Raises:
        StateError: It is not a state of the tap.
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


def partitions(bookmark: Mapping[str, Any], key: str) -> Iterator[dict[str, Any]]:
    """The partitions of a bookmark that have a text for a key."""
    for partition in bookmark.get("partitions", []):
        if isinstance(partition["context"].get(key), str):
            yield partition


def known_ids(state: Mapping[str, Any]) -> dict[str, str]:
    """The ids of accounts in the state, by their names in the settings.

    If streams have different ones, the latest counts: handles change owners.
    """
    found: dict[str, tuple[str, str]] = {}
    for bookmark in state.get("bookmarks", {}).values():
        for partition in partitions(bookmark, "account_id"):
            alias, told_at = partition.get("identified_by"), str(partition.get("identified_at"))
            if isinstance(alias, str) and told_at >= found.get(alias, ("", ""))[0]:
                found[alias] = told_at, partition["context"]["account_id"]
    return {alias: user_id for alias, (_, user_id) in found.items()}


def _are_partitions(value: Any) -> bool:
    """Whether this may be the partitions of a bookmark; many streams have none."""
    return isinstance(value, list) and all(
        isinstance(item, dict) and isinstance(item.get("context"), dict) for item in value
    )
