"""A range of posts and how far they were read."""

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
        oldest: The smallest id.
        newest: The largest id; the range includes all posts of the report between the two.
        position: How far they were read.
    """

    oldest: int
    newest: int
    position: Position

    @classmethod
    def of(cls, tweets: Iterable[str], position: Position) -> PostRange | None:
        """The range of some posts; None if there are none."""
        ids = sorted(map(int, tweets))
        return cls(ids[0], ids[-1], position) if ids else None

    @classmethod
    def from_json(cls, value: Mapping[str, Any] | None) -> PostRange | None:
        """Parse the value that `as_json` returns.

        Raises:
            KeyError, TypeError, ValueError: The value has another form.
        """
        if value is None:
            return None
        below, at = value["below"], moment(value["at"])
        position = Position(at, int(value["part"]), None if below is None else int(below))
        return cls(int(value["oldest"]), int(value["newest"]), position)

    def as_json(self) -> dict[str, Any]:
        """The range as JSON; ids are strings, since some JSON readers lose digits of large ones."""
        at, part, below = self.position
        ids = {"oldest": str(self.oldest), "newest": str(self.newest)}
        return {
            **ids,
            "at": stamp(at),
            "part": part,
            "below": None if below is None else str(below),
        }

    def holds(self, tweet: str) -> bool:
        """Whether a post is in the range."""
        return self.oldest <= int(tweet) <= self.newest

    def within(self, tweets: Iterable[str]) -> PostRange | None:
        """The range of its posts that the report still has."""
        return PostRange.of((each for each in tweets if self.holds(each)), self.position)

    def settled_by(self, settled: datetime) -> PostRange:
        """The part that stays valid if only counts from before a moment were final."""
        at = self.position.at
        if at + LONGEST <= settled:
            return self
        return replace(self, position=Position(min(at, settled)))

    def until(self, end: datetime) -> PostRange:
        """The part before a moment; a window that begins there stays begun."""
        return self if self.position.at <= end else replace(self, position=Position(end))

    def would_end(self, end: datetime) -> datetime:
        """The end of the begun window in a report that ends at a given moment."""
        return min(self.position.at + LONGEST, end)

    def before_window(self) -> PostRange:
        """The range without the begun window, for use if that window now ends elsewhere."""
        return replace(self, position=Position(self.position.at))

    def joined(self, tweets: Iterable[str]) -> PostRange:
        """The range after posts that were behind have caught up."""
        ids = [self.oldest, self.newest, *map(int, tweets)]
        return replace(self, oldest=min(ids), newest=max(ids))


def moment(text: Any) -> datetime:
    """Parse a moment in a bookmark.

    Raises:
        ValueError: The value is not a moment.
    """
    found = moment_of(text)
    if found is None:
        raise ValueError
    return found
