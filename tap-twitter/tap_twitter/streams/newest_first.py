"""Reads by id of posts, newest first: what a stopped run has left, then what is new."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from tap_twitter.dates import stamp
from tap_twitter.objects.snowflakes import first_id, moment_of
from tap_twitter.streams.pages import TOKEN, Page, PagedRead

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime

    from tap_twitter.cost.plan import Demand
    from tap_twitter.streams.bookmarks import NewestFirstBookmark
    from tap_twitter.streams.pages import Source

MAX_ID: Final = 2**63 - 1


class PostsPage(Page, Protocol):
    """A page of posts."""

    def keep_below(self, post_id: int | None) -> Collection[int]:
        """Leave out posts from an id on; gives the ids of the others."""


Posts = TypeVar("Posts", bound=PostsPage)


class NewestFirstRead(PagedRead[Posts]):
    """One run's read of a partition's posts.

    The bounds are ids, which X takes, so that it returns nothing that is not wanted, and from page
    to page the upper bound falls: X's tokens may expire, and are used after pages without anything
    new alone.

    Args:
        source: What is read.
        bookmark: How far the partition was read.
        fetch: Takes bounds as X names them, and requests a page.
        save: Keeps the bookmark, and takes the number of posts that were given since.
        start: The posts up to this id are not wanted.

    Attributes:
        bookmark: As the pages so far have left it.
        bound: The id down to which pages are requested.
        is_from_top: Whether the read, or its present part, began with the newest post.
        columns: What its rows have in common.
    """

    columns: Mapping[str, Any] = MappingProxyType({})

    def __init__(
        self,
        source: Source,
        bookmark: NewestFirstBookmark,
        fetch: Callable[[Mapping[str, str]], Posts],
        save: Callable[[NewestFirstBookmark, int], None],
        start: int = 0,
    ) -> None:
        super().__init__(source)
        self.bookmark = bookmark
        self.is_from_top = bookmark.read is None
        self._fetch = fetch
        self._save = save
        self._start = start
        self.bound = 0
        self._is_at_end = False
        self._kept: Collection[int] = ()

    @property
    def position(self) -> int | None:
        """The oldest id that the read has come to."""
        return self.bookmark.low

    @property
    def is_done(self) -> bool:
        """Whether X has said that nothing follows."""
        return self._is_at_end

    @property
    def since(self) -> int:
        """The id after which this run reads."""
        return max(self._start, self.bookmark.floor or 0)

    def demand(self) -> Demand:
        """What the read requests at most: X does not say how many posts are new."""
        most = self.source.most
        if most is None:
            return self.source.demand(None)
        # a read that was stopped is followed by a page of new ones at least
        return self.source.demand(max(most - self.bookmark.given, self.source.endpoint.per_request))

    def read(self) -> Iterator[Posts]:
        """Give page after page; the bookmark moves when the next one is requested.

        Raises:
            TapError: X does not give the posts.
        """
        yield from self.down_to(self.since)
        if not (self.is_from_top or self.is_stopped):
            self._finish()
            self.is_from_top = True
            yield from self.down_to(self.bookmark.floor or 0)
        if not self.is_stopped:
            self._finish()

    def down_to(self, since: int) -> Iterator[Posts]:
        """Read what lies between an id and what this read has given already."""
        low = self.bookmark.low
        if low is None or low > since + 1:
            yield from self.window(since)

    def window(self, since: int) -> Iterator[Posts]:
        """Read page after page down to an id."""
        self.bound, self.token, self._is_at_end = since, None, False
        for page in self.pages():
            yield page
            self._move(page)

    def request(self, size: int) -> Posts:
        """Request the next page below the last one."""
        low = self.bookmark.low
        bounds = {
            "max_results": str(size),
            "since_id": str(self.bound) if self.bound else None,
            "until_id": str(low) if low else None,
            TOKEN: self.token,
        }
        page = self._fetch({name: value for name, value in bounds.items() if value is not None})
        self._kept = page.keep_below(low)
        return page

    def _move(self, page: Posts) -> None:
        self.bookmark = self.bookmark.joined(list(self._kept))
        self._save(self.bookmark, len(self._kept))
        self.token = None if self._kept else page.next_token
        self._is_at_end = page.next_token is None

    def _finish(self) -> None:
        """Move the bookmark past a read that has given all that X has, and say what X has not."""
        low, most = self.bookmark.low, self.source.most
        if low is not None and most is not None and self.bookmark.given >= most:
            self.source.requester.logger.warning(
                "X goes back %s posts: those of %s '%s' before %s are out of reach.",
                f"{most:,}",
                self.source.part.noun,
                self.source.part.name,
                stamp(moment_of(low)),
            )
        self.bookmark = self.bookmark.finished()
        self._save(self.bookmark, 0)


def id_before(moment: datetime) -> int:
    """The newest id that was there before a moment, should anything have happened.

    X takes ids of 19 digits, which end in the year 2080.
    """
    return min(max(0, first_id(moment) - 1), MAX_ID - 1)
