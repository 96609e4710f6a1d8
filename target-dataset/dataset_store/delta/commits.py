"""Commits on a table's newest version, retried if other writers are faster."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import backoff
from deltalake import CommitProperties, Transaction
from deltalake.exceptions import CommitFailedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataset_store.base import Commit
    from dataset_store.delta.head import Head

    Write = Callable[[CommitProperties], None]

logger = logging.getLogger(__name__)

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
        write(_properties(commit, blind=blind))
        # the engine commits without the head
        head.update()
    return before


def _is_committed(head: Head, commit: Commit) -> bool:
    if commit.writer is None:
        return False
    committed = head.transaction_version(commit.writer)
    return committed is not None and committed >= commit.sequence


def _properties(commit: Commit | None, *, blind: bool) -> CommitProperties:
    retries = None if blind else 0
    if commit is None:
        return CommitProperties(max_commit_retries=retries)
    transactions = [Transaction(commit.writer, commit.sequence)] if commit.writer else None
    return CommitProperties(
        custom_metadata=commit.metadata, max_commit_retries=retries, app_transactions=transactions
    )


def _log_conflict(details: Any) -> None:
    logger.debug(
        "%s: another writer was faster, attempt %d follows",
        details["args"][0].described.table_uri,
        details["tries"] + 1,
    )
