"""The progress of a pass: which of its references are answered, at any position.

If requests are sent ahead, one of them may fail for good while later ones are answered. So the
answered references form a set of ranges. The bookmark names their ends by reference, never by
position, so that it stays true whatever happens to the rest of the input.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from tap_twitter.objects.user_references import ID, Kind, Reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Ordered(Protocol):
    """References in a fixed order."""

    def reference(self, position: int) -> Reference:
        """The reference at a position."""

    def preceding(self, reference: Reference) -> int:
        """The number of references before the given one, which need not be present."""

    def up_to(self, reference: Reference) -> int:
        """The same number, plus the reference itself if it is present."""


@dataclass(frozen=True, slots=True)
class LookupBookmark:
    """Answered references as ranges of positions: sorted, and no range touches the next.

    Attributes:
        ranges: Each is its first position and the position after its last.
    """

    ranges: tuple[tuple[int, int], ...] = ()

    def joined(self, start: int, stop: int) -> LookupBookmark:
        """The progress with another range added, all of it now answered."""
        apart = [each for each in self.ranges if each[1] < start or stop < each[0]]
        touched = [each for each in self.ranges if each not in apart]
        start = min([start, *(each[0] for each in touched)])
        stop = max([stop, *(each[1] for each in touched)])
        return LookupBookmark(tuple(sorted([*apart, (start, stop)])))

    def gaps(self, start: int, stop: int) -> Iterator[tuple[int, int]]:
        """The unanswered ranges between two positions."""
        for first, last in self.ranges:
            if start < min(first, stop):
                yield start, min(first, stop)
            start = max(start, last)
        if start < stop:
            yield start, stop

    def as_bookmark(self, order: Ordered) -> dict[str, Any]:
        """The progress as JSON values.

        `after` is the last reference of the range answered from the start, or None; `answered`
        holds the first and the last reference of every further range.
        """
        begun = [stop for start, stop in self.ranges if start == 0]
        bookmark: dict[str, Any] = {"after": _as_json(order, begun[0] - 1) if begun else None}
        further = [each for each in self.ranges if each[0] > 0]
        if further:
            ends = [[_as_json(order, start), _as_json(order, stop - 1)] for start, stop in further]
            bookmark["answered"] = ends
        return bookmark

    @classmethod
    def from_bookmark(cls, bookmark: Mapping[str, Any], order: Ordered) -> LookupBookmark:
        """Parse the value that `as_bookmark` returns.

        Raises:
            AttributeError: A part is of the wrong type.
            KeyError: A part is missing.
            TypeError: A part is of the wrong type.
            ValueError: A part has a value that no bookmark can have.
        """
        progress = cls()
        if bookmark["after"] is not None:
            progress = progress._answered(0, order.up_to(_reference(bookmark["after"])))
        for first, last in bookmark.get("answered", []):
            start, stop = order.preceding(_reference(first)), order.up_to(_reference(last))
            progress = progress._answered(start, stop)
        return progress

    def _answered(self, start: int, stop: int) -> LookupBookmark:
        """The progress with a range added, unless the input no longer holds any of it."""
        return self.joined(start, stop) if start < stop else self


NOTHING: Final = LookupBookmark()


def _as_json(order: Ordered, position: int) -> dict[str, str]:
    reference = order.reference(position)
    return {"kind": reference.kind.value, "value": reference.value}


def _reference(cursor: Mapping[str, Any]) -> Reference:
    kind, value = Kind(cursor["kind"]), cursor["value"]
    if not isinstance(value, str):
        raise TypeError
    if kind is Kind.ID and not ID.fullmatch(value):
        raise ValueError
    return Reference(kind, value)
