"""The reading of one account's direct messages, for all streams that want them."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.endpoints import DM_EVENTS
from tap_twitter.api.vocabulary import Vocabulary
from tap_twitter.cost.ledger import Resource
from tap_twitter.dates import moment_of as moment_in
from tap_twitter.dates import stamp
from tap_twitter.errors import InvalidRequestError
from tap_twitter.objects.snowflakes import moment_of
from tap_twitter.reports.direct_messages.events import (
    TOKEN,
    EventsPage,
    EventsRequest,
    page_of,
    row_of,
)
from tap_twitter.reports.direct_messages.names import NO_NAMES
from tap_twitter.reports.direct_messages.pages import Descent, PageSizes
from tap_twitter.streams.shared_read import SharedRead

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from tap_twitter.accounts.accounts import Account
    from tap_twitter.cost.plan import Demand
    from tap_twitter.reports.direct_messages.stream import MessageStream

KEPT: Final = timedelta(days=30)
"""How long X gives events (https://docs.x.com/x-api/direct-messages/lookup/introduction)."""

USERS_PER_EVENT: Final = 2
"""How many users an event may bring along, and the bill with them: its sender and another one."""

READ_AT: Final = "read_at"
"""Beside the cursor in the bookmark: when the last whole read began, which gave what was there."""

BEGUN_AT: Final = "begun_at"
"""Beside the cursor of a read under way: when it began at the top, for the first time."""


class Inbox:
    """An account's events, as the streams have them or not.

    Args:
        streams: Who wants them; the first asks X, and has it on its bill.
        account: Whose events.
        is_test: Whether one row will do.

    Raises:
        StateError: A cursor in the state is none.
    """

    def __init__(
        self, streams: Sequence[MessageStream], account: Account, *, is_test: bool = False
    ) -> None:
        self._streams = list(streams)
        self._leader = streams[0]
        self._account = account
        self._is_test = is_test
        self._settings = self._leader.config["direct_messages"]
        cursors = {each.name: each.message_cursor(account) for each in streams}
        self._read = SharedRead(cursors, self._settings.get("limit"))
        self._descent = Descent()
        self._begun_at: str | None = None  # the bookmark tells when another run began

    def first_demand(self) -> Demand:
        """Begin the next read, and tell what its first page asks for."""
        self._read.begin()
        return self._demand(self._sizes().next)._replace(open_ended=True)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give the first stream's rows, write those of the others, and move the cursors.

        Raises:
            TapError: X does not give them.
        """
        self._tell_gap()
        goes_on = True
        while goes_on:
            was_begun = self._read.begin()
            self._begun_at = None if was_begun else stamp(self._leader.now)
            yield from self._down()
            goes_on = was_begun and self._read.is_done

    def _down(self) -> Iterator[dict[str, Any]]:
        """Read page after page, until all is given or the budget is used up."""
        sizes = self._sizes()
        while not self._read.is_done:
            size = self._affordable(sizes.next)
            if not size:
                if not self._leader.leave_out(self._account):
                    self._tell_budget()
                return
            page = self._page(size)
            if page is None:
                sizes = self._sizes()
                continue
            sizes.note(size)
            if not page.is_end_told and len(page.events) >= size:
                self._leader.logger.warning(
                    "X's answer does not say whether account '%s' has messages before those of a "
                    "full page: '%s' takes them for all.",
                    self._account.name,
                    self._leader.name,
                )
            asked_for = self._read.page
            yield from self._given(page)
            self._descent.check_is_new(page.events, asked_for, page.next_token)
            self._descent.check(self._read.lowest, is_done=self._read.is_done)

    def _sizes(self) -> PageSizes:
        """Pages begin small where perhaps nothing is new, else as big as they are of use."""
        floor, most = self._read.floor, DM_EVENTS.per_request
        if self._is_test or (floor is not None and moment_of(floor) > self._oldest):
            return PageSizes(1, most)
        return PageSizes(min(self._settings.get("limit") or most, most), most)

    @cached_property
    def _oldest(self) -> datetime:
        """What X still gives is younger than this moment."""
        return self._leader.now - KEPT

    def _affordable(self, wanted: int) -> int:
        """How many events the budget lets the next page hold."""
        return self._leader.ledger.budget.affordable(wanted, self._demand(wanted).price)

    def _demand(self, events: int) -> Demand:
        """So many events, with the users that they may bring along."""
        demand = self._leader.demand(DM_EVENTS, events, self._account)
        if self._settings["expand_users"] or self._leader.words is Vocabulary.POST:
            price_of_users = USERS_PER_EVENT * self._leader.ledger.prices[Resource.USER]
            return demand._replace(price=demand.price + price_of_users)
        return demand

    def _page(self, size: int) -> EventsPage | None:
        """Ask for the next page; None where its token has died, so that the first one is next."""
        question = EventsRequest(
            self._settings["event_types"], size, self._read.page, self._settings["expand_users"]
        )
        try:
            return self._leader.fetch_worded(DM_EVENTS, question.parameters, page_of, self._account)
        except InvalidRequestError as error:
            if self._read.page is None or TOKEN not in error.refusals:
                raise
            self._descent.restart(self._read.lowest, error)
        self._leader.logger.info(
            "A page token of X has expired: '%s' reads account '%s' from its newest message again.",
            self._leader.name,
            self._account.name,
        )
        self._read.restart()
        self._begun_at = stamp(self._leader.now)
        return None

    def _given(self, page: EventsPage) -> Iterator[dict[str, Any]]:
        """Give a page's rows; then move the cursors, and wait until the rows are stored."""
        rows = {each.name: list(self._new(each, page)) for each in self._streams}
        if self._settings["expand_users"]:
            self._add_names(page, rows)
        yield from rows[self._leader.name]
        for stream in self._streams[1:]:
            stream.emit(self._account, rows[stream.name])
            if stream.map_error:
                self._drop(stream)
        reading = [each for each in self._streams if self._read.is_for(each.name)]
        self._read.after(list(page.events), page.next_token)
        for stream in reading:
            self._keep_cursor(stream)
        self._leader.write_state()
        self._leader.await_rows([each.name for each in self._streams if rows[each.name]])

    def _drop(self, stream: MessageStream) -> None:
        """Read no more for a stream that has failed; its cursor stays before this page."""
        self._streams.remove(stream)
        self._read.drop(stream.name)

    def _new(self, stream: MessageStream, page: EventsPage) -> Iterator[dict[str, Any]]:
        """The rows of a page that a stream does not have yet."""
        for item, event in page.events.items():
            row = {**row_of(str(self._account.user_id), event), **NO_NAMES}
            if stream.is_about(row) and self._read.take(stream.name, item):
                yield row

    def _add_names(self, page: EventsPage, rows: dict[str, list[dict[str, Any]]]) -> None:
        names, given = self._leader.names, [row for each in rows.values() for row in each]
        names.learn(page.users)
        names.look_up(self._leader, self._account, given)
        for row in given:
            row.update(names.columns(row))

    def _keep_cursor(self, stream: MessageStream) -> None:
        cursor, before = self._read.cursors[stream.name], stream.cursor(self._account) or {}
        begun_at = before.get(BEGUN_AT)
        if cursor.is_begun:
            times = {READ_AT: before.get(READ_AT), BEGUN_AT: begun_at or self._begun_at}
        else:
            times = {READ_AT: self._begun_at or begun_at}
        known = {name: time for name, time in times.items() if time}
        stream.keep_cursor(self._account, cursor.as_bookmark() | known)

    def _tell_gap(self) -> None:
        for stream in self._streams:
            known = stream.cursor(self._account) or {}
            read_at = moment_in(known.get(READ_AT) or known.get(BEGUN_AT))
            if read_at and read_at < self._oldest:
                stream.logger.warning(
                    "'%s' has last read account '%s' at %s: X gives messages for %d days, so those "
                    "between that time and %s are lost.",
                    stream.name,
                    self._account.name,
                    stamp(read_at),
                    KEPT.days,
                    stamp(self._oldest),
                )

    def _tell_budget(self) -> None:
        lowest = self._read.lowest
        self._leader.logger.warning(
            "The budget of the run is used up: '%s' has read account '%s' %s. How much is left X "
            "does not tell; the next run goes on from here.",
            self._leader.name,
            self._account.name,
            f"back to {stamp(moment_of(lowest))}" if lowest else "not at all",
        )
