"""Pages of rows by X's ids."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass
class RowsPage:
    """The rows of a page.

    Attributes:
        rows: By X's id of the item, in X's order.
        next_token: X's token of the page that follows; None on the last one.
        ids: Of all items on the page.
    """

    rows: dict[int, dict[str, Any]]
    next_token: str | None
    ids: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.ids = list(self.rows)

    def keep_below(self, post_id: int | None) -> Collection[int]:
        """Leave out rows from an id on; gives the ids of the others."""
        if post_id is not None:
            self.rows = {each: row for each, row in self.rows.items() if each < post_id}
        return self.rows
