"""Maintenance of one table: compaction on demand, and what is due after a commit."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from deltalake.exceptions import CommitFailedError
from filelock import Timeout

from dataset_store.delta.commits import commit_on_newest
from dataset_store.delta.files import target_bytes
from dataset_store.delta.rewrite import Rewrite
from dataset_store.delta.upkeep import delete_old_files, join_files, small_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deltalake import CommitProperties

    from dataset_store.delta.actions import AddFile
    from dataset_store.delta.head import Head
    from dataset_store.progress import Tracker


def compact(head: Head, tracker: Tracker | None = None) -> int:
    """Join files, delete the rows in vectors for good, and write a checkpoint of the log.

    Args:
        head: The table.
        tracker: Gets the number of rows to rewrite, and counts them; not those of tables whose
            files the engine writes, which does not say how far it is.

    Returns:
        By how many files the table has become smaller.
    """
    head.update()
    files = len(head.table.file_uris())
    with head.folder.compaction_lock():
        commit_on_newest(head, partial(_join_all, head, _known(head), tracker))
        commit_on_newest(head, partial(_plain, head, _known(head), tracker))
    head.checkpoint()
    return max(0, files - len(head.table.file_uris()))


def look_after(head: Head, *, is_due: bool) -> None:
    """Write a checkpoint if one is due, join small files, and delete old ones.

    Args:
        head: The table.
        is_due: Whether it is the turn of its files, too.
    """
    if head.owes_checkpoint:
        head.checkpoint()
    if not is_due:
        return
    # if another writer is faster, maintenance will be due again
    with suppress(CommitFailedError, Timeout), head.folder.compaction_lock(wait=False):
        small = small_bytes(head.table)
        commit_on_newest(head, partial(_join_small, head, small, _known(head)), attempts=1)
    delete_old_files(head)


def _known(head: Head) -> Mapping[str, AddFile]:
    """The files of a table, to choose from in every attempt of a compaction.

    Where others write all the time, each attempt finds files changed that the last one has read.
    Without the changed ones, an attempt succeeds in the end.
    """
    return dict(head.files()) if head.is_plain else {}


def _join_all(
    head: Head,
    known: Mapping[str, AddFile],
    tracker: Tracker | None,
    properties: CommitProperties,
) -> None:
    if head.is_plain:
        rewrite = Rewrite(head, tracker=tracker)
        rewrite.join(properties, target_bytes(head.described), known)
    else:
        join_files(head.table, properties)


def _join_small(
    head: Head, size: int, known: Mapping[str, AddFile], properties: CommitProperties
) -> None:
    if head.folder.is_remote and head.is_plain:
        Rewrite(head).join(properties, size, known)
    else:
        join_files(head.table, properties, target_bytes=size)


def _plain(
    head: Head,
    known: Mapping[str, AddFile],
    tracker: Tracker | None,
    properties: CommitProperties,
) -> None:
    if head.is_plain:
        Rewrite(head, tracker=tracker).plain(properties, known)
