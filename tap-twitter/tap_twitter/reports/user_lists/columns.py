"""The columns of snapshots of users."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tap_twitter.objects.fields import DATE, TEXT, Column
from tap_twitter.objects.user_fields import USER_FIELDS

if TYPE_CHECKING:
    from collections.abc import Sequence


DAY: Final = Column("date", DATE, "The UTC day on which the snapshot began.", is_nullable=False)
SNAPSHOT_END: Final = Column(
    "snapshot_end",
    TEXT,
    "On the rows of a snapshot's last page: complete, or cut if `limit` ended it. Null on all rows "
    "before them. A day without complete is a part of the list.",
)


ID: Final = replace(USER_FIELDS[0], is_nullable=False)


def snapshot_columns(key: str, description: str) -> Sequence[Column]:
    """The columns of a snapshot of users.

    Args:
        key: What tells snapshots of a day apart.
        description: The same in words.
    """
    return (
        Column(key, TEXT, description, is_nullable=False),
        DAY,
        SNAPSHOT_END,
        ID,
        *USER_FIELDS[1:],
    )
