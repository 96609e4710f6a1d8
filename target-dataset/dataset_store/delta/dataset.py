"""A dataset as one Delta Lake table."""

from __future__ import annotations

import json
import logging
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, QueryBuilder, write_deltalake

from dataset_store.base import NOTHING, Below, Commit, Dataset, DatasetInfo, Version
from dataset_store.delta.changes import Deletion, Mark, Replacement
from dataset_store.delta.commits import commit_on_newest
from dataset_store.delta.evolving import change_metadata, kept, known_schema, needs_rewrite
from dataset_store.delta.failures import as_dataset_errors
from dataset_store.delta.files import Aligned, writer_properties
from dataset_store.delta.head import Head
from dataset_store.delta.history import time_of, versions_of
from dataset_store.delta.keys import check_keys, last_of_each_key
from dataset_store.delta.maintenance import compact, look_after
from dataset_store.delta.names import check_description, check_name
from dataset_store.delta.presence import require_data_files, require_table
from dataset_store.delta.protocol import check_may_change
from dataset_store.delta.query import answer
from dataset_store.delta.rewrite import Rewrite
from dataset_store.delta.upkeep import delete_old_files
from dataset_store.errors import DatasetError, SchemaConflictError
from dataset_store.evolution import align, of_rows, storable
from dataset_store.queries import quoted
from dataset_store.widening import widen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from dataset_store.base import Value
    from dataset_store.delta.changes import Change
    from dataset_store.delta.commits import Write
    from dataset_store.delta.location import TableFolder
    from dataset_store.delta.upkeep import Upkeep
    from dataset_store.progress import Tracker
    from dataset_store.widening import Conflicts, Contradiction

logger = logging.getLogger(__name__)

KEYS_PROPERTY: Final = "dataset.keys"
"""The table property that holds the key columns, as a JSON list."""

LABELS_PROPERTY: Final = "dataset.labels"
"""The table property that holds the labels, as a JSON object."""


