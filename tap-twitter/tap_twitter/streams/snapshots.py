"""Reads of whole lists, of which X gives page after page by token and takes no bounds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.streams.bookmarks import SnapshotBookmark
from tap_twitter.streams.pages import TOKEN, P, PagedRead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from tap_twitter.cost.plan import Demand
    from tap_twitter.streams.pages import Source


COMPLETE: Final = "complete"
CUT: Final = "cut"
"""How a snapshot has ended: with its list, or at the most items that are wanted."""


class SnapshotRead(PagedRead[P]):
    """One run's read of a list: the snapshot that a run has left, then that of the day.

    A snapshot whose token has expired begins anew, on the day on which that was found out.

    Args:
        source: What is read.
        bookmark: How far it was read.
        fetch: Takes size and token as X names them, and requests a page.
        save: Keeps the bookmark, and takes the number of items that were given since.
        today: Gives the UTC day.

    Attributes:
        bookmark: As the pages so far have left it.
        end: `COMPLETE` or `CUT` if the page that was given last ends its snapshot; else None.
    """

    def __init__(
        self,
        source: Source,
        bookmark: SnapshotBookmark,
        fetch: Callable[[Mapping[str, str]], P],
        save: Callable[[SnapshotBookmark, int], None],
        today: Callable[[], date],
    ) -> None:
        super().__init__(source)
        self.bookmark = bookmark
        self.end: str | None = None
        self._fetch = fetch
        self._save = save
        self._today = today
        self._before: P | None = None
        self._ids: tuple[int, ...] = ()
        self._new = 0

    @property
    def columns(self) -> Mapping[str, Any]:
        """What the rows of a page have in common: the day, and whether it ends the snapshot."""
        return {"date": str(self.bookmark.date), "snapshot_end": self.end}

    def demand(self) -> Demand:
        """What the read requests at most, or at least if nothing limits the snapshot.

        X does not say how long a list is: the number of the last snapshot stands for it.
        """
        begun, most = self.bookmark, self.source.most
        is_due = begun.date != self._today()
        if most is not None:
            left = max(most - begun.given, 0) if begun.is_begun else 0
            return self.source.demand(left + most * is_due)
        if not begun.is_begun and not is_due:
            return self.source.demand(0)
        known = 0 if begun.is_begun else begun.given
        count = max(known, self.source.endpoint.per_request)
        return self.source.demand(count)._replace(open_ended=True)

    @property
    def position(self) -> int | None:
        """The number of items so far, downwards; a page like the last one does not count."""
        return -self._new

    @property
    def is_done(self) -> bool:
        """Whether the list has no other items, or the snapshot may have no others."""
        return self.end is not None

    @property
    def wanted(self) -> int:
        """The number of items that the next page should have."""
        most, left = self.source.endpoint.per_request, self._left
        return most if left is None else min(most, left)

    def read(self) -> Iterator[P]:
        """Give page after page; the bookmark moves when the next one is requested.

        Raises:
            TapError: X does not give the list.
        """
        if self.bookmark.is_begun:
            self.token = self.bookmark.page
            yield from self._down()
        if not self.is_stopped and self.bookmark.date != self._today():
            self._begin()
            yield from self._down()

    def restart(self) -> None:
        """Begin the snapshot anew."""
        self._begin()

    def request(self, size: int) -> P:
        """Request the next page; in the place of an empty last one, give the one before again.

        Its rows then say that nothing follows.
        """
        token = {TOKEN: self.token} if self.token else {}
        page = self._fetch({"max_results": str(size), **token})
        self.end = self._end_of(page)
        if self.end and not page.ids and self._before:
            page = self._before
        self._before = page
        return page

    @property
    def _left(self) -> int | None:
        """The number of items that the snapshot may still have; None if nothing limits it."""
        most = self.source.most
        return None if most is None else max(most - self.bookmark.given, 0)

    def _end_of(self, page: P) -> str | None:
        if page.next_token is None:
            return COMPLETE
        left = self._left
        return CUT if left is not None and len(page.ids) >= left else None

    def _begin(self) -> None:
        self.token, self.end, self._before, self._ids, self._new = None, None, None, (), 0
        self.bookmark = SnapshotBookmark(self._today())

    def _down(self) -> Iterator[P]:
        if self._left == 0:  # the limit was lowered
            self.end = CUT
            self.bookmark = replace(self.bookmark, page=None)
            self._save(self.bookmark, 0)
        for page in self.pages():
            yield page
            self._move(page)
        if self.end == CUT:
            self._tell_cut()

    def _move(self, page: P) -> None:
        ids = tuple(page.ids)
        new = len(ids) if ids != self._ids else 0
        self._ids, self._new = ids, self._new + new
        self.token = None if self.end else page.next_token
        self.bookmark = replace(self.bookmark, page=self.token, given=self.bookmark.given + new)
        self._save(self.bookmark, len(ids))

    def _tell_cut(self) -> None:
        self.source.requester.logger.warning(
            "The snapshot of %s '%s' of %s is cut at %s %s by 'limit', as 'snapshot_end' says.",
            self.source.part.noun,
            self.source.part.name,
            self.bookmark.date,
            f"{self.bookmark.given:,}",
            self.source.items,
        )
