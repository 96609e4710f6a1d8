"""How many events a page requests."""

from __future__ import annotations


class PageSizes:
    """The sizes of the pages of one read.

    X charges for each event that it gives, also for those that were read before. How many are new
    it does not tell, and it allows few requests. So every page asks for as many as all pages before
    it: what is read in vain is never more than what is new, and one event where nothing is.

    Args:
        first: The size of the first page; the most where everything is new.
        most: The most that X gives.
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
        """Count a page that was asked for."""
        self._asked += size
