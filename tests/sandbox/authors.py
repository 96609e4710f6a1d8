"""Who writes posts, how often, and whose a post is: told by the lower bits of its id.

Accounts with names and those of the sample publish; every other account only reads.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sandbox import moments
from sandbox.pace import Pace
from sandbox.people import NAMED

if TYPE_CHECKING:
    from sandbox.sample import Sample

_TAGS: Final = 2**22
_NAMED: Final = tuple(map(str, NAMED))
_LONGEST_PAUSE_DAYS: Final = 30
_SHARE_OF_READERS: Final = 0.1
# of the sample: enough that all accounts with names are mentioned more than 800 times
_PUBLIC: Final = 300


class Authors:
    """The accounts that publish.

    Args:
        seed: What their rhythms derive from.
        sample: The accounts without names.
    """

    def __init__(self, seed: int, sample: Sample) -> None:
        self._seed = seed
        self._sample = sample
        # whoever goes back through an author's days asks for both on each of them
        self._number_of = lru_cache(maxsize=64)(sample.number_of)
        self._paces = lru_cache(maxsize=64)(self._pace)

    def public(self) -> list[str]:
        """The accounts whose posts are searched: those with names, and the first of the sample."""
        return [*_NAMED, *(self._sample.at(number) for number in range(1, _PUBLIC + 1))]

    def tag(self, author_id: str) -> int | None:
        """What the ids of an author's posts end in; None for an account that never posts."""
        if author_id in _NAMED:
            return _TAGS - 1 - _NAMED.index(author_id)
        number = self._number_of(author_id)
        return number if number is not None and number < _TAGS - len(_NAMED) else None

    def of(self, post_id: int) -> str:
        """Whose tag the id of a post ends in."""
        tag = post_id % _TAGS
        index = _TAGS - 1 - tag
        return _NAMED[index] if index < len(_NAMED) else self._sample.at(tag)

    def pace(self, author_id: str) -> Pace:
        """How often an author publishes."""
        return self._paces(author_id)

    def _pace(self, author_id: str) -> Pace:
        key = f"{self._seed}:posts:{author_id}"
        if author_id in _NAMED:
            return Pace(key, NAMED[int(author_id)].posts_per_day)
        is_reader = moments.salt(f"{key}:reader") < _SHARE_OF_READERS * _TAGS
        if is_reader or self.tag(author_id) is None:
            return Pace(key, 0)
        return Pace(key, 1 / (1 + moments.salt(key) % _LONGEST_PAUSE_DAYS))
