"""The streams of direct messages, received and sent, which one read of X serves."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from dataset_store import dataset_id
from tap_twitter.api.endpoints.v2 import DM_EVENTS
from tap_twitter.reports.direct_messages.columns import COLUMNS
from tap_twitter.reports.direct_messages.events import RECEIVED, SENT
from tap_twitter.reports.direct_messages.inbox import Inbox, bookmark_of
from tap_twitter.reports.direct_messages.names import Names
from tap_twitter.streams.account_stream import AccountStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_twitter.auth.account import Account
    from tap_twitter.cost.plan import Demand

UNKNOWN_COUNT: Final = (
    "X does not say how many direct messages there are before it returns them: the plan counts the "
    "first page of each account."
)
BOTH_CHARGED: Final = (
    "X returns messages received and sent in one list and charges for both: a run with "
    "'direct_messages.limit', or of only one of the two streams, pays for all messages down to the "
    "last one that it needs."
)
READ_ONCE: Final = (
    "One read serves 'direct_messages' and 'direct_messages_sent': the plan counts it in the first."
)


class MessageStream(AccountStream):
    """One of the two streams of an account's direct messages.

    X gives what was sent and received in one list, newest first. The first of the selected streams
    reads it, writes the rows of both, and moves the cursors of both after each page.
    """

    primary_keys = ("account_id", "id")
    COLUMNS = COLUMNS
    ENDPOINTS = (DM_EVENTS,)
    selected_by_default = False
    """Private and charged for: messages are read where they are asked for."""

    @property
    def bookmark_properties(self) -> tuple[str, ...]:
        """Messages are read back to the newest one of the last run."""
        return ("id",)

    @cached_property
    def served(self) -> list[MessageStream]:
        """The streams that are read together; in a test each reads for itself."""
        selected = [each for each in self.run.selected_streams if isinstance(each, MessageStream)]
        return [self] if self.is_test or self not in selected else selected

    @cached_property
    def ended(self) -> dict[str, Exception | None]:
        """The accounts that this stream has read for all, by name, with what went wrong."""
        return {}

    @cached_property
    def names(self) -> Names:
        """The names of users that this run has bought."""
        return Names()

    def prepare(self) -> None:
        """Check credentials, bookmarks, and where datasets are."""
        super().prepare()
        _ = self.stored_rows
        for account in self.subjects:
            _ = bookmark_of(self.bookmark(self.run.directory.with_known_id(account)), self.name)

    def read_partition(self, account: Account) -> Iterator[dict[str, Any]]:
        """Give the rows of an account, unless the stream before has written them already."""
        leader = next((each for each in self.served if account.name in each.ended), None)
        if leader is None:
            yield from self._read_for_all(account)
        elif error := leader.ended[account.name]:
            raise error

    def _read_for_all(self, account: Account) -> Iterator[dict[str, Any]]:
        """Read an account for this stream, and for those whose stream maps have not failed."""
        others = [each for each in self.served if each is not self and not each.output.error]
        try:
            yield from self._rows(account, others)
        except Exception as error:
            self.ended[account.name] = error
            raise
        self.ended[account.name] = None

    def _rows(self, account: Account, others: list[MessageStream]) -> Iterator[dict[str, Any]]:
        """Give this stream's rows, write those of the others, and move the bookmarks of all."""
        streams = {each.name: each for each in (self, *others)}
        inbox = self._inbox(account, streams.values())
        if inbox.most is not None:
            self.expect(inbox.most, "messages at most")
        for page in inbox.read():
            yield from page.rows[self.name]
            for name, rows in page.rows.items():
                if name != self.name:
                    streams[name].emit(account, rows)
                    if streams[name].output.error:
                        inbox.drop(name)
            for name, bookmark in inbox.moved(page).items():
                streams[name].set_bookmark(account, bookmark)
            self.output.write_state()
            self.advance(sum(map(len, page.rows.values())))
            written = (name for name in inbox.bookmarks if page.rows[name])
            self.stored_rows.await_rows({dataset_id(name) for name in written})
        if inbox.is_stopped and not self.leave_out(account):
            inbox.tell_budget()

    def _inbox(self, account: Account, streams: Iterable[MessageStream]) -> Inbox:
        return Inbox(
            self.requester,
            account,
            self.config["direct_messages"],
            {each.name: each.bookmark(account) for each in streams},
            self.names,
            self.run.clock,
            self.is_test,
        )

    def demands(self) -> Iterator[Demand]:
        """The first page of each account; X does not tell how many follow."""
        yield from self.identifying_demands()
        for account in self.allowed if self.served[0] is self else ():
            known = self.run.directory.with_known_id(account)
            yield self._inbox(known, self.served).first_demand()

    @property
    def plan_notes(self) -> tuple[str, ...]:
        """What `demands` cannot know."""
        if self.served[0] is not self:
            return ()
        is_cut = self.config["direct_messages"].get("limit") is not None
        is_one = len(self.served) == 1
        return (
            UNKNOWN_COUNT,
            *(() if is_one else (READ_ONCE,)),
            *((BOTH_CHARGED,) if is_cut or is_one else ()),
        )

    def write_schemas(self) -> None:
        """Write the SCHEMA messages of all streams whose rows are to follow."""
        for stream in self.served:
            stream.output.write_schema()


class DirectMessagesStream(MessageStream):
    """What others have sent, joins and leaves included."""

    name = RECEIVED


class DirectMessagesSentStream(MessageStream):
    """What the account has sent itself, to itself included."""

    name = SENT