class DeltaDataset(Dataset):
    """One table, as of its opening; its own writes move it to the newest version.

    Any number of processes can write at once: a commit that loses against another one is retried
    on top of it.

    Args:
        folder: Its files; the name is the GUID.
        table: The open table.
        upkeep: When its writes maintain the table.
    """

    def __init__(self, folder: TableFolder, table: DeltaTable, upkeep: Upkeep) -> None:
        self._id = folder.name
        self._folder = folder
        self._upkeep = upkeep
        self._head = Head(table, folder)

    @property
    def id(self) -> str:
        """The GUID, which is also the name of the table's folder."""
        return self._id

    @property
    def table(self) -> DeltaTable:
        """The Delta Lake table itself, for SQL."""
        return self._head.table

    @property
    def schema(self) -> pa.Schema:
        """The columns; Delta Lake keeps their metadata."""
        return self._head.schema

    @property
    def keys(self) -> tuple[str, ...]:
        """The key columns, from the table's properties; empty if another program made the table."""
        with self._errors():
            return tuple(
                json.loads(self._head.described.metadata().configuration.get(KEYS_PROPERTY, "[]"))
            )

    @property
    def version(self) -> str:
        """The number of the newest commit known to this object."""
        return str(self._head.version)

    @property
    def _location(self) -> str:
        """The whole path of a local table, or the address of another."""
        url = urlsplit(self._head.described.table_uri)
        is_local = url.scheme == "file"
        return unquote(url.path).rstrip("/") if is_local else self._folder.address

    def info(self) -> DatasetInfo:
        """Metadata from the table's log; rows are counted without reading them."""
        with self._errors():
            metadata = self._table.metadata()
            newest = self._table.history(1)
            return DatasetInfo(
                id=self._id,
                name=metadata.name or self._id,
                description=metadata.description or "",
                keys=self.keys,
                rows=self._head.rows(),
                version=self.version,
                created_at=time_of(metadata.created_time),
                updated_at=time_of(newest[0]["timestamp"]) if newest else None,
                location=self._location,
                labels=json.loads(metadata.configuration.get(LABELS_PROPERTY, "{}")),
            )

    def versions(self, limit: int | None = None) -> Sequence[Version]:
        """The commits that are still in the table's log, newest first."""
        with self._errors():
            return versions_of(self._table, limit)

    def read(
        self, columns: Sequence[str] | None = None, *, batch_rows: int = 65_536
    ) -> Iterator[pa.RecordBatch]:
        """The rows in batches; one version always has the same order.

        Raises:
            DatasetError: A column is missing, or a file of the table cannot be read.
        """
        schema = self._projected(columns)
        with self._errors():
            # one partition keeps the order stable; several threads do not
            engine = QueryBuilder(
                {
                    "datafusion.execution.target_partitions": "1",
                    "datafusion.execution.batch_size": str(batch_rows),
                }
            ).register("dataset", self._table)
            names = ", ".join(quoted(name) for name in schema.names)
            reader = engine.execute(f"SELECT {names} FROM dataset")  # noqa: S608 - the names are quoted
            for batch in pa.RecordBatchReader.from_stream(reader):
                yield batch.cast(schema)

    def query(self, sql: str) -> pa.RecordBatchReader:
        """Run an SQL query over the rows of this version.

        Raises:
            DatasetError: The engine rejects the query, or a file of the table cannot be read.
        """
        with self._errors():
            return answer(sql, {"dataset": self._table}, ["dataset"])

    def _projected(self, columns: Sequence[str] | None) -> pa.Schema:
        schema = self.schema
        if columns is None:
            return schema
        missing = [name for name in columns if name not in schema.names]
        if missing:
            message = (
                f"Dataset {self._id} has no column {missing[0]!r}; it has {', '.join(schema.names)}"
            )
            raise DatasetError(message)
        return pa.schema([schema.field(name) for name in columns])

    def evolve(
        self, schema: pa.Schema, *, conflicts: Conflicts = "error"
    ) -> Sequence[Contradiction]:
        """Add columns and widen types.

        New columns and marks of text only change metadata. A wider type rewrites the whole table:
        Delta's protocol allows files with a narrower type only with its type-widening feature,
        which deltalake 1.6 does not write.

        Raises:
            SchemaConflictError: A stored type cannot hold the new one, or the wider one cannot hold
                a stored value exactly.
        """
        found: list[Contradiction] = []
        self._commit(None, partial(self._evolve, of_rows(schema), conflicts, found))
        return found

    def _evolve(
        self,
        new: pa.Schema,
        conflicts: Conflicts,
        found: list[Contradiction],
        properties: CommitProperties,
    ) -> None:
        found.clear()
        stored = self.schema
        known = known_schema(stored, new, self.read)
        wanted = kept(widen(known, new, conflicts=conflicts, found=found))
        if needs_rewrite(stored, known, wanted):
            rows = (batch.cast(known) for batch in self.read())
            self._replace(wanted, rows, properties)
        else:
            change_metadata(self._head, stored, wanted, properties)

    def rename(self, name: str) -> None:
        """Change the name in the table's metadata; deltalake's limit is 255 characters.

        Raises:
            DatasetError: The name is blank or too long.
        """
        check_name(name)
        self._commit(None, partial(self._rename, name), is_whole=False)

    def _rename(self, name: str, properties: CommitProperties) -> None:
        if self._table.metadata().name != name:
            self._table.alter.set_table_name(name, commit_properties=properties)

    def describe(self, description: str) -> None:
        """Change the description in the table's metadata; deltalake's limit is 4,000 characters.

        Raises:
            DatasetError: The text is too long.
        """
        check_description(description)
        self._commit(None, partial(self._describe, description), is_whole=False)

    def _describe(self, description: str, properties: CommitProperties) -> None:
        if (self._table.metadata().description or "") != description:
            self._table.alter.set_table_description(description, commit_properties=properties)

    def append(self, rows: pa.Table, commit: Commit | None = None) -> None:
        """Add the rows; missing columns become null."""
        self._commit(commit, partial(self._append, rows), blind=True)

    def _append(self, rows: pa.Table, properties: CommitProperties) -> None:
        aligned = align(rows, self.schema)
        if self._head.is_plain:
            Rewrite(self._head).append(aligned, properties)
            return
        write_deltalake(
            self._table,
            aligned,
            mode="append",
            writer_properties=writer_properties(aligned.schema),
            commit_properties=properties,
        )

    def upsert(self, rows: pa.Table, keys: Sequence[str], commit: Commit | None = None) -> None:
        """Replace the rows that have their keys; missing columns become null."""
        self._commit(commit, partial(self._upsert, rows, keys))

    def _upsert(self, rows: pa.Table, keys: Sequence[str], properties: CommitProperties) -> None:
        check_keys(self.schema, keys, self._id)
        batch, values = last_of_each_key(align(rows, self.schema), keys)
        if not batch.num_rows:
            # the commit records its sequence
            self._append(batch, properties)
            return
        self._change(Replacement(keys, values), batch, properties, "UPSERT")

    def delete(self, where: Below) -> None:
        """Delete rows; files that hold some of them are rewritten without them."""
        self._commit(None, partial(self._delete, where))

    def _delete(self, where: Below, properties: CommitProperties) -> None:
        nothing = self.schema.empty_table()
        self._change(Deletion(where, self.schema), nothing, properties, "DELETE")

    def mark(
        self, where: Below, column: str, value: Value, *, also: Mapping[str, Value] = NOTHING
    ) -> None:
        """Set values in rows; files that hold some of them are rewritten."""
        self._commit(None, partial(self._mark, where, column, {column: value, **also}))

    def _mark(
        self, where: Below, column: str, values: Mapping[str, Value], properties: CommitProperties
    ) -> None:
        change = Mark(where, column, values, self.schema)
        self._change(change, self.schema.empty_table(), properties, "UPDATE")

    def _change(
        self, change: Change, rows: pa.Table, properties: CommitProperties, operation: str
    ) -> None:
        check_may_change(self._head.described, f"Dataset {self._id}")
        if self._head.is_plain:
            rewrite = Rewrite(self._head, vectors=self._upkeep.deletion_vectors)
            rewrite.change(change, rows, properties, operation)
        elif rows.num_rows or self._holds_some(change):
            self._replace(self.schema, self._changed(change, rows), properties)

    def _holds_some(self, change: Change) -> bool:
        return any(
            pc.any(change.touched(pa.table(batch))).as_py() for batch in self.read(change.columns)
        )

    def _changed(self, change: Change, rows: pa.Table) -> Iterator[pa.RecordBatch]:
        for batch in self.read():
            yield change.changed(batch, change.touched(pa.table(batch)).combine_chunks())
        yield from rows.to_batches()

    def overwrite(self, rows: pa.RecordBatchReader, commit: Commit | None = None) -> None:
        """Replace all rows with these; the dataset takes their columns.

        Raises:
            SchemaConflictError: The new columns lack a key, or have a type no dataset can hold.
            DatasetError: Another writer was faster; the reader is exhausted, so the caller must
                start over.
        """
        schema = storable(rows.schema)
        missing = [key for key in self.keys if key not in schema.names]
        if missing:
            message = f"Dataset {self._id}: the new rows lack its key column {missing[0]!r}"
            raise SchemaConflictError(message)
        self._commit(commit, partial(self._replace, schema, rows), attempts=1, is_whole=False)

    def _replace(
        self, schema: pa.Schema, rows: Iterable[pa.RecordBatch], properties: CommitProperties
    ) -> None:
        aligned = Aligned(schema, rows)
        try:
            write_deltalake(
                self._table,
                pa.RecordBatchReader.from_batches(schema, aligned),
                mode="overwrite",
                schema_mode="overwrite",
                writer_properties=writer_properties(schema),
                commit_properties=properties,
            )
        except Exception:
            if aligned.failure:
                raise aligned.failure from None
            raise

    def compact(self, tracker: Tracker | None = None) -> int:
        """Join files up to 100 MB and checkpoint the log, so that opening reads one file of it."""
        with self._errors():
            require_table(self._folder, self._head.version)
            return compact(self._head, tracker)

    def vacuum(self, retain_hours: int | None = None) -> int:
        """Delete old files; by default, after the time in the table's properties."""
        with self._errors():
            self._head.update()
            return delete_old_files(self._head, retain_hours)

    def _commit(
        self,
        commit: Commit | None,
        write: Write,
        *,
        blind: bool = False,
        attempts: int | None = None,
        is_whole: bool = True,
    ) -> None:
        def on_whole_table(properties: CommitProperties) -> None:
            # tables with partitions, which only other programs create, have folders
            if is_whole and not self._head.described.metadata().partition_columns:
                require_data_files(self._folder, self._head.file_names)
            write(properties)

        with self._errors():
            require_table(self._folder, self._head.version, self._head.known_checkpoint)
            before = commit_on_newest(
                self._head, on_whole_table, commit, blind=blind, attempts=attempts
            )
        if self._head.owes_checkpoint or self._upkeep.is_due(before, self._head.version):
            self._look_after(is_due=self._upkeep.is_due(before, self._head.version))

    def _look_after(self, *, is_due: bool) -> None:
        """Maintain the table; the rows are committed, so a failure here does not fail the write."""
        try:
            with self._errors():
                look_after(self._head, is_due=is_due)
        except DatasetError as error:
            logger.warning("the rows are written, but the cleanup after them failed: %s", error)

    @property
    def _table(self) -> DeltaTable:
        return self._head.table

    def _errors(self) -> AbstractContextManager[None]:
        return as_dataset_errors(f"Dataset {self._id}")
