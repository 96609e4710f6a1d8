"""Posts of a report that X calls unavailable, and those that it has counts of again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_twitter.reports.engagement.responses import EngagementResponse


class Unavailable:
    """What the reading of one account finds out.

    Args:
        before: Posts that were unavailable when they were asked about last.
        found: Those that are so in this run, whoever asks; more are added.

    Attributes:
        has_returned: Whether X has counts of some again, of which earlier runs could read none.
    """

    def __init__(self, before: Iterable[str], found: set[str]) -> None:
        self._before = set(before)
        self._found = found
        self.has_returned = False

    def take(self, answer: EngagementResponse) -> set[str]:
        """Learn from an answer; gives the posts that have returned."""
        self._found |= answer.unavailable
        returned = self._before & answer.available
        self._before -= returned
        self.has_returned |= bool(returned)
        return returned

    def refuse(self, tweets: Iterable[str]) -> set[str]:
        """Learn which posts are another account's; gives those that have returned there."""
        returned = self._before.intersection(tweets)
        self._before -= returned
        return returned

    def among(self, tweets: Iterable[str]) -> frozenset[str]:
        """Those posts that are unavailable, as far as is known."""
        return frozenset((self._before | self._found).intersection(tweets))
