"""The SCHEMA, RECORD and STATE messages of one stream."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from singer_sdk.exceptions import MappingError
from singer_sdk.mapper import RemoveRecordTransform, SameRecordTransform
from singer_sdk.singerlib import RecordMessage

from tap_twitter.errors import StreamMapError
from tap_twitter.singer import sdk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from singer_sdk import Stream
    from singer_sdk.singerlib import Message, SchemaMessage


class StreamOutput:
    """Writes the messages of a stream whose rows are complete by its schema.

    The SDK need not conform such rows. If all fields are selected, and neither stream maps nor
    flattening apply, they are written as they are.

    Args:
        stream: Gives schema, selection, stream maps and state.
        write: Takes a message.
        bookmark_properties: The columns by which a run resumes, for SCHEMA messages: a target must
            not take the new rows of an incremental stream for all of its rows.

    Attributes:
        error: Why stream maps have failed on a row of the stream; None if they have not.
        version: The version of the rows, if the stream finds deletions.
        rows: How many RECORD messages were written.
    """

    def __init__(
        self,
        stream: Stream,
        write: Callable[[Message], None],
        bookmark_properties: Callable[[], Iterable[str]],
    ) -> None:
        self.error: StreamMapError | None = None
        self.version: int | None = None
        self.rows = 0
        self._stream = stream
        self._write = write
        self._bookmark_properties = bookmark_properties
        self._is_declared = False

    @property
    def is_removed(self) -> bool:
        """Whether stream maps remove the whole stream, so that nothing needs to be requested."""
        return all(isinstance(each, RemoveRecordTransform) for each in self._stream.stream_maps)

    @cached_property
    def is_unchanged(self) -> bool:
        """Whether rows are written as they are."""
        first, *others = self._stream.stream_maps
        is_same = isinstance(first, SameRecordTransform) and not first.flattening_enabled
        return is_same and not others and all(self._stream.mask.values())

    def write_schema(self) -> None:
        """Write the SCHEMA messages, once."""
        if not self._is_declared:
            self._is_declared = True
            for message in self.schema_messages():
                self._write(message)

    def schema_messages(self) -> Iterator[SchemaMessage]:
        """The SCHEMA messages, with the columns by which a run resumes."""
        for message in sdk.schema_messages(self._stream):
            message.bookmark_properties = list(self._bookmark_properties()) or None
            yield message

    def write_record(self, row: dict[str, Any], partition: Mapping[str, Any] | None) -> None:
        """Write the RECORD messages of a row.

        Args:
            row: A row; it gets those columns of its partition that it lacks and the stream has.
            partition: What names the partition, if the stream has any.

        Raises:
            StreamMapError: The stream maps fail on the row.
        """
        columns = self._stream.schema["properties"]
        for name, value in (partition or {}).items():
            if name in columns:
                row.setdefault(name, value)
        for message in self.record_messages(row):
            self._write(message)
            self.rows += 1

    def record_messages(self, row: dict[str, Any]) -> Iterator[RecordMessage]:
        """The RECORD messages of a row.

        Raises:
            StreamMapError: The stream maps fail on the row.
        """
        if self.is_unchanged:
            now = datetime.now(UTC)
            yield RecordMessage(self._stream.name, row, version=self.version, time_extracted=now)
            return
        try:
            yield from sdk.record_messages(self._stream, row)
        except Exception as error:  # noqa: BLE001 - the expressions are the user's
            reason = str(error) if isinstance(error, MappingError) else type(error).__name__
            msg = f"The setting 'stream_maps' fails on a row of '{self._stream.name}': {reason}"
            self.error = StreamMapError(msg)
            raise self.error from None

    def set_version(self, version: int) -> None:
        """Give the rows that follow a version."""
        self.version = version
        sdk.set_version(self._stream, version)

    def activate_version(self) -> None:
        """Write the ACTIVATE_VERSION messages: rows of older versions are no longer in X."""
        if self.version is not None:
            sdk.write_activate_version(self._stream, self.version)

    def write_state(self) -> None:
        """Write a STATE message with the bookmarks of all streams as they are now."""
        sdk.write_state(self._stream)
