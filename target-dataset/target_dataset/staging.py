"""Rows that replace all others, buffered on disk until the input ends."""

from __future__ import annotations

import os
import shutil
import weakref
from contextlib import contextmanager
from functools import partial, reduce
from tempfile import gettempdir
from typing import TYPE_CHECKING

import pyarrow as pa

from dataset_store.evolution import align, of_rows
from dataset_store.waiting_rows import WaitingFolder, remove_abandoned
from dataset_store.widening import widen
from singer_plugin import UserError
from target_dataset.errors import conflicts_of, warn_of_text
from target_dataset.loads import ignore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dataset_store import Dataset
    from dataset_store.widening import Conflicts, Contradiction
    from target_dataset.loads import OnCommit


class Staging:
    """The new rows of the datasets to overwrite.

    Nothing is written to the datasets before `commit`; each is then overwritten in one commit. Rows
    that are not committed are lost with this object.

    Args:
        conflicts: How to handle columns whose types contradict each other.
        allow_empty: Whether an empty result may replace rows.
        on_commit: Receives each dataset that was overwritten and the number of its rows.
    """

    def __init__(
        self,
        conflicts: Conflicts = "error",
        *,
        allow_empty: bool = False,
        on_commit: OnCommit = ignore,
    ) -> None:
        self._on_commit = on_commit
        self._conflicts = conflicts
        self._allow_empty = allow_empty
        remove_abandoned()
        self._waiting: dict[str, StagedRows] = {}
        self._folder: WaitingFolder | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether any rows are held back."""
        return bool(self._waiting)

    def add(self, dataset: Dataset, rows: pa.Table) -> None:
        """Hold rows back; an empty table empties the dataset.

        Raises:
            UserError: The disk has no room for them.
        """
        with room_for(dataset):
            if self._folder is None:
                self._folder = WaitingFolder()
                weakref.finalize(self, self._folder.remove)
            staged = self._waiting.setdefault(
                dataset.id, StagedRows(dataset, self._folder.path / dataset.id, self._conflicts)
            )
            staged.add(rows)

    def commit(self) -> None:
        """Overwrite the datasets, once the rows of all of them are complete.

        Raises:
            UserError: The disk has no room for the last rows, or a dataset would lose all its rows
                to an empty result.
            SchemaConflictError: The columns of a dataset in this run contradict each other,
                or the wider type cannot hold a value exactly.
        """
        for staged in self._waiting.values():
            staged.finish()
        if not self._allow_empty:
            self._refuse_emptying()
        for staged in self._waiting.values():
            staged.commit()
            self._on_commit(staged.dataset, staged.rows)
        self._waiting.clear()

    def _refuse_emptying(self) -> None:
        """Refuse to empty a dataset: a failed tap looks like one that found nothing.

        Raises:
            UserError: A dataset with rows would get none.
        """
        emptied = [
            dataset_with_rows(staged.dataset)
            for staged in self._waiting.values()
            if not staged.rows and staged.dataset.info().rows
        ]
        if emptied:
            message = (
                f"`load_method: overwrite` would remove all rows of {', '.join(emptied)}: the "
                "input ended without a row for it, as it does if the tap fails. Nothing was "
                "written; if the dataset should be empty, set `overwrite_empty: true`"
            )
            raise UserError(message)


def dataset_with_rows(dataset: Dataset) -> str:
    """A dataset with its GUID and number of rows, for messages."""
    info = dataset.info()
    return f"dataset {info.name!r} ({info.id}, {info.rows:,} rows)"


@contextmanager
def room_for(dataset: Dataset) -> Iterator[None]:
    """Report the folder if there is no room for waiting rows.

    Raises:
        UserError: There is no room.
    """
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        message = (
            f"Dataset {dataset.id}: its new rows cannot be stored in the folder "
            f"{gettempdir()} ({reason}); set TMPDIR to another folder"
        )
        raise UserError(message) from None


class StagedRows:
    """The rows of one dataset in Arrow files, with a new file if the columns change.

    Args:
        dataset: The dataset.
        folder: The folder for the files.
        conflicts: How to handle columns whose types contradict each other.

    Attributes:
        dataset: The dataset.
        rows: The number of rows held back.
    """

    def __init__(self, dataset: Dataset, folder: Path, conflicts: Conflicts) -> None:
        self.dataset = dataset
        self.rows = 0
        self._folder = folder
        self._conflicts = conflicts
        self._schemas: list[pa.Schema] = []
        self._writer: pa.ipc.RecordBatchStreamWriter | None = None

    def add(self, rows: pa.Table) -> None:
        """Append rows."""
        if not self._schemas or not rows.schema.equals(self._schemas[-1], check_metadata=True):
            self._open(rows.schema)
        assert self._writer is not None
        self._writer.write_table(rows)
        self.rows += rows.num_rows

    def finish(self) -> None:
        """Write the last rows to disk.

        Raises:
            UserError: The disk has no room for them.
            SchemaConflictError: The columns contradict each other, or the wider type cannot hold a
                value exactly.
        """
        with room_for(self.dataset):
            self._close()
        with conflicts_of(f"Dataset {self.dataset.id}"):
            self._check()

    def _check(self) -> None:
        """Try each change of type, so that none fails after another dataset was overwritten."""
        found: list[Contradiction] = []
        schema = self._schema(found)
        warn_of_text(f"Dataset {self.dataset.id}", found)
        if len(self._schemas) > 1:
            for _ in self._batches(schema):
                pass

    def commit(self) -> None:
        """Replace all rows of the dataset; a column whose type changed gets the wider type."""
        self.dataset.overwrite(pa.RecordBatchReader.from_batches(self.schema, self.batches()))

    @property
    def schema(self) -> pa.Schema:
        """The columns of all rows."""
        return self._schema()

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, from the first."""
        return self._batches(self.schema)

    def remove(self) -> None:
        """Delete the files."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _schema(self, found: list[Contradiction] | None = None) -> pa.Schema:
        wider = partial(widen, conflicts=self._conflicts, found=found)
        return reduce(wider, map(of_rows, self._schemas))

    def _open(self, schema: pa.Schema) -> None:
        self._close()
        self._folder.mkdir(exist_ok=True)
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        path = self._folder / str(len(self._schemas))
        self._writer = pa.ipc.new_stream(str(path), schema, options=options)
        self._schemas.append(schema)

    def _close(self) -> None:
        if self._writer:
            self._writer.close()

    def _batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        for number in range(len(self._schemas)):
            with pa.ipc.open_stream(str(self._folder / str(number))) as reader:
                for batch in reader:
                    yield from align(pa.table(batch), schema).to_batches()
