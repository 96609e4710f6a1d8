"""Commits on a table's newest version, retried if other writers are faster."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import backoff
from deltalake import CommitProperties, Transaction
from deltalake.exceptions import CommitFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from deltalake import DeltaTable

    from dataset_store.base import Commit
    from dataset_store.delta.head import Head

    Write = Callable[[CommitProperties], None]

logger = logging.getLogger(__name__)

MARK_KEY: Final = "dataset.commit"
"""The metadata key for the random name of a commit whose answer may get lost."""

_CONFLICT_SECONDS: Final = 300


def commit_on_newest(
    head: Head,
    write: Write,
    commit: Commit | None = None,
    *,
    blind: bool = False,
    attempts: int | None = None,
) -> int:
    """Write on the newest version, unless the commit's sequence already exists.

    The data that a write has read must still be valid when it commits. The engine's own check is
    too lax: deltalake 1.6 commits an overwrite that ignores a concurrent compaction, whose file
    then restores the old rows, and a rewrite with wider types beside new files with narrow ones.
    So unless a write is blind, it starts over here after any newer commit.

    Args:
        head: The table, which is moved to the newest version.
        write: Makes the commit.
        commit: Data to record with it.
        blind: Whether the write depends only on the columns.
        attempts: How often it may lose against another writer; None is limited only by time.

    Returns:
        The version that the write was based on.

    Raises:
        CommitFailedError: Others were faster every time.
    """
    retried = backoff.on_exception(
        backoff.expo,
        CommitFailedError,
        max_tries=attempts,
        max_time=_CONFLICT_SECONDS,
        factor=0.02,
        max_value=2,
        logger=None,
        on_backoff=_log_conflict,
    )
    before: int = retried(_attempt)(head, write, commit, blind=blind)
    return before


def _attempt(head: Head, write: Write, commit: Commit | None, *, blind: bool) -> int:
    head.update()
    before = head.version
    if commit is None or not _is_committed(head, commit):
        if head.folder.is_remote:
            _write_remotely(head, write, commit)
        else:
            write(_properties(commit, blind=blind))
        # the engine commits without the head
        head.update()
    return before


def _write_remotely(head: Head, write: Write, commit: Commit | None) -> None:
    """Write where an answer may get lost: after an error, look whether the commit exists.

    A second try would write the rows twice.
    """
    before = head.version
    mark = new_mark()
    try:
        # a try of the engine's own would not know the commit of the one before
        write(_properties(commit, blind=False, mark=mark))
    except Exception:
        if not has_mark(head.folder.open(), mark, before):
            raise


def new_mark() -> dict[str, str]:
    """Metadata by which a commit is found again."""
    return {MARK_KEY: uuid4().hex}


def has_mark(table: DeltaTable, mark: Mapping[str, str], after: int = -1) -> bool:
    """Whether a commit is in the table's log.

    Args:
        table: The table.
        mark: The commit's metadata from `new_mark`.
        after: The newest version that is known to be older.
    """
    count = table.version() - after
    return count > 0 and any(mark.items() <= entry.items() for entry in table.history(count))


def _is_committed(head: Head, commit: Commit) -> bool:
    if commit.writer is None:
        return False
    committed = head.transaction_version(commit.writer)
    return committed is not None and committed >= commit.sequence


def _properties(
    commit: Commit | None, *, blind: bool, mark: Mapping[str, str] | None = None
) -> CommitProperties:
    retries = None if blind else 0
    if commit is None:
        metadata = dict(mark) if mark else None
        return CommitProperties(custom_metadata=metadata, max_commit_retries=retries)
    transactions = [Transaction(commit.writer, commit.sequence)] if commit.writer else None
    return CommitProperties(
        custom_metadata={**(commit.metadata or {}), **(mark or {})} or None,
        max_commit_retries=retries,
        app_transactions=transactions,
    )


def _log_conflict(details: Any) -> None:
    logger.debug(
        "%s: another writer was faster, attempt %d follows",
        details["args"][0].described.table_uri,
        details["tries"] + 1,
    )
