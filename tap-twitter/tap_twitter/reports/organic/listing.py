"""The streams of lists: one pass over a list feeds all of its streams."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from dataset_store import dataset_id
from tap_twitter.errors import StateError
from tap_twitter.reports.organic.payload import PayloadColumn, parts_at
from tap_twitter.reports.organic.read_version import ReadVersion, check_version
from tap_twitter.reports.organic.stream import OrganicStream
from tap_twitter.singer import state as saved_state
from tap_twitter.streams.ads_pages import read_pages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from singer_sdk.helpers.types import Context

    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.auth.account import Account
    from tap_twitter.streams.ads_pages import AdsPage


@dataclass(frozen=True)
class Listing:
    """A list of an ads account.

    Attributes:
        endpoint: Where X gives it.
        params: What it is requested with, beside the size of pages.
        has_posts: Whether it lists posts, whose ids the report needs.
    """

    endpoint: Endpoint
    params: Mapping[str, str] = field(default_factory=dict)
    has_posts: bool = False

    @property
    def query(self) -> dict[str, str]:
        """All parameters but the cursor, with the largest pages."""
        return {**self.params, "count": str(self.endpoint.per_request)}


class ListingStream(OrganicStream):
    """A stream with rows for the objects in a list, or for parts of them.

    Each run reads the whole list, as Fivetran's does: so it finds what has changed. The bookmark is
    the cursor where a pass was broken off, or null. Of the selected streams of a list the first
    reads it, gives its own rows, and writes those of the others, which find it read then.
    """

    LISTING: ClassVar[Listing]
    """What is read; `ENDPOINTS` follow from it."""

    PARTS: ClassVar[str] = ""
    """The dotted path of what has rows in an object of the list; empty for the object itself."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Take the endpoint from the list."""
        super().__init_subclass__(**kwargs)
        if "LISTING" in cls.__dict__:
            cls.ENDPOINTS = (cls.LISTING.endpoint,)

    @property
    def is_read_here(self) -> bool:
        """Whether this stream reads the list for all of them."""
        return self.is_leader

    def prepare(self) -> None:
        """Check the version of a read that was stopped, too."""
        super().prepare()
        check_version(self._own_bookmark, self.name)

    def check_bookmark(self, bookmark: Any) -> None:
        """Make sure that it is a cursor, or none."""
        if bookmark is not None and not isinstance(bookmark, str):
            where = f"bookmarks.{self.name}"
            raise StateError(where)

    @cached_property
    def served(self) -> list[ListingStream]:
        """The streams that are read together; in a test each reads for itself."""
        if self.is_test:
            return [self]
        streams = [each for each in self.run.selected_streams if isinstance(each, ListingStream)]
        found = [each for each in streams if each.LISTING == self.LISTING]
        return found if self in found else [self]

    @property
    def is_leader(self) -> bool:
        """Whether the stream is the one that reads for all."""
        return self.served[0] is self

    @cached_property
    def ended(self) -> dict[str, Exception | None]:
        """The accounts that this stream has read for all, by name, with what went wrong."""
        return {}

    def read_partition(self, account: Account) -> Iterator[dict[str, Any]]:
        """Give the rows of an account, unless the stream before has written them already."""
        leader = next((each for each in self.served if account.name in each.ended), None)
        if leader is None:
            yield from self._read_for_all(account)
        elif error := leader.ended[account.name]:
            raise error

    @cached_property
    def read_version(self) -> ReadVersion | None:
        """The version of the rows; None if the stream does not find deletions."""
        if not self.FINDS_DELETIONS or self.is_test:
            return None
        version = ReadVersion(self.stream_state, self.run.clock.now())
        self.output.set_version(version.number)
        return version

    def write_rows(self, context: Context | None) -> None:
        """Read the accounts; then let the target retire the rows that X no longer has."""
        for each in self.served:
            _ = each.read_version
        super().write_rows(context)
        if self.read_version and self._is_complete(self.read_version):
            self.output.activate_version()
            self.read_version.complete()
            self.output.write_state()

    def _is_complete(self, version: ReadVersion) -> bool:
        """Whether all accounts with rows in the table were read to their end, without a failure."""
        ads = self.run.ads_accounts
        if self.output.error or self.run.failures.of(self.name) or ads.errors:
            return False
        if not ads.is_complete or self.run.shard.count > 1:
            return False
        is_read = {
            each["context"][self.PARTITION_KEY]: version.is_read(each, each.get(self.BOOKMARK))
            for each in saved_state.partitions(self._own_bookmark, self.PARTITION_KEY)
        }
        forgotten = [key for key in is_read if key not in self.identified]
        if forgotten and self.is_leader:
            self.logger.warning(
                "Deletions in '%s' are not marked: it has rows of ads account '%s', which is no "
                "longer read. Run once with --full-refresh to mark those rows as deleted, too.",
                self.name,
                forgotten[0],
            )
        return not forgotten and all(is_read.get(key) for key in self.identified)

    @property
    def _own_bookmark(self) -> Mapping[str, Any]:
        """The stream's bookmark; `stream_state` would create a missing one."""
        bookmark: Mapping[str, Any] = self.tap_state.get("bookmarks", {}).get(self.name, {})
        return bookmark

    def _read_for_all(self, account: Account) -> Iterator[dict[str, Any]]:
        """Read an account for this stream, and for those whose stream maps have not failed."""
        others = [each for each in self.served if each is not self and not each.output.error]
        try:
            yield from self._rows_of_all(account, others)
        except Exception as error:
            self.ended[account.name] = error
            raise
        self.ended[account.name] = None

    def write_schemas(self) -> None:
        """Write the SCHEMA messages of all streams whose rows are to follow."""
        for stream in self.served:
            stream.output.write_schema()

    def _rows_of_all(
        self, account: Account, others: Sequence[ListingStream]
    ) -> Iterator[dict[str, Any]]:
        """Give this stream's rows, emit those of the others, and move the bookmarks of all."""
        streams = (self, *others)
        cursor = _common_cursor([each.bookmark(account) for each in streams])
        for each in streams:
            each.begin(account, cursor)
        for page in self._pages(account, cursor):
            rows = {each.name: list(each.rows(page.entries, account.name)) for each in streams}
            yield from rows[self.name]
            for other in others:
                if not other.output.error:
                    other.emit(account, rows[other.name])
            for each in streams:
                if not each.output.error:
                    each.set_bookmark(account, page.cursor)
            self.output.write_state()
            self.stored_rows.await_rows({dataset_id(name) for name in rows if rows[name]})
            if page.cursor and not self.requester.affordable(self.LISTING.endpoint, 1, account):
                self.stop(account)
                return

    def _pages(self, account: Account, cursor: str | None) -> Iterator[AdsPage]:
        """The pages of the list; the report needs the ids of the posts on them."""
        endpoint, query = self.LISTING.endpoint, self.LISTING.query
        for page in read_pages(self.requester, endpoint, query, account, cursor):
            if self.LISTING.has_posts:
                self.run.ads_posts.note(account.name, page)
            yield page

    def begin(self, account: Account, cursor: str | None) -> None:
        """Keep with which version a pass over an account begins or resumes."""
        if self.read_version:
            bookmark = self.get_context_state(self.context_of(account))
            self.read_version.began(bookmark, cursor)

    def parts(self, entry: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
        """What has rows in an object of the list."""
        return parts_at(entry, self.PARTS) if self.PARTS else [entry]

    def rows(
        self, entries: Iterable[Mapping[str, Any]], account_id: str
    ) -> Iterator[dict[str, Any]]:
        """The rows of a page, one for each key."""
        found: dict[tuple[Any, ...], dict[str, Any]] = {}
        lost: Counter[str] = Counter()
        columns = [each for each in self.COLUMNS if isinstance(each, PayloadColumn)]
        for entry in entries:
            for index, part in enumerate(self.parts(entry)):
                payload = {**part, "account_id": account_id, "index": index, "parent": entry}
                row = {column.name: column.value(payload) for column in columns}
                key = tuple(row[name] for name in self.primary_keys)
                if None in key:
                    lost.update(name for name in self.primary_keys if row[name] is None)
                else:
                    found.setdefault(key, row)
        for name, count in lost.items():
            self.logger.warning(
                "X has sent %d objects for '%s' without '%s', which is part of the key: they have "
                "no rows.",
                count,
                self.name,
                name,
            )
        yield from self.synced(iter(found.values()))


def _common_cursor(cursors: Sequence[str | None]) -> str | None:
    """Where all streams stand; None where they differ, so that the list is read from the top."""
    return cursors[0] if len(set(cursors)) == 1 else None
