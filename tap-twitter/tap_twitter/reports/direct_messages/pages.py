"""The number of events that a page requests."""

from __future__ import annotations


class PageSizes:
    """The sizes of the pages of one read.

    X charges for each event that it returns, even if it was read before. It does not say how many
    are new, and it allows few requests. So every page requests as many events as all pages before
    it together: the events read in vain never outnumber the new ones, or are one if none is new.

    Args:
        first: The size of the first page; the maximum if everything is new.
        most: The maximum size that X allows.
    """

    def __init__(self, first: int, most: int) -> None:
        self._first = first
        self._most = most
        self._asked = 0

    @property
    def next(self) -> int:
        """The size of the next page."""
        return min(max(self._asked, self._first), self._most)

    def note(self, size: int) -> None:
        """Count a page that was requested."""
        self._asked += size
