"""The time in X's ids: those of posts and messages contain their creation time.

X's pages do not state the formula (https://docs.x.com/fundamentals/x-ids says that ids grow with
time); it holds for all ids of the kind since November 2010.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(2010, 11, 4, 1, 42, 54, 657_000, UTC)
"""The moment of the id 0."""

SEQUENCE_BITS: Final = 22
"""The lowest bits distinguish ids of the same millisecond."""


def moment_of(item: int) -> datetime:
    """When the object with this id was created, to the millisecond."""
    return EPOCH + timedelta(milliseconds=item >> SEQUENCE_BITS)


def first_id(moment: datetime) -> int:
    """The smallest id of an object created at this moment or later."""
    return max(0, (moment - EPOCH) // timedelta(milliseconds=1)) << SEQUENCE_BITS
