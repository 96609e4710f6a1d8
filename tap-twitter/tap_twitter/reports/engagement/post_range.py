"""How far posts were read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tap_twitter.dates import moment_of, stamp
from tap_twitter.reports.engagement.requests import LONGEST, Position

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class PostRange:
    """Posts that were read equally far.

    Attributes:
        oldest: The smallest of their ids.
        newest: The largest one: all posts of the report between the two are meant.
        position: How far.
    """

    oldest: int
    newest: int
    position: Position

    @classmethod
    def of(cls, tweets: Iterable[str], position: Position) -> PostRange | None:
        """The reach of some posts; None without any."""
        ids = sorted(map(int, tweets))
        return cls(ids[0], ids[-1], position) if ids else None

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None) -> PostRange | None:
        """Read what `as_json` gives.

        Raises:
            KeyError, TypeError, ValueError: It is something else.
        """
        if value is None:
            return None
        below, at = value["below"], moment(value["at"])
        position = Position(at, int(value["part"]), None if below is None else int(below))
        return cls(int(value["oldest"]), int(value["newest"]), position)

    def as_json(self) -> dict[str, Any]:
        """The reach as JSON; ids are texts, since not every reader of JSON keeps so many digits."""
        at, part, below = self.position
        ids = {"oldest": str(self.oldest), "newest": str(self.newest)}
        return {
            **ids,
            "at": stamp(at),
            "part": part,
            "below": None if below is None else str(below),
        }

    def holds(self, tweet: str) -> bool:
        """Whether a post is among those that are meant."""
        return self.oldest <= int(tweet) <= self.newest

    def within(self, tweets: Iterable[str]) -> PostRange | None:
        """The reach of those posts that the report still has."""
        return PostRange.of((each for each in tweets if self.holds(each)), self.position)

    def settled_by(self, settled: datetime) -> PostRange:
        """The part of it that holds where only counts from before a moment were final."""
        at = self.position.at
        if at + LONGEST <= settled:
            return self
        return replace(self, position=Position(min(at, settled)))

    def until(self, end: datetime) -> PostRange:
        """The part of it before a moment; a window that begins there stays begun."""
        return self if self.position.at <= end else replace(self, position=Position(end))

    def would_end(self, end: datetime) -> datetime:
        """Where the window ends that was begun, in a report that ends at some moment."""
        return min(self.position.at + LONGEST, end)

    def before_window(self) -> PostRange:
        """The reach without the window that was begun, where that is to end elsewhere."""
        return replace(self, position=Position(self.position.at))

    def joined(self, tweets: Iterable[str]) -> PostRange:
        """The reach when posts have caught up that were behind."""
        ids = [self.oldest, self.newest, *map(int, tweets)]
        return replace(self, oldest=min(ids), newest=max(ids))


def moment(text: Any) -> datetime:
    """Read a moment of a bookmark.

    Raises:
        ValueError: It is none.
    """
    found = moment_of(text)
    if found is None:
        raise ValueError
    return found
