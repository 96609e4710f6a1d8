"""Table maintenance: joining of files, checkpoints of the log, deletion of old files.

All of it is safe beside readers and writers: it commits like any writer, and files are deleted
only after a time granted to programs that still read, or have not yet committed them.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.fs import FileSelector

from dataset_store.delta import vectors
from dataset_store.delta.files import FILE_SIZE, target_bytes, writer_properties
from dataset_store.delta.protocol import has_vectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deltalake import CommitProperties, DeltaTable

    from dataset_store.delta.actions import FileAction
    from dataset_store.delta.head import Head
    from dataset_store.delta.location import TableFolder

_MIB: Final = 1 << 20
_SHARE: Final = 32

_HOURS: Final = {"hour": 1, "day": 24, "week": 168}


class Upkeep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a store maintains its tables automatically."""

    compact_after_commits: Annotated[int, msgspec.Meta(ge=0)] = 32
    """The number of commits after which files are joined and old ones deleted; 0 means never."""

    checkpoint_after_commits: Annotated[int, msgspec.Meta(ge=1)] = 100
    """The number of commits after which the log of a new table gets a checkpoint."""

    retain_hours: Annotated[int, msgspec.Meta(ge=1)] = 24
    """How long a new table keeps replaced files and versions."""

    target_file_mb: Annotated[int, msgspec.Meta(ge=1, le=4096)] = 100
    """The size of data files in a new table, in MiB: larger ones are not joined or written."""

    deletion_vectors: bool = False
    """Whether upserts and deletions list the rows they delete beside the files, which stay as they
    are; not every program can read such a table."""

    @property
    def table_properties(self) -> dict[str, str]:
        """The properties of a new table that tell other programs of this policy."""
        retention = f"interval {self.retain_hours} hours"
        return {
            "delta.checkpointInterval": str(self.checkpoint_after_commits),
            "delta.deletedFileRetentionDuration": retention,
            "delta.logRetentionDuration": retention,
            FILE_SIZE: str(self.target_file_mb * _MIB),
        }

    def is_due(self, before: int, after: int) -> bool:
        """Whether maintenance is due after a write that moved the table between two versions.

        It depends only on the versions, so that short runs get their turn, and only one of several
        writers does.
        """
        every = self.compact_after_commits
        return every > 0 and before // every < after // every


class LocalOptions(Upkeep, frozen=True, forbid_unknown_fields=True):
    """The options of a local store."""

    private: bool = True
    """Whether a new store's folder is its owner's alone (0700); existing ones keep their mode."""


def small_bytes(table: DeltaTable) -> int:
    """The size up to which files are joined because they are small relative to the whole table.

    So a table keeps a few dozen files no matter how many commits made it, and a row is rewritten
    only a few times while the table grows.
    """
    sizes = pa.table(table.get_add_actions(flatten=True)).column("size_bytes")
    share = (pc.sum(sizes).as_py() or 0) // _SHARE
    return min(max(share, _MIB), target_bytes(table))


def join_files(
    table: DeltaTable, properties: CommitProperties, *, target_bytes: int | None = None
) -> None:
    """Join files up to a size, in one commit; if there is nothing to join, there is none.

    Args:
        table: The table.
        properties: Data to record with the commit.
        target_bytes: The size; None uses the table's `delta.targetFileSize`, or 100 MB.
    """
    table.optimize.compact(
        target_size=target_bytes,
        # one at a time: each task holds in memory what it joins
        max_concurrent_tasks=1,
        writer_properties=writer_properties(pa.schema(table.schema().to_arrow())),
        commit_properties=properties,
    )


def delete_old_files(head: Head, retain_hours: int | None = None) -> int:
    """Delete files that the table has not used for some time, including those of killed runs.

    Args:
        head: The table.
        retain_hours: That time; None uses the table's `delta.deletedFileRetentionDuration`, or
            a week.

    Returns:
        The number of deleted files.
    """
    # the engine would commit twice to note the deletion, and fail if another writer is faster
    found = head.table.vacuum(
        retention_hours=retain_hours,
        dry_run=True,
        enforce_retention_duration=False,
        # deltalake 1.6 would take vectors in use for files of killed runs
        full=not (has_vectors(head.described) and has_foreign_vectors(head.folder)),
    )
    old = _existing(head.folder, found)
    head.folder.delete(old)
    hours = retain_hours if retain_hours is not None else _retention_hours(head.described)
    return len(old) + _delete_old_vectors(head, time.time() - hours * 3600)


def _existing(folder: TableFolder, paths: Sequence[str]) -> list[str]:
    """The files that exist; the engine lists those of its log that were deleted before, too."""
    here = set(folder.names())
    return [path for path in paths if path in here or ("/" in path and folder.has(path))]


def has_foreign_vectors(folder: TableFolder) -> bool:
    """Whether other programs keep deletion vectors beside the data files."""
    found = folder.files().get_file_info(FileSelector("", recursive=True))
    paths = (each.path for each in found if each.base_name.startswith("deletion_vector_"))
    return any(not path.startswith(f"{vectors.FOLDER}/") for path in paths)


def _retention_hours(table: DeltaTable) -> int:
    wanted = table.metadata().configuration.get("delta.deletedFileRetentionDuration", "")
    found = re.fullmatch(r"interval (\d+) (hour|day|week)s?", wanted)
    return int(found[1]) * _HOURS[found[2]] if found else _HOURS["week"]


def _delete_old_vectors(head: Head, before: float) -> int:
    """Delete the vectors that no version since a time has had; returns the number of files."""
    stored = head.folder.modified(vectors.FOLDER)
    if not stored:
        return 0
    actions: list[FileAction] = [*head.files().values(), *head.log.removed_since(before)]
    used = {action.deletion_vector.path for action in actions if action.deletion_vector}
    paths = {f"{vectors.FOLDER}/{name}": written for name, written in stored.items()}
    old = [path for path, written in paths.items() if written < before and path not in used]
    head.folder.delete(old)
    return len(old)
