"""How many events are asked for at a time, and whether a read gets on."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

from tap_twitter.errors import InvalidRequestError, UnreachableError
from tap_twitter.streams.recent_posts import MAX_REPEATED_PAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_IDLE_PAGES: Final = 20
"""So many empty pages in a row are no whim of X's any more."""


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


class Descent:
    """Ends a read that goes in circles, page by page for money."""

    def __init__(self) -> None:
        self._lowest = inf
        self._idle = 0
        self._died_at = inf
        self._ids: tuple[int, ...] = ()
        self._repeated = 0

    def check_is_new(
        self, ids: Iterable[int], asked_for: str | None, next_page: str | None
    ) -> None:
        """Note what a page holds, and where it leads.

        Args:
            ids: Of all its items.
            asked_for: X's token of the page.
            next_page: That of the page below.

        Raises:
            UnreachableError: X has led from a page to itself, and again.
        """
        found = tuple(ids)
        is_same = bool(found) and found == self._ids
        # pages without any may be on the way; `check` counts those
        leads_to_itself = bool(found) and asked_for is not None and asked_for == next_page
        self._repeated = self._repeated + 1 if is_same or leads_to_itself else 0
        self._ids = found
        if self._repeated >= MAX_REPEATED_PAGES and next_page is not None:
            msg = (
                "X returns the same page of messages repeatedly, and nothing below it. What was "
                "new is kept; the next run resumes here."
            )
            raise UnreachableError(msg)

    def check(self, lowest: int | None, *, is_done: bool) -> None:
        """Note a page.

        Args:
            lowest: The lowest id of the read so far.
            is_done: Whether the read is at its end.

        Raises:
            UnreachableError: Many pages in a row have led no further.
        """
        reached = inf if lowest is None else lowest
        self._idle = 0 if reached < self._lowest else self._idle + 1
        self._lowest = reached
        if self._idle >= MAX_IDLE_PAGES and not is_done:
            msg = (
                f"X returned {self._idle} pages in a row without anything new. The next "
                "run resumes here."
            )
            raise UnreachableError(msg)

    def restart(self, lowest: int | None, error: InvalidRequestError) -> None:
        """Note that a token has died, so that the read begins anew.

        Args:
            lowest: The lowest id of the read so far.
            error: X's refusal.

        Raises:
            InvalidRequestError: The refusal, where reading anew has come no deeper than before.
        """
        reached = float(2**64) if lowest is None else lowest
        if reached >= self._died_at:
            raise error
        self._died_at, self._lowest = reached, inf
