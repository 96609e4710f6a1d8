"""The time in X's ids: those of posts and messages hold when they were made.

X's pages do not state the formula (https://docs.x.com/fundamentals/x-ids says that ids grow with
time); it holds for all ids of the kind since November 2010.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(2010, 11, 4, 1, 42, 54, 657_000, UTC)
"""The moment of the id 0."""

SEQUENCE_BITS: Final = 22
"""The lowest bits tell ids of the same millisecond apart."""


def moment_of(item: int) -> datetime:
    """When the thing with this id was made, to the millisecond."""
    return EPOCH + timedelta(milliseconds=item >> SEQUENCE_BITS)


def first_id(moment: datetime) -> int:
    """The smallest id that a thing made at this moment, or later, can have."""
    return max(0, (moment - EPOCH) // timedelta(milliseconds=1)) << SEQUENCE_BITS
