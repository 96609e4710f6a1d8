"""The interface of a dataset store, whatever the backend.

A *dataset* is a typed table with a GUID, a name and a schema. Backends differ in what they support
and declare it in their `Capabilities`, so that a caller can fail at the start instead of midway.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from dataset_store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from dataset_store.progress import Tracker
    from dataset_store.widening import Conflicts, Contradiction

_NO_QUERIES: Final = "SQL: this store does not support queries; export the dataset"
_LOOKED_AFTER: Final = "This store maintains its datasets itself; there is nothing to do"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a backend supports."""

    upsert: bool
    """Rows can be replaced by key."""

    delete_rows: bool
    """Rows can be deleted, and marked, by a condition."""

    chosen_ids: bool
    """A new dataset gets the GUID given to it; otherwise, datasets are found by name."""

    change_types: bool
    """A stored column can get a wider type."""

    typed_text: bool
    """Booleans, bytes, JSON and nested values keep their types; otherwise, they become text."""

    append_beside_keys: bool
    """Rows can be added to a dataset of key columns without replacing others."""

    null_keys: bool
    """A key may be null, and of any plain type."""

    fine_times: bool
    """Times keep their microseconds; otherwise, they are truncated to seconds."""

    versions: bool
    """An open dataset keeps its rows while others write, and a write is skipped if its `Commit`
    already exists.
    """

    concurrent_writers: bool
    """Several processes can write to a dataset at once."""

    sql: bool
    """Datasets can be queried."""

    cheap_watch: bool
    """Others' commits are visible at once and free of charge, so that a caller can poll often."""

    commit_interval_seconds: float = 0
    """The minimum time between two commits of a dataset."""

    max_text_length: int | None = None
    """The maximum number of characters of text, which may be truncated; None is unlimited."""


@dataclass(frozen=True, slots=True)
class DatasetSpec:
    """The specification of a new dataset."""

    name: str
    schema: pa.Schema
    keys: tuple[str, ...] = ()
    """Columns that identify a row; empty if rows have no identity."""

    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels that its writer reads back, such as the origin of the rows."""

    is_upserted: bool = True
    """Whether rows will be upserted by the keys, for backends that must know."""

    id: str | None = None
    """The GUID; None derives it from the name (`identity.dataset_id`), if the backend can."""


@dataclass(frozen=True, slots=True)
class Version:
    """One committed state of a dataset."""

    version: str
    committed_at: datetime
    operation: str
    rows_written: int | None


@dataclass(frozen=True, slots=True)
class Commit:
    """Data recorded atomically with the rows of one write."""

    writer: str | None = None
    """Identifies a sequence of writes; a `sequence` already committed for it is skipped."""

    sequence: int = 0
    metadata: dict[str, str] = field(default_factory=dict)


Value = int | str | bool | date | datetime
"""Types of the bounds of conditions and of the values of marks."""

NOTHING: Final[Mapping[str, Value]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Below:
    """Rows whose value in a column is less than a bound."""

    column: str
    bound: Value
    or_null: bool = False
    """Whether rows without a value are included."""


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
    """The `DatasetSpec.labels` at its creation."""


class RowSource(Protocol):
    """Rows that exceed the memory and can be read more than once."""

    @property
    def schema(self) -> pa.Schema:
        """Their columns."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, from the first one."""


