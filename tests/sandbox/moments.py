"""Times as X writes them, and as its snowflake ids hold them.

An id's upper bits are milliseconds since 2010-11-04; the lower 22 tell ids of one millisecond apart.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Final

EPOCH_MS: Final = 1288834974657
_TIME_SHIFT: Final = 22


def stamp(moment: datetime) -> str:
    """A moment in X's format: UTC, cut to whole seconds, with three zeros."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def snowflake_time(snowflake: int) -> datetime:
    """When an id was given out."""
    return datetime.fromtimestamp(((snowflake >> _TIME_SHIFT) + EPOCH_MS) / 1000, UTC)


def snowflake(moment: datetime, salt: int) -> int:
    """An id that was given out at a moment, told apart from others by `salt`."""
    elapsed_ms = max(0, round(moment.timestamp() * 1000) - EPOCH_MS)
    return elapsed_ms << _TIME_SHIFT | salt % 2**_TIME_SHIFT


def snowflake_at(ms: int, tag: int) -> int:
    """An id that was given out at a moment in milliseconds since 1970, with the lower bits given."""
    return max(0, ms - EPOCH_MS) << _TIME_SHIFT | tag


def snowflake_ms(snowflake: int) -> int:
    """When an id was given out, in milliseconds since 1970."""
    return (snowflake >> _TIME_SHIFT) + EPOCH_MS


def salt(text: str) -> int:
    """Lower bits of an id, derived from a text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") % (
        2**_TIME_SHIFT
    )
