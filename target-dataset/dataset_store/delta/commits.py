"""Commits on top of a table's newest version, repeated while other writers are faster."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import backoff
from deltalake import CommitProperties, Transaction
from deltalake.exceptions import CommitFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from deltalake import DeltaTable
    from deltalake.transaction import AddAction, RemoveAction

    from dataset_store.base import Commit

    Write = Callable[[CommitProperties], None]

logger = logging.getLogger(__name__)

OPERATION_KEY: Final = "dataset.operation"
"""Under which a commit says what it is called."""

_CONFLICT_SECONDS: Final = 300


def commit_on_newest(
    table: DeltaTable,
    write: Write,
    commit: Commit | None = None,
    *,
    blind: bool = False,
    attempts: int | None = None,
) -> int:
    """Write on top of the newest version, unless the commit's sequence is there already.

    What a write has read must still hold when it commits. The engine's own check of that is too
    lax: deltalake 1.6 lets an overwrite commit that does not know of a compaction, whose file then
    brings the old rows back, and a rewrite with wider types beside new files with the narrow ones.
    So a write begins again here after any newer commit, unless it is blind.

    Args:
        table: The table, which is moved on to the newest version.
        write: Makes the commit.
        commit: What is recorded with it.
        blind: Whether the write depends on nothing but the columns.
        attempts: How often it may lose against another writer; None ends only with the time.

    Returns:
        The version on which it was written.

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
    before: int = retried(_attempt)(table, write, commit, blind=blind)
    return before


def _attempt(table: DeltaTable, write: Write, commit: Commit | None, *, blind: bool) -> int:
    table.update_incremental()
    before = table.version()
    if commit is None or not _is_committed(table, commit):
        write(_properties(commit, blind=blind))
    return before


def _is_committed(table: DeltaTable, commit: Commit) -> bool:
    if commit.writer is None:
        return False
    committed = table.transaction_version(commit.writer)
    return committed is not None and committed >= commit.sequence


def _properties(commit: Commit | None, *, blind: bool) -> CommitProperties:
    retries = None if blind else 0
    if commit is None:
        return CommitProperties(max_commit_retries=retries)
    transactions = [Transaction(commit.writer, commit.sequence)] if commit.writer else None
    return CommitProperties(
        custom_metadata=commit.metadata, max_commit_retries=retries, app_transactions=transactions
    )


def commit_files(
    table: DeltaTable,
    actions: Sequence[AddAction | RemoveAction],
    properties: CommitProperties,
    operation: str,
    metrics: Mapping[str, int],
) -> None:
    """Commit new files and the removal of others at once, and move the table on to that version.

    Args:
        table: The table, at the version on which the files depend.
        actions: The files.
        properties: What is recorded with the commit, and how often it may be tried.
        operation: What it is called.
        metrics: What it did.

    Raises:
        CommitFailedError: Another writer was faster; nothing was committed.
    """
    metadata = {
        **(properties.custom_metadata or {}),
        # the engine calls all of these WRITE, and says nothing else of them
        OPERATION_KEY: operation,
        "operationMetrics": metrics,
        "isBlindAppend": properties.max_commit_retries is None,
    }
    table.create_write_transaction(
        list(actions),
        "append",
        table.schema(),
        commit_properties=CommitProperties(
            custom_metadata=metadata,
            max_commit_retries=properties.max_commit_retries,
            app_transactions=properties.app_transactions,
        ),
    )
    table.update_incremental()


def _log_conflict(details: Any) -> None:
    logger.debug(
        "%s: another writer was faster, attempt %d follows",
        details["args"][0].table_uri,
        details["tries"] + 1,
    )
