"""Round-robin over partitions when the budget runs out.

A run starts with the first partition that the previous run left out, and wraps around. So even if
the budget is too small for all partitions, every partition gets its turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic

from tap_twitter.auth.partition import P
from tap_twitter.errors import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping

    from tap_twitter.api.requester import Requester


FIRST: Final = "first"
"""The bookmark key that holds the key of the partition the next run starts with, or null.

Null is written, too: orchestrators merge states, and a state without the key would leave an older
value in place."""


def in_turn(parts: Mapping[str, P], bookmark: Mapping[str, Any]) -> dict[str, P]:
    """The partitions by key, from the one on that the bookmark names, if it names one of them."""
    keys = list(parts)
    start = keys.index(first) if (first := bookmark.get(FIRST)) in keys else 0
    return {each: parts[each] for each in [*keys[start:], *keys[:start]]}


class Rotation(Generic[P]):
    """The partitions for which a run's budget has bought nothing, or nothing that lasts.

    Args:
        key_of: Returns the value of a partition's key.
    """

    def __init__(self, key_of: Callable[[P], str | None]) -> None:
        self._key_of = key_of
        self._parts: list[P] = []
        self._untouched = 0

    def add(self, part: P, *, is_begun: bool = False) -> None:
        """Record a partition that was left out; calls come in read order.

        Args:
            part: The partition; the next run starts with the first one recorded.
            is_begun: Whether some of it was read; the warning for that is logged elsewhere.
        """
        self._parts.append(part)
        self._untouched += not is_begun

    def keep(self, bookmark: MutableMapping[str, Any]) -> bool:
        """Save which partition the next run starts with; return whether the bookmark changes."""
        before = bookmark.get(FIRST)
        bookmark[FIRST] = self._key_of(self._parts[0]) if self._parts else None
        return bool(bookmark[FIRST] != before)

    def tell(self, requester: Requester) -> None:
        """Warn about the partitions that were not read at all, in one line for all of them."""
        if self._untouched:
            first = self._parts[0]
            requester.warn_of_budget(
                f"'{requester.stream_name}' has skipped {self._untouched} of its "
                f"{plural(first.noun)}. The next run starts with '{first.name}'."
            )
