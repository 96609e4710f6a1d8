"""Posts of a report that X calls unavailable, and those that it counts again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_twitter.reports.engagement.responses import EngagementResponse


class Unavailable:
    """What the reading of one account finds out.

    Args:
        before: Posts that were unavailable when they were last requested.
        found: Those that are so in this run, whoever asks; more are added.

    Attributes:
        has_returned: Whether X counts some posts again that earlier runs could not read.
    """

    def __init__(self, before: Iterable[str], found: set[str]) -> None:
        self._before = set(before)
        self._found = found
        self.has_returned = False

    def take(self, answer: EngagementResponse) -> set[str]:
        """Learn from a response; returns the posts that have become available again."""
        self._found |= answer.unavailable
        returned = self._before & answer.available
        self._before -= returned
        self.has_returned |= bool(returned)
        return returned

    def refuse(self, tweets: Iterable[str]) -> set[str]:
        """Learn which posts belong to another account; returns those that are available there."""
        returned = self._before.intersection(tweets)
        self._before -= returned
        return returned

    def among(self, tweets: Iterable[str]) -> frozenset[str]:
        """Those posts that are unavailable, as far as is known."""
        return frozenset((self._before | self._found).intersection(tweets))
