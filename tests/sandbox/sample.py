"""Ids of accounts, numbered from 1: the same for a seed, and each tells its number."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from sandbox import moments
from sandbox.people import SHORT_ID_LIMIT

_BIRTHDAY: Final = datetime(2006, 3, 21, 20, 50, tzinfo=UTC)
_SHORT_IDS_END: Final = datetime(2015, 11, 1, tzinfo=UTC)
_SPAN: Final = timedelta(days=2900)
_SHARE_OF_SHORT_IDS: Final = 0.3
# odd, so that multiplying by it permutes the numbers below 2**32
_SCATTER: Final = 2654435761
_GATHER: Final = pow(_SCATTER, -1, SHORT_ID_LIMIT)


@lru_cache(maxsize=4096)
def created_at(user_id: int) -> datetime:
    """When an account was made: told by a snowflake id, guessed for the short ids before them."""
    if user_id >= SHORT_ID_LIMIT:
        return moments.snowflake_time(user_id)
    share = user_id / SHORT_ID_LIMIT
    moment = _BIRTHDAY + (_SHORT_IDS_END - _BIRTHDAY) * share
    return moment - timedelta(microseconds=moment.microsecond)


class Sample:
    """The ids.

    Args:
        seed: What they derive from.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._at_cached = lru_cache(maxsize=4096)(self._at)

    def at(self, number: int) -> str:
        """The id of a number."""
        return self._at_cached(number)

    def _at(self, number: int) -> str:
        rng = random.Random(f"{self._seed}:sample:{number}")
        if rng.random() < _SHARE_OF_SHORT_IDS:
            return str(number * _SCATTER % SHORT_ID_LIMIT)
        return str(moments.snowflake(_SHORT_IDS_END + _SPAN * rng.random(), number))

    def number_of(self, user_id: str) -> int | None:
        """The number of an id; None if the sample does not have it."""
        short = int(user_id) < SHORT_ID_LIMIT
        number = int(user_id) * _GATHER % SHORT_ID_LIMIT if short else int(user_id) % 2**22
        return number if number and self.at(number) == user_id else None
