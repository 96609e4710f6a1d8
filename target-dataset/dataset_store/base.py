"""The interface of a dataset store, wherever the datasets are kept.

A *dataset* is a typed table with a GUID, a name and a schema. Backends differ in what they can do
and say so in their `Capabilities`, so that a caller refuses at start what would fail in the middle.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, Protocol

from dataset_store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from dataset_store.widening import Conflicts, Contradiction


_LOOKED_AFTER: Final = "This store maintains its datasets itself; there is nothing to do"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a backend can do."""

    upsert: bool
    """Rows can be replaced by key."""

    delete_rows: bool
    """Rows can be deleted, and marked, by a condition."""

    chosen_ids: bool
    """A new dataset gets the GUID that it is to have; without it, datasets are found by name."""

    change_types: bool
    """A stored column can get a wider type."""

    typed_text: bool
    """Booleans, bytes, JSON and nested values keep their types; without it, they become text."""

    append_beside_keys: bool
    """Rows can be added to a dataset of key columns without replacing others."""

    null_keys: bool
    """A key may be null, and of any plain type."""

    fine_times: bool
    """Times keep their microseconds; without it, they are cut to the second."""

    versions: bool
    """An open dataset keeps its rows while others write, and a write is skipped if its `Commit` is
    there already.
    """

    concurrent_writers: bool
    """Several processes may write to a dataset at once."""

    cheap_watch: bool
    """Others' commits are seen at once and for nothing, so that a caller may look often."""

    commit_interval_seconds: float = 0
    """How long after a commit of a dataset the next one may be made."""

    max_text_length: int | None = None
    """After how many characters text may be cut; None is never."""


@dataclass(frozen=True, slots=True)
class DatasetSpec:
    """What a dataset is to be when it is made."""

    name: str
    schema: pa.Schema
    keys: tuple[str, ...] = ()
    """Columns that identify a row; empty where rows have no identity."""

    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    """What its writer wants to find again with it, such as where the rows come from."""

    is_upserted: bool = True
    """Whether rows are going to be upserted by the keys, for backends that have to know."""

    id: str | None = None
    """The GUID; None derives it from the name (`identity.dataset_id`), if the backend lets us."""


@dataclass(frozen=True, slots=True)
class Version:
    """One committed state of a dataset."""

    version: str
    committed_at: datetime
    operation: str
    rows_written: int | None


@dataclass(frozen=True, slots=True)
class Commit:
    """What to record atomically with the rows of one write."""

    writer: str | None = None
    """Names a sequence of writes; one whose `sequence` was committed under this name is skipped."""

    sequence: int = 0
    metadata: dict[str, str] = field(default_factory=dict)


Value = int | str | date | datetime
"""What conditions compare with and marks consist of."""


@dataclass(frozen=True, slots=True)
class Below:
    """The rows whose value in a column is less than a bound."""

    column: str
    bound: Value
    or_null: bool = False
    """Whether the rows without a value are meant too."""


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """A dataset in a listing."""

    id: str
    name: str
    description: str
    keys: tuple[str, ...]
    rows: int
    version: str
    created_at: datetime | None
    updated_at: datetime | None
    location: str
    labels: Mapping[str, str] = field(default_factory=dict)
    """What `DatasetSpec.labels` was when the dataset was made."""


class RowSource(Protocol):
    """Rows that are too many for the memory and can be read more than once."""

    @property
    def schema(self) -> pa.Schema:
        """Their columns."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, from the first."""


