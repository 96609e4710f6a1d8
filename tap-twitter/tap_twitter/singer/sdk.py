"""Private parts of the Singer SDK that the tap uses or replaces.

Read a new release of the SDK against this module: no other module of the tap overrides, reads or
calls a private member of the SDK. `tests/tap_twitter/singer/test_sdk.py` holds that, and compares
the messages of both loops over rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from singer_sdk import Stream, metrics
    from singer_sdk.helpers.types import Context
    from singer_sdk.plugin_base import _ConfigInput
    from singer_sdk.singerlib import CatalogEntry, RecordMessage, SchemaMessage

    ConfigInput = _ConfigInput
    """What the SDK's command makes of the options `--config`."""


class WritesItself(Protocol):
    """What `with_own_loop` needs of a class of streams."""

    def write_schemas(self) -> None:
        """Write the SCHEMA messages of the stream."""

    def write_rows(self, context: Context | None) -> None:
        """Write the rows of a partition; of all partitions if the context is None."""


W = TypeVar("W", bound=type[WritesItself])


def with_own_loop(streams: W) -> W:
    """Let a class of streams write its messages itself; the SDK's `Stream.sync` is final.

    A decorator, since a base class would have nothing but these two methods.

    - `_sync_records`: The SDK maps a row after the stream has yielded it, so an expression that
      fails ends the run. It copies the context and walks through field selection for each row,
      which takes longer than to make the row. It advances bookmarks by the greatest value that it
      has seen, even if the account fails later.
    - `_write_schema_message`: A stream that is written while another one is read needs its SCHEMA
      before that. The SDK names the columns by which a run resumes only if it advances the
      bookmarks itself.
    """

    def _sync_records(
        self: WritesItself,
        context: Context | None = None,
        *,
        write_messages: bool = True,
    ) -> Iterator[dict[str, Any]]:
        assert write_messages  # only SQL streams of the SDK ask for less
        self.write_rows(context)
        return iter(())

    def _write_schema_message(self: WritesItself) -> None:
        self.write_schemas()

    for method in (_sync_records, _write_schema_message):
        setattr(streams, method.__name__, method)
    return streams


def schema_messages(stream: Stream) -> Iterator[SchemaMessage]:
    """The SCHEMA messages of a stream: one for each of its stream maps that keeps rows."""
    return stream._generate_schema_messages()


def record_messages(stream: Stream, row: dict[str, Any]) -> Iterator[RecordMessage]:
    """The RECORD messages of a row, through field selection, stream maps and flattening."""
    return stream._generate_record_messages(row)


def set_version(stream: Stream, version: int) -> None:
    """Give the RECORD messages of a stream a version."""
    stream._stream_version = version


def write_activate_version(stream: Stream, version: int) -> None:
    """Write the ACTIVATE_VERSION messages of a stream: one for each stream map that keeps rows.

    The SDK writes them before the rows, so a run that fails would retire the rows of a table.
    """
    stream._write_activate_version_message(version)


def write_state(stream: Stream) -> None:
    """Write a STATE message with the bookmarks of all streams as they are now.

    In the SDK, bookmarks move with rows, and a STATE follows each 10,000 of them. Here they move
    with the answers of X, and each move is written.
    """
    stream.state_manager.is_flushed = False
    stream._write_state_message()


def log_metric(stream: Stream, point: metrics.Point[Any]) -> None:
    """Log a point of the SDK's metrics, in the format of the SDK's own points."""
    stream._log_metric(point)


def catalog_entry(stream: Stream) -> CatalogEntry:
    """The entry of a stream in the catalog that `--discover` prints."""
    return stream._singer_catalog_entry
