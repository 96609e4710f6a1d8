"""Reads of whole lists, of which X gives page after page by token and takes no bounds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tap_twitter.streams.bookmarks import SnapshotBookmark
from tap_twitter.streams.pages import TOKEN, P, PagedRead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date

    from tap_twitter.cost.plan import Demand
    from tap_twitter.streams.pages import Source


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
        is_cut: Whether `source.most` has ended the last snapshot.
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
        self.is_cut = False
        self._fetch = fetch
        self._save = save
        self._today = today
        self._is_at_end = False
        self._ids: tuple[int, ...] = ()
        self._new = 0

    @property
    def columns(self) -> Mapping[str, Any]:
        """What the rows have in common: the day on which their snapshot began."""
        return {"date": str(self.bookmark.date)}

    def demand(self) -> Demand:
        """What the read requests at least: X does not say how long a list is."""
        begun = self.bookmark
        if not begun.is_begun and begun.date == self._today():
            return self.source.demand(0)
        left = None if self.source.most is None else self.source.most - begun.given * begun.is_begun
        return self.source.demand(left)

    @property
    def position(self) -> int | None:
        """The number of items so far, downwards; a page like the last one does not count."""
        return -self._new

    @property
    def is_done(self) -> bool:
        """Whether the list has no other items, or the snapshot may have no others."""
        return self._is_at_end

    @property
    def wanted(self) -> int:
        """The number of items that the next page should have."""
        most = self.source.endpoint.per_request
        return (
            most if self.source.most is None else min(most, self.source.most - self.bookmark.given)
        )

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
        """Request the next page."""
        token = {TOKEN: self.token} if self.token else {}
        return self._fetch({"max_results": str(size), **token})

    def _begin(self) -> None:
        self.token, self._is_at_end, self._ids, self._new = None, False, (), 0
        self.bookmark = SnapshotBookmark(self._today())

    def _down(self) -> Iterator[P]:
        for page in self.pages():
            yield page
            self._move(page)

    def _move(self, page: P) -> None:
        ids = tuple(page.ids)
        self._new += len(ids) if ids != self._ids else 0
        self._ids = ids
        given = self.bookmark.given + len(ids)
        self.is_cut = (
            self.source.most is not None
            and given >= self.source.most
            and page.next_token is not None
        )
        self._is_at_end = self.is_cut or page.next_token is None
        self.token = None if self._is_at_end else page.next_token
        self.bookmark = replace(self.bookmark, page=self.token, given=given)
        self._save(self.bookmark, len(ids))