class Dataset(abc.ABC):
    """One dataset: its rows and metadata.

    Every write is one atomic commit: readers see all of it or nothing.
    """

    @property
    @abc.abstractmethod
    def id(self) -> str:
        """The GUID, in lower case with hyphens."""

    @property
    @abc.abstractmethod
    def schema(self) -> pa.Schema:
        """The columns; metadata describes the content of text (`schema.JSON_TEXT` and others)."""

    @property
    @abc.abstractmethod
    def keys(self) -> tuple[str, ...]:
        """Columns that identify a row, as given at the dataset's creation."""

    @property
    @abc.abstractmethod
    def version(self) -> str:
        """An identifier that changes with every commit, and only then."""

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
        """The rows in batches of at most `batch_rows`, few of them in memory at once.

        Every read of one version has the same order, which may differ from the order of writing.
        """

    def query(self, sql: str) -> pa.RecordBatchReader:  # noqa: ARG002 - for backends that can
        """Run an SQL query in which this dataset is the table `dataset`.

        Raises:
            StoreError: The store does not support SQL.
            DatasetError: The query is rejected, or a file of the dataset cannot be read.
        """
        raise StoreError(_NO_QUERIES)

    @abc.abstractmethod
    def evolve(
        self, schema: pa.Schema, *, conflicts: Conflicts = "error"
    ) -> Sequence[Contradiction]:
        """Add missing columns and widen types if needed.

        A column that holds only nulls takes the new type.

        Args:
            schema: The columns of new rows.
            conflicts: How to handle types that contradict each other.

        Returns:
            The columns that became text because their types contradict each other.

        Raises:
            SchemaConflictError: A column's stored type cannot hold the new one.
        """

    @abc.abstractmethod
    def rename(self, name: str) -> None:
        """Rename the dataset; its GUID stays. The same name again makes no commit.

        Names may repeat in a store: a caller that needs unique names checks `DatasetStore.named`.

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
        """Replace the rows whose keys are stored and add the others.

        If a key is given twice, the last row wins. A null in a key equals another null.
        """

    def load(self, rows: RowSource, keys: Sequence[str] = ()) -> None:
        """Append rows, or upsert them if keys are given, in one commit."""
        # slow to import, and every module imports this one
        import pyarrow as pa  # noqa: PLC0415

        table = pa.Table.from_batches(rows.batches(), rows.schema)
        if keys:
            self.upsert(table, keys)
        else:
            self.append(table)

    def claim(self) -> None:  # noqa: B027 - for backends that take one writer
        """Make sure that this process can write, and alone if the backend allows one writer.

        The claim is held until the store is closed.

        Raises:
            StoreError: Another process writes to the dataset, or the dataset is not writable.
        """

    @abc.abstractmethod
    def delete(self, where: Below) -> None:
        """Delete the rows; if there are none, there is no commit.

        Raises:
            SchemaConflictError: The condition's column is missing or of another type.
        """

    @abc.abstractmethod
    def mark(
        self, where: Below, column: str, value: Value, *, also: Mapping[str, Value] = NOTHING
    ) -> None:
        """Set this value in rows without one in the column; if there are none, make no commit.

        Args:
            where: The rows.
            column: The column.
            value: The value.
            also: Values for other columns of the same rows, whatever those hold.

        Raises:
            SchemaConflictError: One of the columns is missing or of another type.
        """

    @abc.abstractmethod
    def overwrite(self, rows: pa.RecordBatchReader, commit: Commit | None = None) -> None:
        """Replace all rows with these."""

    def compact(self, tracker: Tracker | None = None) -> int:  # noqa: ARG002 - for backends that can
        """Join small files, to keep reads and upserts fast; return how many fewer files there are.

        Args:
            tracker: Gets the number of rows to rewrite, and counts them.

        Raises:
            StoreError: The store's datasets have no files to join.
        """
        raise StoreError(_LOOKED_AFTER)

    def vacuum(self, retain_hours: int | None = None) -> int:  # noqa: ARG002 - for backends that can
        """Delete files that no version of the last hours needs, and return their number.

        Args:
            retain_hours: The number of hours; it must exceed the duration of any read or write.
                None uses the store's default.

        Raises:
            StoreError: The store's datasets have no files to delete.
        """
        raise StoreError(_LOOKED_AFTER)


class DatasetStore(abc.ABC):
    """A place that holds datasets."""

    capabilities: Capabilities

    @abc.abstractmethod
    def open(self, reference: str) -> Dataset:
        """Find a dataset by its GUID, by a URL that holds the GUID, or by its exact name.

        Raises:
            DatasetNotFoundError: There is no such dataset, or more than one of that name.
        """

    @abc.abstractmethod
    def find(self, dataset_id: str) -> Dataset | None:
        """The dataset of this GUID, or None."""

    @abc.abstractmethod
    def create(self, spec: DatasetSpec) -> Dataset:
        """Create an empty dataset.

        Raises:
            DatasetExistsError: Its GUID is taken.
        """

    @abc.abstractmethod
    def list(self) -> Iterator[DatasetInfo]:
        """All datasets, by name."""

    def named(self, name: str) -> Sequence[DatasetInfo]:
        """The datasets of exactly this name; empty if the store does not exist yet."""
        return [info for info in self.search(name) if info.name == name]

    def search(self, text: str) -> Sequence[DatasetInfo]:
        """The datasets whose names contain a text, ignoring case."""
        return [info for info in self.list() if text.casefold() in info.name.casefold()]

    def query(self, sql: str) -> pa.RecordBatchReader:  # noqa: ARG002 - for backends that can
        """Run an SQL query in which each dataset is a table, by its name and by its GUID.

        Both need quotes unless they are plain identifiers (`"my posts"`), and are case-sensitive.
        Datasets that share a name are available by their GUIDs only.

        Raises:
            StoreError: The store does not support SQL.
            DatasetError: The query is rejected.
        """
        raise StoreError(_NO_QUERIES)

    def check_writable(self) -> None:  # noqa: B027 - for backends that can find out
        """Check, without creating anything, that datasets can be created.

        Raises:
            DatasetError: They cannot.
        """

    def close(self) -> None:  # noqa: B027 - for backends that hold something
        """Release the datasets that this object has claimed."""

    @abc.abstractmethod
    def remove(self, dataset_id: str) -> None:
        """Delete a dataset with all its versions.

        Raises:
            DatasetNotFoundError: It does not exist.
        """
