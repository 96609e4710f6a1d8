"""Streams that read one endpoint page by page, partition by partition."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar

from dataset_store import dataset_id
from tap_twitter.api.vocabulary import Vocabulary
from tap_twitter.auth.partition import P
from tap_twitter.objects.items import POSTS, Items
from tap_twitter.objects.post_requests import WORDS_NOTE
from tap_twitter.streams.bookmarks import NewestFirstBookmark, SnapshotBookmark
from tap_twitter.streams.newest_first import NewestFirstRead, id_before
from tap_twitter.streams.pages import PagedRead, Source
from tap_twitter.streams.partitioned import PartitionedStream
from tap_twitter.streams.rows_page import RowsPage
from tap_twitter.streams.snapshot_costs import unlimited
from tap_twitter.streams.snapshots import SnapshotRead
from tap_twitter.streams.start_date import start_date
from tap_twitter.values import id_number, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date, datetime
    from decimal import Decimal

    from singer_sdk.helpers.types import Context

    from tap_twitter.cost.plan import Demand


def unknown_count(items: Items, stream: str, most: int) -> str:
    """What a plan says of a stream that reads what is new."""
    return (
        f"X does not say how many {items.name} are new before it returns them: for '{stream}', the "
        f"plan counts the {most:,} {items.name} that X goes back at most."
    )


class PagedStream(PartitionedStream[P]):
    """A stream of the items of one endpoint, page by page for each partition.

    Subclasses declare `ENDPOINTS` (the first is read), `COLUMNS` and `ITEMS`. The hooks
    `get_url_params`, `parse_response`, `get_next_page_token` and `post_process` are named as in the
    SDK's `RESTStream`. With `AccountStream` as another base the partitions are accounts, else those
    of `subjects`.

    After each page the stream writes a STATE and waits until the rows are stored, as far as that
    can be seen. The budget ends a read between two pages, and the next run resumes there.

    There are two kinds. X gives posts newest first, within bounds by id, so that each run reads
    what is new. Of other lists (`IS_SNAPSHOT`) each UTC day has a snapshot; the column `date` has
    the day on which it began.
    """

    IS_SNAPSHOT: ClassVar = False
    """Whether X gives the whole list alone, without bounds."""

    DEPTH: ClassVar[int | None] = None
    """The number of posts that X goes back; None if there is no such limit."""

    ITEMS: ClassVar[Items] = POSTS
    """What the pages hold."""

    EXAMPLE: ClassVar = 1_000_000
    """The number of items whose price a refusal shows if it does not know how many there are."""

    ITEM_KEY: ClassVar = "id"
    """The column with X's id of an item."""

    selected_by_default = False
    """What X charges for is read where it is asked for."""

    def get_url_params(self, context: Context | None, words: Vocabulary) -> dict[str, str]:
        """The query parameters of a partition, without those of its pages.

        Args:
            context: Stands for the partition.
            words: The vocabulary in use.
        """
        return {**self.ITEMS.parameters(words), **self.partition_params(context)}

    def parse_response(self, response: dict[str, Any]) -> Iterable[dict[str, Any]]:
        """The rows of a page, without the columns of the partition.

        Args:
            response: X's JSON object, in either vocabulary; it may be changed.

        Raises:
            AccountError: X gives nothing of the partition.
        """
        return self.ITEMS.rows(response, self.run.clock.now())

    def get_next_page_token(self, response: Mapping[str, Any]) -> str | None:
        """X's token of the page that follows; None on the last one."""
        meta = response.get("meta")
        return text(meta.get("next_token")) if isinstance(meta, dict) else None

    @property
    def limit(self) -> int | None:
        """The most items of a snapshot, by the setting `limit` of the stream; None for all."""
        limit: int | None = self.config[self.name].get("limit")
        return limit

    def price_of_included(self, words: Vocabulary) -> Decimal:
        """What X may charge for what comes along with an item, at most, in USD.

        Args:
            words: The vocabulary in use.
        """
        return self.ITEMS.price_of_included(self.run.api.ledger.prices, words)

    @property
    def bookmark_properties(self) -> tuple[str, ...]:
        """What is new since the last run is brought, or the rows of a day."""
        return ("date",) if self.IS_SNAPSHOT else (self.ITEM_KEY,)

    @cached_property
    def now(self) -> datetime:
        """The moment from which the run counts days back: the same for all partitions."""
        return self.run.clock.now()

    @cached_property
    def start(self) -> datetime | None:
        """The time of the oldest posts to read, by the setting `start_date`.

        Raises:
            SettingError: There is no such time.
        """
        return start_date(self.config, self.now, self.logger)

    @property
    def starts_later(self) -> bool:
        """Whether nothing is to be read yet."""
        return not self.IS_SNAPSHOT and self.start is not None and self.start > self.now

    def prepare(self) -> None:
        """Check credentials, settings, bookmarks, and where datasets are.

        Raises:
            MissingSettingError: Nothing limits what snapshots cost.
        """
        super().prepare()
        _ = self.start, self.stored_rows
        reads = [self.read_of(part) for part in self.planned]
        snapshots = [each for each in reads if isinstance(each, SnapshotRead)]
        if snapshots and self.limit is None and self.run.api.budget.usd is None:
            raise unlimited(self.name, snapshots, self.EXAMPLE)

    def read_partition(self, part: P) -> Iterator[dict[str, Any]]:
        """Give the rows of a partition, page by page."""
        if self.starts_later:
            return
        read = self.read_of(part)
        if self.IS_SNAPSHOT and self.limit is not None:
            self.expect(read.demand().objects, f"{self.ITEMS.name} at most")
        for page in read.read():
            for row in page.rows.values():
                yield {**row, **read.columns}
            self.advance(len(page.rows))
        self.tell_budget(part, read)

    def tell_budget(self, part: P, read: PagedRead[Any]) -> None:
        """Warn if the budget has ended the read of a partition."""
        if read.is_stopped and not self.leave_out(part):
            self.requester.warn_of_budget(
                f"{self.ITEMS.name} of {part.noun} '{part.name}' are left. The next run resumes "
                "here."
            )

    def demands(self) -> Iterator[Demand]:
        """What each partition has at most, or one page of it if X does not say how much."""
        if self.starts_later:
            return
        yield from self.identifying_demands()
        for part in self.planned:
            yield self.read_of(part).demand()

    @property
    def plan_notes(self) -> tuple[str, ...]:
        """What the plan cannot know."""
        notes = []
        if self.DEPTH is not None:
            notes.append(unknown_count(self.ITEMS, self.name, self.DEPTH))
        if self.run.api.vocabulary.may_change and self.price_of_included(Vocabulary.POST):
            notes.append(WORDS_NOTE)
        return tuple(notes)

    def read_of(self, part: P) -> NewestFirstRead[RowsPage] | SnapshotRead[RowsPage]:
        """The read of a partition, as its bookmark has left it.

        Raises:
            StateError: The bookmark is none.
        """
        source = self.source_of(part, self.limit if self.IS_SNAPSHOT else self.DEPTH)
        fetch, save = partial(self._fetch, part), partial(self.save, part)
        found = self.bookmark(part)
        if self.IS_SNAPSHOT:
            snapshot = SnapshotBookmark.from_bookmark(found, self.where)
            return SnapshotRead(source, snapshot, fetch, save, self._today)
        bookmark = NewestFirstBookmark.from_bookmark(found, self.where)
        start = id_before(self.start) if self.start else 0
        return self.newest_first(source, bookmark, fetch, save, start)

    def newest_first(self, *parts: Any) -> NewestFirstRead[RowsPage]:
        """The read of a partition's posts, of the parts that `NewestFirstRead` takes."""
        return NewestFirstRead(*parts)

    def source_of(self, part: P, most: int | None) -> Source:
        """What a partition's pages are requested of.

        Args:
            part: The partition.
            most: The number of items that there are at most, or that are wanted.
        """
        return Source(
            self.requester,
            self.ENDPOINTS[0],
            part,
            self.ITEMS.name,
            most,
            lambda: self.price_of_included(self.run.api.vocabulary.words),
            self.is_test,
        )

    @property
    def where(self) -> str:
        """The place of bookmarks in the state, for errors."""
        return f"bookmarks.{self.name}.{self.BOOKMARK}"

    def save(self, part: P, bookmark: NewestFirstBookmark | SnapshotBookmark, count: int) -> None:
        """Keep how far a partition was read; then wait until its new rows are stored."""
        self.write_bookmark(part, bookmark.as_bookmark())
        if count:
            self.stored_rows.await_rows({dataset_id(self.name)})

    def _fetch(self, part: P, page: Mapping[str, str]) -> RowsPage:
        def params(words: Vocabulary) -> dict[str, str]:
            return {**self.get_url_params(self.context_of(part), words), **page}

        return self.requester.fetch_worded(self.ENDPOINTS[0], params, self._page, part)

    def _page(self, response: dict[str, Any]) -> RowsPage:
        token = self.get_next_page_token(response)
        rows = ((id_number(row[self.ITEM_KEY]), row) for row in self.parse_response(response))
        return RowsPage({key: row for key, row in rows if key is not None}, token)

    def _today(self) -> date:
        return self.run.clock.now().date()
