"""The newest version of a table that one process knows, and its own commits to it."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from deltalake.exceptions import CommitFailedError

from dataset_store.delta.actions import AddFile, RemoveFile, entry, line, milliseconds
from dataset_store.delta.log import TableLog
from dataset_store.delta.protocol import has_plain_files, has_vectors, upgrade

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from deltalake import CommitProperties, DeltaTable

    from dataset_store.delta.actions import FileAction
    from dataset_store.delta.location import TableFolder

logger = logging.getLogger(__name__)

_CHECKPOINT_INTERVAL: Final = "delta.checkpointInterval"
_DEFAULT_INTERVAL: Final = 100


class Head:
    """A table as of the newest version known.

    After own commits the engine's table is brought up to date only if its files are needed:
    deltalake 1.6 lists the whole log for that, so that many small commits would become slow.

    Args:
        table: The open table.
        folder: Its files.
    """

    def __init__(self, table: DeltaTable, folder: TableFolder) -> None:
        self.folder = folder
        """The files of the table."""
        self.log = TableLog(folder)
        """The table's log."""
        self.owes_checkpoint = False
        """Whether an own commit was the one after which the log gets a checkpoint."""
        self.known_checkpoint = None if folder.is_remote else self.log.checkpoint()
        """The version of a checkpoint in the log, if one is known."""
        self._table = table
        self._version = table.version()
        self._sequences: dict[str, int | None] = {}
        self._remember()

    @property
    def version(self) -> int:
        """The newest version known."""
        return self._version

    @property
    def table(self) -> DeltaTable:
        """The table at that version."""
        if self._table.version() < self._version:
            self._read()
        return self._table

    @property
    def described(self) -> DeltaTable:
        """The table for its columns, properties and protocol; its files may be out of date."""
        return self._table

    def update(self) -> None:
        """Notice the commits of others."""
        # the own entry is missing if it was deleted as old, and newer ones with it
        if self.log.has_entry(self._version + 1) or not self.log.has_entry(self._version):
            self._read()

    def _read(self) -> None:
        self._table.update_incremental()
        self._version = self._table.version()
        self._sequences.clear()
        self._remember()

    def _remember(self) -> None:
        self.schema = pa.schema(self._table.schema().to_arrow())
        """The table's columns."""
        self.is_plain = has_plain_files(self._table)
        """Whether this package writes the table's files."""
        properties = self._table.metadata().configuration
        self._interval = int(properties.get(_CHECKPOINT_INTERVAL, _DEFAULT_INTERVAL))
        self.file_names = {uri.rpartition("/")[2] for uri in self._table.file_uris()}
        """The names of the data files, without their folders."""

    def files(self) -> Mapping[str, AddFile]:
        """The files at that version, by their paths in the log."""
        return self.log.files(self._version)

    def rows(self) -> int:
        """The number of rows, from the log."""
        table = self.table
        rows: int = table.count()
        if has_vectors(table):
            # deltalake 1.6 counts the deleted ones
            vectors = (file.deletion_vector for file in self.files().values())
            rows -= sum(vector.cardinality for vector in vectors if vector)
        return rows

    def transaction_version(self, writer: str) -> int | None:
        """The last sequence that a writer has committed."""
        if writer not in self._sequences:
            self._sequences[writer] = self._table.transaction_version(writer)
        return self._sequences[writer]

    def commit(
        self,
        actions: Sequence[FileAction],
        properties: CommitProperties,
        operation: str,
        metrics: Mapping[str, int],
    ) -> None:
        """Commit new files and removals atomically, on top of the newest version known.

        Args:
            actions: The files.
            properties: Data to record with the commit; its retries are not used.
            operation: The name of the commit's operation.
            metrics: The metrics of the operation.

        Raises:
            CommitFailedError: Another writer was faster; nothing was committed.
        """
        is_blind = properties.max_commit_retries is None
        lines: list[dict[str, Any]] = [
            {
                "commitInfo": {
                    **(properties.custom_metadata or {}),
                    "timestamp": milliseconds(),
                    "operation": operation,
                    "operationParameters": {},
                    "operationMetrics": metrics,
                    "isBlindAppend": is_blind,
                    "readVersion": self._version,
                    "engineInfo": "opendataset-target-dataset",
                }
            }
        ]
        transactions = properties.app_transactions or []
        lines += [
            {"txn": {"appId": each.app_id, "version": each.version, "lastUpdated": milliseconds()}}
            for each in transactions
        ]
        if any(isinstance(action, AddFile) and action.deletion_vector for action in actions):
            lines += upgrade(self._table)
        lines += map(line, actions)
        is_upgrade = any("metaData" in each for each in lines)
        may_follow: Callable[[int], bool] | None = None
        if is_blind:
            writers = {each.app_id for each in transactions}
            may_follow = partial(self.log.changes_rows_only, writers=writers)
        elif not any(action.data_change for action in actions):
            removed = {action.path for action in actions if isinstance(action, RemoveFile)}
            may_follow = partial(self.log.keeps_files, paths=removed)
        self._put(entry(lines), may_follow)
        for action in actions:
            # a file whose vector changes is removed and added, in this order
            change = self.file_names.add if isinstance(action, AddFile) else self.file_names.discard
            change(action.name.rpartition("/")[2])
        self._sequences.update((each.app_id, each.version) for each in transactions)
        self.owes_checkpoint |= (self._version + 1) % self._interval == 0
        if is_upgrade:
            self._read()

    def _put(self, content: bytes, may_follow: Callable[[int], bool] | None) -> None:
        """Add the next entry, also after those of others that it may follow, by their versions.

        Raises:
            CommitFailedError: Another writer was faster, with an entry that it may not follow.
        """
        while True:
            try:
                self.log.put(self._version + 1, content)
            except CommitFailedError:
                if may_follow is None or not may_follow(self._version + 1):
                    raise
                self._version += 1
            else:
                self._version += 1
                return

    def checkpoint(self) -> None:
        """Write the checkpoint that is due, and delete expired entries of the log."""
        self.owes_checkpoint = False
        self.table.create_checkpoint()
        self.known_checkpoint = self._version
        self.table.cleanup_metadata()