class Dataset(abc.ABC):
    """One dataset: its rows and what is known of them.

    Every write is one atomic commit: readers see all of it or nothing.
    """

    @property
    @abc.abstractmethod
    def id(self) -> str:
        """The GUID, in lower case with hyphens."""

    @property
    @abc.abstractmethod
    def schema(self) -> pa.Schema:
        """The columns; metadata says what a text field holds (`schema.JSON_TEXT` and others)."""

    @property
    @abc.abstractmethod
    def keys(self) -> tuple[str, ...]:
        """Columns that identify a row, as given when the dataset was made."""

    @property
    @abc.abstractmethod
    def version(self) -> str:
        """What changes with every commit, and with nothing else."""

    @abc.abstractmethod
    def info(self) -> DatasetInfo:
        """Name, row count, version and times."""

    @abc.abstractmethod
    def versions(self, limit: int | None = None) -> Sequence[Version]:
        """The commits, newest first."""

    @abc.abstractmethod
    def read(
        self, columns: Sequence[str] | None = None, *, batch_rows: int = 65_536
    ) -> Iterator[pa.RecordBatch]:
        """Give the rows in batches of at most `batch_rows`, holding few of them in memory.

        One version is always read in the same order, which need not be the order of writing.
        """

    @abc.abstractmethod
    def evolve(
        self, schema: pa.Schema, *, conflicts: Conflicts = "error"
    ) -> Sequence[Contradiction]:
        """Add the columns that are missing and widen the types that need it.

        A column that holds nulls alone takes the new type.

        Args:
            schema: The columns of new rows.
            conflicts: What becomes of types that contradict each other.

        Returns:
            The columns that have become text because of that.

        Raises:
            SchemaConflictError: A column's stored type cannot hold the new one.
        """

    @abc.abstractmethod
    def rename(self, name: str) -> None:
        """Give the dataset another name; its GUID stays. The same name again makes no commit.

        Names may repeat in a store: a caller that wants them distinct asks `DatasetStore.named`.

        Raises:
            DatasetError: The name is blank, or longer than the store allows.
        """

    @abc.abstractmethod
    def describe(self, description: str) -> None:
        """Replace the description; the same text again makes no commit.

        Raises:
            DatasetError: The text is longer than the store allows.
        """

    @abc.abstractmethod
    def append(self, rows: pa.Table, commit: Commit | None = None) -> None:
        """Add the rows."""

    @abc.abstractmethod
    def upsert(self, rows: pa.Table, keys: Sequence[str], commit: Commit | None = None) -> None:
        """Replace the rows whose keys are stored, add the others.

        Of a key given twice the last row wins. A null in a key equals another null.
        """

    def load(self, rows: RowSource, keys: Sequence[str] = ()) -> None:
        """Append rows, or upsert them where keys are given, in one commit."""
        # slow to import, and this module is imported by all
        import pyarrow as pa  # noqa: PLC0415

        table = pa.Table.from_batches(rows.batches(), rows.schema)
        if keys:
            self.upsert(table, keys)
        else:
            self.append(table)

    def claim(self) -> None:  # noqa: B027 - for backends that take one writer
        """Make sure that this process may write, and that no other does where only one can.

        The right is held until the store is closed.

        Raises:
            StoreError: Another process writes to the dataset, or nothing can be written to it.
        """

    @abc.abstractmethod
    def delete(self, where: Below) -> None:
        """Delete the rows; without any, there is no commit.

        Raises:
            SchemaConflictError: The condition's column is not there or of another type.
        """

    @abc.abstractmethod
    def mark(self, where: Below, column: str, value: Value) -> None:
        """Give the rows that have no value in a column this one; without any, there is no commit.

        Raises:
            SchemaConflictError: One of the columns is not there or of another type.
        """

    @abc.abstractmethod
    def overwrite(self, rows: pa.RecordBatchReader, commit: Commit | None = None) -> None:
        """Put these rows in the place of all others."""

    def compact(self) -> int:
        """Join small files, so that reading and upserting stay fast, and tell how many fewer.

        Raises:
            StoreError: The store's datasets have no files that could be joined.
        """
        raise StoreError(_LOOKED_AFTER)

    def vacuum(self, retain_hours: int | None = None) -> int:  # noqa: ARG002 - for backends that can
        """Delete the files that no version of the last hours needs, and tell how many.

        Args:
            retain_hours: How many hours; it must be longer than any reader or writer takes. None
                leaves it to the store.

        Raises:
            StoreError: The store's datasets have no files that could be deleted.
        """
        raise StoreError(_LOOKED_AFTER)


class DatasetStore(abc.ABC):
    """Where datasets live."""

    capabilities: Capabilities

    @abc.abstractmethod
    def open(self, reference: str) -> Dataset:
        """Find a dataset by its GUID, by a URL that holds the GUID, or by its exact name.

        Raises:
            DatasetNotFoundError: Nothing, or more than one dataset of that name, is there.
        """

    @abc.abstractmethod
    def find(self, dataset_id: str) -> Dataset | None:
        """The dataset of this GUID, or None."""

    @abc.abstractmethod
    def create(self, spec: DatasetSpec) -> Dataset:
        """Make an empty dataset.

        Raises:
            DatasetExistsError: Its GUID is taken.
        """

    @abc.abstractmethod
    def list(self) -> Iterator[DatasetInfo]:
        """All datasets, by name."""

    def named(self, name: str) -> Sequence[DatasetInfo]:
        """The datasets of exactly this name; none where there is no store yet."""
        return [info for info in self.search(name) if info.name == name]

    def search(self, text: str) -> Sequence[DatasetInfo]:
        """The datasets whose names hold a text, in upper or lower case."""
        return [info for info in self.list() if text.casefold() in info.name.casefold()]

    def query(self, sql: str) -> pa.RecordBatchReader:  # noqa: ARG002 - for backends that can
        """Answer an SQL query in which each dataset is a table, by its name and by its GUID.

        Both are quoted where they are no plain identifiers (`"my posts"`), and upper and lower case
        differ. Datasets that share a name are known by their GUIDs alone.

        Raises:
            StoreError: The store answers no SQL.
            DatasetError: The query is refused.
        """
        message = "SQL: this store does not support queries; export the dataset"
        raise StoreError(message)

    def check_writable(self) -> None:  # noqa: B027 - for backends that can find out
        """Make sure that datasets can be made, as far as that shows without making anything.

        Raises:
            DatasetError: They cannot.
        """

    def close(self) -> None:  # noqa: B027 - for backends that hold something
        """Let others write to the datasets that this object has claimed."""

    @abc.abstractmethod
    def remove(self, dataset_id: str) -> None:
        """Delete a dataset with all its versions.

        Raises:
            DatasetNotFoundError: It is not there.
        """
