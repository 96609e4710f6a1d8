"""What keeps a table fast and small: joined files, checkpoints of its log, no files of the past.

All of it is safe beside readers and writers: it commits like any writer, and files leave the disk
only after the time that is granted to those who still read, or have not yet committed them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from filelock import FileLock

from dataset_store.delta.files import writer_properties

if TYPE_CHECKING:
    from deltalake import CommitProperties, DeltaTable
    from filelock import BaseFileLock

_MIB: Final = 1 << 20
_SHARE: Final = 32


class Upkeep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a store looks after its tables by itself."""

    compact_after_commits: Annotated[int, msgspec.Meta(ge=0)] = 32
    """After how many commits small files are joined, and old ones deleted; 0 means never."""

    checkpoint_after_commits: Annotated[int, msgspec.Meta(ge=1)] = 100
    """After how many commits the log of a new table is summed up in one file."""

    retain_hours: Annotated[int, msgspec.Meta(ge=1)] = 24
    """How long a new table keeps files and versions that newer ones have replaced."""

    @property
    def table_properties(self) -> dict[str, str]:
        """What a new table says of it, to every program that works on it."""
        retention = f"interval {self.retain_hours} hours"
        return {
            "delta.checkpointInterval": str(self.checkpoint_after_commits),
            "delta.deletedFileRetentionDuration": retention,
            "delta.logRetentionDuration": retention,
        }

    def is_due(self, before: int, after: int) -> bool:
        """Whether it is time for it after a write that moved the table from a version to another.

        It hangs on the version alone, so that short runs get their turn, and of several writers
        one.
        """
        every = self.compact_after_commits
        return every > 0 and before // every < after // every


class LocalOptions(Upkeep, frozen=True, forbid_unknown_fields=True):
    """The options of a local store."""

    private: bool = True
    """Whether a new store's folder is its owner's alone (0700); existing ones stay as they are."""


def sole_compaction(folder: str, *, wait: bool = True) -> BaseFileLock:
    """The right to join files of a table, which one process has at a time.

    Two compactions at once would both succeed, and leave every row twice: deltalake 1.6 does not
    notice, as neither changes rows.

    Args:
        folder: The table's folder.
        wait: Whether to wait for it; or else `filelock.Timeout` is raised where another has it.
    """
    # Delta Lake leaves files alone whose names begin so
    return FileLock(Path(folder, "_compaction.lock"), blocking=wait)


def join_small_files(table: DeltaTable, properties: CommitProperties) -> None:
    """Join the files that are small beside the whole table, in one commit.

    Measured by the whole, a table keeps some dozens of files however many commits made it, and a
    row is written again a few times only while the table grows.
    """
    sizes = pa.table(table.get_add_actions(flatten=True)).column("size_bytes")
    share = (pc.sum(sizes).as_py() or 0) // _SHARE
    join_files(table, properties, target_bytes=min(max(share, _MIB), 100 * _MIB))


def join_files(
    table: DeltaTable, properties: CommitProperties, *, target_bytes: int | None = None
) -> None:
    """Join files up to a size, in one commit; there is none if nothing can be joined.

    Args:
        table: The table.
        properties: What is recorded with the commit.
        target_bytes: The size; None takes the table's `delta.targetFileSize`, or else 100 MB.
    """
    table.optimize.compact(
        target_size=target_bytes,
        # one at a time: each holds as much as it joins
        max_concurrent_tasks=1,
        writer_properties=writer_properties(pa.schema(table.schema().to_arrow())),
        commit_properties=properties,
    )


def delete_old_files(table: DeltaTable, retain_hours: int | None = None) -> int:
    """Delete the files that the table has not held for some time, left-overs of kills included.

    Args:
        table: The table.
        retain_hours: That time; None takes the table's `delta.deletedFileRetentionDuration`, or
            else a week.

    Returns:
        How many were deleted.
    """
    deleted = table.vacuum(
        retention_hours=retain_hours, dry_run=False, enforce_retention_duration=False, full=True
    )
    return len(deleted)
