"""From a stream's rows to RECORD messages."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream
from singer_sdk.exceptions import MappingError
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.mapper import RemoveRecordTransform, SameRecordTransform
from singer_sdk.singerlib import RecordMessage

from tap_twitter.errors import StreamMapError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    from singer_sdk.helpers.types import Context
    from singer_sdk.singerlib import SchemaMessage


class RecordStream(Stream):
    """A stream whose rows are complete by its schema.

    So the SDK need not conform them, and where all fields are selected and neither stream maps nor
    flattening apply they go out as they are. To go through them all the same, value by value, takes
    the SDK longer than the tap takes to make them.
    """

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    map_error: StreamMapError | None = None
    """Why stream maps have failed on a row of the stream, once they have."""

    _is_row_out = False

    @property
    def bookmark_properties(self) -> tuple[str, ...]:
        """The columns by which a run goes on from the last one.

        None if each run brings all rows anew. SCHEMA messages have them, so that a target does not
        take what is new for everything.
        """
        return ()

    def _generate_schema_messages(self) -> Generator[SchemaMessage, None, None]:
        for message in super()._generate_schema_messages():
            message.bookmark_properties = list(self.bookmark_properties) or None
            yield message

    @property
    def emit_activate_version_messages(self) -> bool:
        """Never: the message would precede the rows, so that a failing run could empty a table."""
        return False

    def get_batch_config(self, config: Mapping[str, Any]) -> None:
        """None whatever the settings say: BATCH files go around field selection and stream maps."""

    @property
    def is_removed(self) -> bool:
        """Whether stream maps leave nothing of the stream, so that nothing needs to be asked."""
        return all(isinstance(each, RemoveRecordTransform) for each in self.stream_maps)

    @cached_property
    def is_unchanged(self) -> bool:
        """Whether rows go out as they are."""
        first, *others = self.stream_maps
        is_same = isinstance(first, SameRecordTransform) and not first.flattening_enabled
        return is_same and not others and all(self.mask.values())

    def _process_record(
        self,
        record: dict[str, Any],
        child_context: Context | None = None,
        partition_context: Context | None = None,
    ) -> None:
        """Add what names the partition; contexts are made where there are streams to take them."""
        if self.child_streams:
            super()._process_record(record, child_context, partition_context)
            return
        for name, value in (partition_context or {}).items():
            record.setdefault(name, value)

    def _mapped(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Hand rows to the SDK, until stream maps fail on one.

        The SDK maps a row after it was handed over, where an error would end the run. So it is
        kept, and raised before anything takes the row for given.

        Raises:
            StreamMapError: The maps have failed on the last row.
        """
        for row in rows:
            self._is_row_out = True
            yield row
            self._is_row_out = False
            if self.map_error:
                raise self.map_error

    def _write_record_message(self, record: dict[str, Any]) -> None:
        try:
            super()._write_record_message(record)
        except StreamMapError as error:
            self.map_error = error
            if not self._is_row_out:
                raise

    def _generate_record_messages(
        self, record: dict[str, Any]
    ) -> Generator[RecordMessage, None, None]:
        if self.is_unchanged:
            yield RecordMessage(self.name, record, time_extracted=datetime.now(UTC))
            return
        try:
            yield from super()._generate_record_messages(record)
        except Exception as error:  # noqa: BLE001 - the expressions are the user's
            reason = str(error) if isinstance(error, MappingError) else type(error).__name__
            msg = f"The setting 'stream_maps' fails on a row of '{self.name}': {reason}"
            raise StreamMapError(msg) from None
