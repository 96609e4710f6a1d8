"""Reads of X page by page: the loop, its budget, and the guard against pages that lead nowhere."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from tap_twitter.errors import InvalidRequestError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.api.requester import Requester
    from tap_twitter.auth.partition import Partition
    from tap_twitter.cost.plan import Demand

TOKEN: Final = "pagination_token"

MAX_IDLE_PAGES: Final = 20
"""X gives empty pages in between; after so many in a row it leads nowhere."""

MAX_REPEATED_PAGES: Final = 2
"""X was seen to lead from a page to itself, for ever; once may be a fault of the moment."""


class Page(Protocol):
    """A page of X's items."""

    @property
    def ids(self) -> Sequence[int]:
        """The ids of all items on it, known ones too."""

    @property
    def next_token(self) -> str | None:
        """X's token of the page that follows; None on the last one."""


P = TypeVar("P", bound=Page)


@dataclass(frozen=True, slots=True)
class Source:
    """What a read requests pages of.

    Attributes:
        requester: Who asks, and has it on the bill.
        endpoint: What is requested.
        part: The partition.
        items: What the pages hold, in messages.
        most: The number of items that there are at most, or that are wanted; None for all.
        extra: Gives the price of what may come along with an item, in USD.
        is_test: Whether one row will do.
    """

    requester: Requester
    endpoint: Endpoint
    part: Partition
    items: str = "posts"
    most: int | None = None
    extra: Callable[[], Decimal] = Decimal
    is_test: bool = False

    def size(self, wanted: int) -> int:
        """The number of items to request next; 0 if the budget is used up.

        Args:
            wanted: The number of items that the page should have.
        """
        least = self.endpoint.min_per_request
        if self.is_test:
            return least
        size = self.requester.affordable(self.endpoint, max(wanted, least), self.part, self.extra())
        return size if size >= least else 0

    def demand(self, count: int | None) -> Demand:
        """What a read of so many items requests; None if X does not say how many there are."""
        objects = self.endpoint.per_request if count is None else count
        demand = self.requester.demand(self.endpoint, objects, self.part)
        return demand._replace(price=demand.price + self.extra(), open_ended=count is None)


class PagedRead(ABC, Generic[P]):
    """A read of a source that X gives page by page.

    Subclasses give `request`, `position` and `is_done`, and move on between two pages of `pages`:
    once the rows of a page were given, and before the next one is requested.

    Args:
        source: What is read.

    Attributes:
        token: X's token of the next page; None for the first one.
        is_stopped: Whether the budget has ended the read.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.token: str | None = None
        self.is_stopped = False

    @abstractmethod
    def request(self, size: int) -> P:
        """Request the next page.

        Raises:
            TapError: X does not give it.
        """

    @property
    @abstractmethod
    def position(self) -> int | None:
        """How far the read has come: it falls with each page that has something new."""

    @property
    @abstractmethod
    def is_done(self) -> bool:
        """Whether the read has everything."""

    @property
    def wanted(self) -> int:
        """The number of items that the next page should have."""
        return self.source.endpoint.per_request

    def restart(self) -> None:
        """Begin at the first page again, since the token of the next one has expired."""
        self.token = None

    def pages(self) -> Iterator[P]:
        """Request page after page, until the read is done or the budget is used up.

        Raises:
            TapError: X does not give them, or gives the same again and again.
        """
        guard = PageGuard(self.source.items, self.position)
        while not self.is_done:
            size = self.source.size(self.wanted)
            if not size:
                self.is_stopped = True
                return
            asked_for = self.token
            try:
                page = self.request(size)
            except InvalidRequestError as error:
                if asked_for is None or TOKEN not in error.refusals:
                    raise
                guard.restart(self.position, error)
                self.restart()
                continue
            yield page
            if not self.is_done:
                guard.check(page, asked_for, self.position)


class PageGuard:
    """Ends a read that goes in circles, page by page for money.

    Args:
        items: What the pages hold, in messages.
        position: How far the read has come before.
    """

    def __init__(self, items: str, position: int | None = None) -> None:
        self._items = items
        self._position: float = inf if position is None else position
        self._died_at = inf
        self._idle = 0
        self._repeated = 0

    def check(self, page: Page, asked_for: str | None, position: int | None) -> None:
        """Check a page of a read that is not done.

        Args:
            page: The page.
            asked_for: X's token of it.
            position: How far the read has come with it.

        Raises:
            UnreachableError: Pages in a row have led no further.
        """
        reached = inf if position is None else position
        is_further = reached < self._position
        leads_to_itself = asked_for is not None and asked_for == page.next_token
        # pages without any items may be on the way
        is_repeated = bool(page.ids) and (leads_to_itself or not is_further)
        self._position = reached
        self._repeated = self._repeated + 1 if is_repeated else 0
        self._idle = 0 if is_further else self._idle + 1
        if self._repeated >= MAX_REPEATED_PAGES:
            msg = (
                f"X returns the same page of {self._items} repeatedly, and nothing below it. What "
                "was new is kept; the next run resumes here."
            )
            raise UnreachableError(msg)
        if self._idle > MAX_IDLE_PAGES:
            msg = (
                f"X returned {self._idle} pages in a row without any other {self._items}. The next "
                "run resumes here."
            )
            raise UnreachableError(msg)

    def restart(self, position: int | None, error: InvalidRequestError) -> None:
        """Note that a token has expired, so that the read begins again.

        Args:
            position: How far the read has come.
            error: X's refusal.

        Raises:
            InvalidRequestError: The refusal, if the second read has come no further than the first.
        """
        reached = float(2**64) if position is None else position
        if reached >= self._died_at:
            raise error
        self._died_at, self._position = reached, inf
