"""Actions of Delta's log that concern files, as its JSON has them.

See *Actions* in Delta's protocol.
"""

from __future__ import annotations

import time
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from dataset_store.delta.vectors import Vector  # noqa: TC001 - msgspec evaluates it


class AddFile(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A data file of the table: *Add File* in the protocol."""

    path: str
    """Its path below the table's folder, encoded as in a URL."""

    partition_values: dict[str, str | None]
    size: int
    modification_time: int
    data_change: bool
    stats: str | None = None
    tags: dict[str, str | None] | None = None
    deletion_vector: Vector | None = None

    @property
    def name(self) -> str:
        """The path of the file itself."""
        return unquote(self.path)

    def with_vector(self, vector: Vector, rows: int) -> AddFile:
        """The file with other deleted rows.

        Args:
            vector: The deleted rows.
            rows: The number of rows in the file, which the protocol requires in the statistics.
        """
        stats = {**_decoded(self.stats or "{}"), "numRecords": rows, "tightBounds": False}
        return msgspec.structs.replace(
            self,
            data_change=True,
            stats=msgspec.json.encode(stats).decode(),
            deletion_vector=vector,
        )

    def removed(self, *, data_change: bool) -> RemoveFile:
        """The removal of the file, now."""
        return RemoveFile(
            path=self.path,
            data_change=data_change,
            deletion_timestamp=milliseconds(),
            extended_file_metadata=True,
            partition_values=self.partition_values,
            size=self.size,
            deletion_vector=self.deletion_vector,
        )


class RemoveFile(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A file that the table no longer has: *Remove File* in the protocol."""

    path: str
    data_change: bool
    deletion_timestamp: int | None = None
    extended_file_metadata: bool | None = None
    partition_values: dict[str, str | None] | None = None
    size: int | None = None
    deletion_vector: Vector | None = None

    @property
    def name(self) -> str:
        """The path of the file itself."""
        return unquote(self.path)


FileAction = AddFile | RemoveFile

_NAMES: Final[dict[type[FileAction], str]] = {AddFile: "add", RemoveFile: "remove"}
_decoded: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def line(action: FileAction) -> dict[str, FileAction]:
    """An action as the object of its line in the log."""
    return {_NAMES[type(action)]: action}


def entry(lines: list[dict[str, Any]]) -> bytes:
    """The content of a log entry: one JSON object per line."""
    return b"".join(msgspec.json.encode(each) + b"\n" for each in lines)


def milliseconds() -> int:
    """The time as the log has it."""
    return time.time_ns() // 1_000_000
