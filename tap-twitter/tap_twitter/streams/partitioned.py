"""Base class of all streams read partition by partition: bookmarks, rotation, STATE."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tap_twitter.auth.partition import P
from tap_twitter.errors import StreamMapError
from tap_twitter.singer import state as saved_state
from tap_twitter.streams.base import XStream
from tap_twitter.streams.rotation import FIRST, Rotation, in_turn
from tap_twitter.streams.stored_rows import StoredRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from singer_sdk.helpers.types import Context

    from tap_twitter.cost.plan import Demand

FIRST_WAIT_SECONDS: Final = 2.0
"""Time allowed from a target's read of the first rows until they are seen to be stored."""


class PartitionedStream(XStream[P]):
    """A stream with one partition per account, list or query.

    Subclasses implement `read_partition`, which saves its bookmark with `write_bookmark` after each
    page. If it raises, the read of that partition ends and its bookmark stays; the
    other partitions continue.

    The SDK's own bookmarks are not used: they would take the newest value seen, even for a
    partition that fails midway, and skip the rows behind it.
    """

    PARTITION_KEY: ClassVar = "account_id"
    """The key that identifies a partition in the state."""

    BOOKMARK: ClassVar = "cursor"
    """The key in a partition's bookmark that holds how far it was read."""

    _requests_before = 0

    @cached_property
    def rotation(self) -> Rotation[P]:
        """The partitions that the run's budget did not reach."""
        return Rotation(self.key_of)

    def read_partition(self, part: P) -> Iterator[dict[str, Any]]:
        """Yield the rows of a partition; the id of an account is known.

        Raises:
            TapError: The partition cannot be read any further.
        """
        raise NotImplementedError

    def bookmark(self, part: P) -> Any:
        """A partition's bookmark, as saved in this run or an earlier one; None without one."""
        key = self.key_of(part)
        return self._saved[key] if key in self._saved else self._bookmarks.get(key)

    @cached_property
    def _bookmarks(self) -> dict[str | None, Any]:
        """The bookmarks of earlier runs, by partition; read in one pass: there may be thousands."""
        # `stream_state` would create a missing bookmark
        bookmark = self.tap_state.get("bookmarks", {}).get(self.name, {})
        found: dict[str | None, Any] = {}
        for partition in saved_state.partitions(bookmark, self.PARTITION_KEY):
            if partition["context"].keys() == {self.PARTITION_KEY}:
                key = partition["context"][self.PARTITION_KEY]
                found.setdefault(key, partition.get(self.BOOKMARK))
        return found

    @cached_property
    def _saved(self) -> dict[str | None, Any]:
        """The bookmarks that this run has saved, by partition key."""
        return {}

    def write_bookmark(self, part: P, bookmark: Any) -> None:
        """Save how far a partition was read, and write a STATE."""
        self.set_bookmark(part, bookmark)
        self.output.write_state()

    def set_bookmark(self, part: P, bookmark: Any) -> None:
        """Save how far a partition was read, for the next STATE."""
        self.get_context_state(self.context_of(part))[self.BOOKMARK] = bookmark
        self._saved[self.key_of(part)] = bookmark

    @cached_property
    def stored_rows(self) -> StoredRows:
        """The visible storage status of the rows that were sent."""
        return StoredRows(self.run.datasets, self.run.clock, FIRST_WAIT_SECONDS)

    @property
    def allowed(self) -> list[P]:
        """The partitions that X would not refuse."""
        return [each for each in self.subjects if each.name not in self.refused]

    @property
    def planned(self) -> list[P]:
        """The partitions to read, as far as they are known without a request to X."""
        return self.allowed

    @cached_property
    def identified(self) -> Mapping[str, P]:
        """The partitions to read, by value of the partition key."""
        parts = self.allowed
        if self.is_test:
            parts = parts[:1]  # the SDK ends a test after one row
        return self.in_turn({str(self.key_of(each)): each for each in parts})

    def in_turn(self, parts: Mapping[str, P]) -> dict[str, P]:
        """Partitions by key, starting with the first one that the previous run left out."""
        # `stream_state` would create a missing bookmark
        return in_turn(parts, self.tap_state.get("bookmarks", {}).get(self.name, {}))

    def identifying_demands(self) -> Iterable[Demand]:
        """The requests that resolve the partitions."""
        return ()

    def key_of(self, part: P) -> str | None:
        """The value of a partition's key."""
        return part.path_id

    def context_of(self, part: P) -> dict[str, Any]:
        """The context that represents a partition in the state."""
        return {self.PARTITION_KEY: self.key_of(part)}

    def partition_params(self, context: Context | None) -> dict[str, str]:  # noqa: ARG002
        """The query parameters that name a partition; none if its id stands in the path."""
        return {}

    def emit(self, part: P, rows: Iterable[dict[str, Any]]) -> None:
        """Write rows of this stream while another one is synced.

        If stream maps fail on one, this stream ends and the one that is synced continues.
        """
        context = self.context_of(part)
        with self.get_record_counter() as counter:
            counter.with_context(context)
            try:
                for row in rows:
                    self.output.write_record(self.post_process(row, context), context)
                    counter.increment()
            except StreamMapError as error:
                self._record_failure(error, context)

    @property
    def partitions(self) -> list[dict[str, Any]] | None:
        """The partitions as contexts."""
        return [self.context_of(part) for part in self.identified.values()]

    def partition_of(self, context: Context | None) -> P:
        """The partition that a context represents."""
        return self.identified[context[self.PARTITION_KEY]] if context else self.subjects[0]

    def read(self, context: Context | None) -> Iterator[dict[str, Any]]:
        """Yield the rows of a partition; the SDK passes no context if there are none."""
        if context:
            self._count_requests_anew()
            yield from self.read_partition(self.partition_of(context))

    def write_rows(self, context: Context | None) -> None:
        """Read the partitions; then save which one the next run starts with."""
        self.stream_state.setdefault(FIRST, None)
        super().write_rows(context)
        self.rotation.tell(self.requester)
        if self.rotation.keep(self.stream_state):
            self.output.write_state()

    def _count_requests_anew(self) -> None:
        """Exclude the requests made so far from the read of the partition."""
        self._requests_before = self.run.api.ledger.tallies[self.name].requests

    def leave_out(self, part: P) -> bool:
        """Record a partition that cannot be read because the budget is used up.

        Returns:
            Whether nothing of it was bought in this run; one warning covers all of them.
        """
        if self.run.api.ledger.tallies[self.name].requests > self._requests_before:
            return False
        self.rotation.add(part)
        return True
