"""The rows of an account's posts from earlier runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_twitter.objects.post_fields import PRIVATE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

HIDDEN_WITH_ACCOUNT: Final = ("not_found", "protected", "suspended", "unavailable")
"""Reasons that may end, after which X gives the posts again, as for a deactivated account."""

Row = dict[str, Any]


class KnownPosts:
    """The newest row of each post of one account that a run may have to compare or mark.

    Args:
        rows: By id.
        since: Posts up to this id are no longer compared.
    """

    def __init__(self, rows: Mapping[int, Row], since: int) -> None:
        self._rows = rows
        self._since = since

    def __getitem__(self, post_id: int) -> Row:
        """The row of a post."""
        return self._rows[post_id]

    def completed(self, row: Row) -> Row:
        """A row with the private metrics that X gave of its post when it was younger."""
        known = self._rows.get(int(row["id"]), {})
        return row | {name: known.get(name) for name in PRIVATE_COLUMNS if row[name] is None}

    def between(self, low: int, high: int | None) -> list[int]:
        """The posts between two ids, both exclusive, that existed when they were last read."""
        return [
            post_id
            for post_id, row in self._rows.items()
            if row["deletion_reason"] is None
            and post_id > max(low, self._since)
            and (high is None or post_id < high)
        ]

    @property
    def hidden(self) -> list[int]:
        """The older posts that vanished with their account."""
        return [
            post_id
            for post_id, row in self._rows.items()
            if row["deletion_reason"] in HIDDEN_WITH_ACCOUNT and post_id <= self._since
        ]


NOTHING: Final = KnownPosts({}, 0)
