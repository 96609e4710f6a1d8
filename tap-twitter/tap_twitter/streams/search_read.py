"""Reads of X's recent search, which goes back seven days."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.dates import stamp
from tap_twitter.errors import InvalidRequestError
from tap_twitter.objects.snowflakes import moment_of
from tap_twitter.streams.newest_first import NewestFirstRead, id_before
from tap_twitter.streams.rows_page import RowsPage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tap_twitter.cost.plan import Demand

SMALLEST: Final = re.compile(r"larger than ([0-9]{1,19})\D*$", re.ASCII)
"""The end of X's refusal of an id that is too old, as clients have seen it
(https://github.com/plhery/node-twitter-api-v2/issues/152)."""

SETTLED: Final = timedelta(days=1)
"""Posts of this age are found for certain. X's search leaves out the last half minute, and indexes
some posts later."""


class SearchRead(NewestFirstRead[RowsPage]):
    """One run's read of a query.

    X refuses bounds that are older than seven days, and its refusal names the id at which the
    search begins. A warning says which posts are out of reach. The read then has no lower bound:
    X gives the same posts, and the bound cannot become too old again from page to page.

    The bookmark moves past time in which nothing was found. Otherwise a query that rarely finds
    anything would seem to have a gap.

    Args:
        parts: As for `NewestFirstRead`.
        now: When the run began.
        count: Takes the partition and an id, and gives the number of posts after it; None if X may
            not be asked.
    """

    def __init__(self, *parts: Any, now: datetime, count: Callable[[Any, int], int | None]) -> None:
        super().__init__(*parts)
        self._count = count
        self._settled = id_before(now - SETTLED)

    def demand(self) -> Demand:
        """The posts that X counts, less those that were given; one page if it is not asked."""
        count = self._count(self.source.part, self.since)
        if count is None:
            return super().demand()
        return self.source.demand(max(count - self.bookmark.given, 0))

    def request(self, size: int) -> RowsPage:
        """Request the next page; an empty one if X no longer searches what is left."""
        try:
            return super().request(size)
        except InvalidRequestError as error:
            begin = _begin(error, "since_id" if self.bound else "until_id")
            if begin is None:
                raise
            self._warn(min(begin, self.bookmark.low or begin))
            if not self.bound or _begin(error, "until_id"):
                self._kept = ()
                return RowsPage({}, None)
        self.bound = 0
        return super().request(size)

    def _warn(self, begin: int) -> None:
        since = f"from {stamp(moment_of(self.bound))} to" if self.bound else "before"
        self.source.requester.logger.warning(
            "X searches seven days back: for query '%s', posts %s %s are out of reach. Run the job "
            "at least once a week.",
            self.source.part.name,
            since,
            stamp(moment_of(begin)),
        )

    def _finish(self) -> None:
        if self.is_from_top:
            floor = max(self.bookmark.floor or 0, self._settled)
            self.bookmark = replace(self.bookmark, floor=floor)
        super()._finish()


def _begin(error: InvalidRequestError, bound: str) -> int | None:
    """The smallest id that X accepts, by its refusal of a bound; None if it did not refuse it."""
    found = SMALLEST.search(error.refusals.get(bound, ""))
    return int(found[1]) if found else None
