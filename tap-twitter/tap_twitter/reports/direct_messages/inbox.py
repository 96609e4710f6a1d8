"""One read of an account's direct messages, shared by all streams that want them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tap_twitter.api.endpoints.v2 import DM_EVENTS
from tap_twitter.api.vocabulary import Vocabulary
from tap_twitter.cost.ledger import Resource
from tap_twitter.dates import moment_of as moment_in
from tap_twitter.dates import stamp
from tap_twitter.objects.snowflakes import moment_of
from tap_twitter.reports.direct_messages.events import (
    EventsPage,
    EventsRequest,
    page_of,
    row_of,
    stream_of,
)
from tap_twitter.reports.direct_messages.names import NO_NAMES, Names
from tap_twitter.reports.direct_messages.pages import PageSizes
from tap_twitter.streams.bookmarks import NewestFirstBookmark
from tap_twitter.streams.pages import PagedRead, Source
from tap_twitter.streams.shared_read import SharedRead

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_twitter.api.requester import Requester
    from tap_twitter.auth.account import Account
    from tap_twitter.clock import Clock
    from tap_twitter.cost.plan import Demand

KEPT: Final = timedelta(days=30)
"""How long X returns events (https://docs.x.com/x-api/direct-messages/lookup/introduction)."""

USERS_PER_EVENT: Final = 2
"""The maximum number of users included, and billed, with an event: its sender and one other."""

READ_AT: Final = "read_at"
"""Bookmark key beside the cursor: when the last complete read began, which gave all events."""

BEGUN_AT: Final = "begun_at"
"""Bookmark key beside the cursor of an unfinished read: when it first began at the top."""


class GivenPage(NamedTuple):
    """The rows of a page of events, for each stream.

    Attributes:
        rows: By stream: the rows that are new to it.
        ids: The ids of all events on the page.
        next_token: X's token of the page below; None on the last page.
    """

    rows: dict[str, list[dict[str, Any]]]
    ids: Sequence[int]
    next_token: str | None


@dataclass(eq=False)
class Inbox(PagedRead[EventsPage]):
    """One read of an account's events, shared by all streams that want some of them.

    Attributes:
        requester: Sends the requests and is billed for them.
        account: The account that owns the events.
        settings: The settings group `direct_messages`.
        bookmarks: By stream: how far it has read the account; `moved` updates them.
        names: The user names that the run has bought.
        clock: Tells the time.
        one_will_do: Whether one row is enough.

    Raises:
        StateError: A bookmark is invalid.
    """

    requester: Requester
    account: Account
    settings: Mapping[str, Any]
    bookmarks: dict[str, Any]
    names: Names
    clock: Clock
    one_will_do: bool = False

    def __post_init__(self) -> None:
        super().__init__(
            Source(self.requester, DM_EVENTS, self.account, "messages", extra=self._price_of_users)
        )
        cursors = {name: bookmark_of(each, name) for name, each in self.bookmarks.items()}
        self._read = SharedRead(cursors, self.settings.get("limit"))
        self._oldest = self.clock.now() - KEPT  # X returns only younger events
        self._begun_at: str | None = None  # the bookmark holds it if another run began
        self._sizes = self._first_sizes()

    def first_demand(self) -> Demand:
        """Begin the next read, and return the demand of its first page."""
        self._read.begin()
        return self.source.demand(self._first_sizes().next)._replace(open_ended=True)

    @property
    def most(self) -> int | None:
        """How many rows all streams get at most; None if the settings do not limit them."""
        limit: int | None = self.settings.get("limit")
        if limit is None:
            return None
        return sum(max(limit - each.given, 0) for each in self._read.cursors.values())

    @property
    def position(self) -> int | None:
        """The lowest id that the read has reached."""
        return self._read.lowest

    @property
    def is_done(self) -> bool:
        """Whether every stream has all events new to it."""
        return self._read.is_done

    @property
    def wanted(self) -> int:
        """The number of events to request with the next page."""
        return self._sizes.next

    def read(self) -> Iterator[GivenPage]:
        """Yield page after page; each is requested once the one before was taken and `moved`.

        Raises:
            TapError: X does not return the events.
        """
        self._tell_gap()
        goes_on = True
        while goes_on:
            was_begun = self._read.begin()
            self._begun_at = None if was_begun else stamp(self.clock.now())
            self.token, self._sizes = self._read.page, self._first_sizes()
            for page in self.pages():
                yield GivenPage(self._rows(page), page.ids, page.next_token)
            goes_on = was_begun and self._read.is_done

    def moved(self, page: GivenPage) -> dict[str, Any]:
        """The bookmarks, by stream, after all rows of a page were given."""
        reading = [name for name in self.bookmarks if self._read.is_for(name)]
        self._read.after(page.ids, page.next_token)
        self.token = self._read.page
        found = {name: self._moved(name) for name in reading}
        self.bookmarks |= found
        return found

    def drop(self, name: str) -> None:
        """Stop reading for a stream that has failed; its bookmark stays before this page."""
        del self.bookmarks[name]
        self._read.drop(name)

    def _first_sizes(self) -> PageSizes:
        """The first page sizes: small if perhaps nothing is new, else as large as is useful."""
        floor, most = self._read.floor, DM_EVENTS.per_request
        if self.one_will_do or (floor is not None and moment_of(floor) > self._oldest):
            return PageSizes(1, most)
        return PageSizes(min(self.settings.get("limit") or most, most), most)

    def _price_of_users(self) -> Decimal:
        """The maximum cost of the users included with an event, in USD."""
        run = self.requester.run
        brings_users = self.settings["expand_users"] or run.vocabulary.words is Vocabulary.POST
        return USERS_PER_EVENT * run.ledger.prices[Resource.USER] if brings_users else Decimal()

    def request(self, size: int) -> EventsPage:
        """Request the next page.

        Raises:
            TapError: X does not return it.
        """
        question = EventsRequest(
            self.settings["event_types"], size, self.token, self.settings["expand_users"]
        )
        page = self.requester.fetch_worded(DM_EVENTS, question.parameters, page_of, self.account)
        self._sizes.note(size)
        if not page.is_end_told and len(page.events) >= size:
            self.requester.logger.warning(
                "X's response does not say whether account '%s' has messages before those of a "
                "full page: '%s' assumes that it has none.",
                self.account.name,
                self.requester.stream_name,
            )
        return page

    def restart(self) -> None:
        """Start again at the newest message; rows already given are not given again."""
        super().restart()
        self.requester.logger.info(
            "A page token of X has expired: '%s' reads account '%s' again from its newest message.",
            self.requester.stream_name,
            self.account.name,
        )
        self._read.restart()
        self._begun_at, self._sizes = stamp(self.clock.now()), self._first_sizes()

    def _rows(self, page: EventsPage) -> dict[str, list[dict[str, Any]]]:
        """The rows of a page by stream: those that it does not have yet."""
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in self.bookmarks}
        for item, event in page.events.items():
            row = {**row_of(str(self.account.user_id), event), **NO_NAMES}
            name = stream_of(row)
            if name in rows and self._read.take(name, item):
                rows[name].append(row)
        if self.settings["expand_users"]:
            given = [row for each in rows.values() for row in each]
            self.names.learn(page.users)
            self.names.look_up(self.requester, self.account, given)
            for row in given:
                row.update(self.names.columns(row))
        return rows

    def _moved(self, name: str) -> dict[str, Any]:
        cursor, before = self._read.cursors[name], self.bookmarks[name] or {}
        begun_at = before.get(BEGUN_AT)
        if cursor.is_begun:
            times = {READ_AT: before.get(READ_AT), BEGUN_AT: begun_at or self._begun_at}
        else:
            times = {READ_AT: self._begun_at or begun_at}
        known = {key: time for key, time in times.items() if time}
        return cursor.as_bookmark() | known

    def _tell_gap(self) -> None:
        for name, bookmark in self.bookmarks.items():
            known = bookmark or {}
            read_at = moment_in(known.get(READ_AT) or known.get(BEGUN_AT))
            if read_at and read_at < self._oldest:
                self.requester.logger.warning(
                    "'%s' last read account '%s' at %s: X gives messages for %d days, so those "
                    "between that time and %s are lost.",
                    name,
                    self.account.name,
                    stamp(read_at),
                    KEPT.days,
                    stamp(self._oldest),
                )

    def tell_budget(self) -> None:
        """Warn that the budget has ended the reading."""
        lowest = self._read.lowest
        how_far = f"back to {stamp(moment_of(lowest))}" if lowest else "not at all"
        self.requester.warn_of_budget(
            f"'{self.requester.stream_name}' has read account '{self.account.name}' {how_far}. X "
            "does not say how much is left; the next run resumes here."
        )


def bookmark_of(found: Any, stream: str) -> NewestFirstBookmark:
    """How far a stream has read an account, parsed from the state.

    Raises:
        StateError: The value is not a bookmark.
    """
    return NewestFirstBookmark.from_bookmark(found, f"bookmarks.{stream}.cursor")
