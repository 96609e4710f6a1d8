"""One Domo dataset."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NoReturn

import pyarrow as pa

from dataset_store.base import NOTHING, Below, Dataset, DatasetInfo, Version
from dataset_store.domo import labels
from dataset_store.domo.columns import (
    arrow_schema,
    check_fits,
    check_keys,
    schema_body,
    stored_schema,
    widened,
)
from dataset_store.domo.execution import time_of
from dataset_store.domo.information import info_of, version_of
from dataset_store.domo.last_rows import LastRows
from dataset_store.domo.parts import Parts
from dataset_store.domo.reading import exported
from dataset_store.domo.stream import MadeBy
from dataset_store.domo.tries import Call
from dataset_store.errors import DatasetError, SchemaConflictError, StoreError
from dataset_store.waiting_rows import WaitingFolder, remove_abandoned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from dataset_store.base import Commit, RowSource, Value
    from dataset_store.domo.client import DomoClient
    from dataset_store.domo.executions import Executions, UpdateMethod
    from dataset_store.domo.journal import Claim
    from dataset_store.domo.options import DomoOptions
    from dataset_store.widening import Conflicts, Contradiction

logger = logging.getLogger(__name__)

_NO_DELETION: Final = (
    "this store cannot delete or mark single rows, as Domo's public API does not support it; load "
    "all rows again with `load_method: overwrite`"
)


@dataclass(frozen=True, slots=True)
class Connection:
    """Shared parts of the datasets of a store.

    Attributes:
        client: Sends the requests.
        options: The options of the store.
        address: The address of the store, for messages.
        claim: Claims the right to write to a dataset, or raises an error.
    """

    client: DomoClient
    options: DomoOptions
    address: str
    claim: Callable[[str], Claim]


class DomoDataset(Dataset):
    """A dataset as last returned by Domo; its own writes use the stream that created it.

    A write is one execution: either all of its rows become visible, or none.

    Args:
        connection: Shared parts of the datasets of the store.
        shown: Domo's object, including the schema.
    """

    def __init__(self, connection: Connection, shown: Mapping[str, Any]) -> None:
        self._connection = connection
        self._client = connection.client
        self._shown = shown
        self._made_by = MadeBy(self._client, connection.options, self.id)
        self._has_warned = False

    @property
    def id(self) -> str:
        """The GUID, assigned by Domo."""
        return str(self._shown["id"]).lower()

    @property
    def _where(self) -> str:
        return f"Dataset {self.id}"

    @property
    def schema(self) -> pa.Schema:
        """The columns; Domo stores no metadata for them."""
        return arrow_schema(self._shown["schema"]["columns"])

    @property
    def keys(self) -> tuple[str, ...]:
        """The key columns of the stream that created the dataset."""
        return self._made_by.keys or tuple(labels.parsed(self._shown.get("description")).keys)

    @property
    def version(self) -> str:
        """The time of its last data: an aborted execution or another name changes nothing."""
        return version_of(self._shown)

    def info(self) -> DatasetInfo:
        """Metadata as of the opening or the last write."""
        shown = self._shown
        return info_of(shown, self.keys, self._connection.address)

    def versions(self, limit: int | None = None) -> Sequence[Version]:
        """Successful executions, newest first; for other datasets, the last change."""
        if self._made_by.shown() is None:
            info = self.info()
            changed_at = time_of(self._shown.get("dataCurrentAt")) or info.updated_at
            return [Version(info.version, changed_at, "LOAD", info.rows)] if changed_at else []
        executions = self._executions()
        found = executions.all() if limit is None else executions.recent()
        return [
            Version(str(each.id), each.ended_at, each.method, each.rows)
            for each in reversed(found)
            if each.state == "SUCCESS" and each.ended_at
        ][:limit]

    def read(
        self, columns: Sequence[str] | None = None, *, batch_rows: int = 65_536
    ) -> Iterator[pa.RecordBatch]:
        """The rows in batches, in the order of Domo's export.

        Raises:
            DatasetError: A column is missing, or the export is interrupted.
        """
        schema = self.schema
        if columns is not None:
            missing = [name for name in columns if name not in schema.names]
            if missing:
                message = (
                    f"{self._where} has no column {missing[0]!r}; it has {', '.join(schema.names)}"
                )
                raise DatasetError(message)
            schema = pa.schema([schema.field(name) for name in columns])
        yield from exported(self._client, self.id, schema, batch_rows)

    def claim(self) -> None:
        """Claim the right to write, and abort executions left open by killed runs.

        Raises:
            StoreError: Another program writes to the dataset, or no stream created it.
        """
        executions = self._executions()
        claim = self._connection.claim(self.id)
        claim.check(executions.recent(), executions.abort)

    def evolve(
        self, schema: pa.Schema, *, conflicts: Conflicts = "error"
    ) -> Sequence[Contradiction]:
        """Add columns at the end; types stay.

        Raises:
            SchemaConflictError: A stored type cannot hold the new one.
        """
        found: list[Contradiction] = []
        wider = widened(self.schema, schema, self.keys, conflicts, found)
        if wider.names != self.schema.names:
            self._put_schema(wider)
        return found

    def _put_schema(self, schema: pa.Schema) -> None:
        # the whole schema: Domo replaces it
        self._change({"schema": schema_body(schema)})

    def rename(self, name: str) -> None:
        """Change the name.

        Raises:
            DatasetError: The name is blank.
        """
        if not name.strip():
            message = "The name is blank; give a name"
            raise DatasetError(message)
        if name != self._shown["name"]:
            self._change({"name": name})

    def describe(self, description: str) -> None:
        """Change the description; the line with the labels of the dataset stays."""
        before = labels.parsed(self._shown.get("description"))
        if description != before.text:
            self._change({"description": str(before._replace(text=description))})

    def _change(self, body: Mapping[str, Any]) -> None:
        self._shown = self._client.json(Call(self._where, self._path, "PUT", json=body))

    @property
    def _path(self) -> str:
        return f"/v1/datasets/{self.id}"

    def append(self, rows: pa.Table, commit: Commit | None = None) -> None:  # noqa: ARG002 - not kept
        """Add the rows; if the dataset has key columns, Domo upserts them."""
        self.load(_Table(rows))

    def upsert(
        self,
        rows: pa.Table,
        keys: Sequence[str],
        commit: Commit | None = None,  # noqa: ARG002 - not kept
    ) -> None:
        """Replace the rows that have their keys; missing columns become null."""
        check_keys(self.schema, keys, self._where)
        self.load(_Table(rows), keys)

    def load(self, rows: RowSource, keys: Sequence[str] = ()) -> None:
        """Append or upsert rows in one execution; if a key is given twice, the last row wins.

        Raises:
            SchemaConflictError: The dataset has other keys, a key is null, or a row does
                not fit.
            StoreError: Domo rejects the rows.
        """
        # others may have added columns since then
        self._shown = self._client.json(Call(self._where, self._path))
        check_fits(self.schema, stored_schema(rows.schema, self.keys))
        if keys:
            self._check_keyed(keys)
            self._warn_of_hidden_keys()
        batches = LastRows(rows, keys).batches() if keys else rows.batches()
        self._write(batches, "APPEND", self.schema)

    def _warn_of_hidden_keys(self) -> None:
        """Warn that Domo may not upsert: not every instance supports it."""
        if self._made_by.keys is None and not self._has_warned:
            logger.warning(
                "%s was created with the keys %s, but Domo does not show them. If its rows repeat "
                "after the next load, ask Domo Support to enable upserts for your instance",
                self._where,
                ", ".join(self.keys),
            )
            self._has_warned = True

    def _check_keyed(self, keys: Sequence[str]) -> None:
        check_keys(self.schema, keys, self._where)
        if sorted(keys) != sorted(self.keys):
            has = f"has the keys {', '.join(self.keys)}" if self.keys else "has no keys"
            message = (
                f"{self._where} {has}, so Domo cannot replace rows by {', '.join(keys)}: "
                "keys are set at a dataset's creation. Load into a new dataset (another `name` in "
                "`datasets`), or set `load_method` to overwrite"
            )
            raise SchemaConflictError(message)

    def overwrite(
        self,
        rows: pa.RecordBatchReader,
        commit: Commit | None = None,  # noqa: ARG002 - not kept
    ) -> None:
        """Replace all rows with these; the dataset takes their columns.

        The rows are complete on disk before the first request to Domo. New columns at the end are
        added first; if a column is removed or gets another type and Domo then fails, its stored
        values may be lost until the rows are loaded again.

        Raises:
            SchemaConflictError: The new columns lack a key, or a row does not fit.
            StoreError: Domo rejects the rows.
        """
        missing = [key for key in self.keys if key not in rows.schema.names]
        if missing:
            message = f"{self._where}: the new rows lack its key column {missing[0]!r}"
            raise SchemaConflictError(message)
        self._write(rows, "REPLACE", stored_schema(rows.schema, self.keys))

    def _write(
        self, batches: Iterable[pa.RecordBatch], method: UpdateMethod, schema: pa.Schema
    ) -> None:
        executions = self._executions()
        claim = self._connection.claim(self.id)
        remove_abandoned()
        folder = WaitingFolder()
        try:
            parts = Parts(folder.path, schema, self._connection.options)
            parts.write(batches)
            if method == "APPEND" and not parts.rows:
                return
            if schema != self.schema:
                self._put_schema(schema)
            executions.load(parts.paths(), method, claim)
        finally:
            folder.remove()
            self._refresh()

    def _refresh(self) -> None:
        """Update the metadata of the dataset; a failure here does not fail the write."""
        try:
            self._shown = self._client.json(Call(self._where, self._path))
            self._made_by.forget()
        except DatasetError as error:
            logger.info("%s", error)

    def _executions(self) -> Executions:
        return self._made_by.executions(self._shown["name"])

    def delete(self, where: Below) -> NoReturn:  # noqa: ARG002 - nothing can be deleted
        """Reject the deletion: Domo's public API does not delete rows.

        Raises:
            StoreError: Always.
        """
        raise self._without_deletion()

    def mark(
        self,
        where: Below,  # noqa: ARG002 - as above
        column: str,  # noqa: ARG002 - as above
        value: Value,  # noqa: ARG002 - as above
        *,
        also: Mapping[str, Value] = NOTHING,  # noqa: ARG002 - as above
    ) -> NoReturn:
        """Reject the mark: Domo's public API does not change rows.

        Raises:
            StoreError: Always.
        """
        raise self._without_deletion()

    def _without_deletion(self) -> StoreError:
        return StoreError(f"{self._where}: {_NO_DELETION}")


class _Table:
    """A row source for rows in memory."""

    def __init__(self, rows: pa.Table) -> None:
        self.schema = rows.schema
        self.batches = partial(iter, rows.to_batches())
