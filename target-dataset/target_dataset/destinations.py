"""Which dataset takes a stream's rows: found again by every run, or else made."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from dataset_store import (
    DatasetExistsError,
    DatasetSpec,
    StoreError,
    dataset_id,
    writeback_id,
)
from target_dataset.errors import InputError, conflicts_of, warn_of_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dataset_store import Dataset, DatasetStore
    from dataset_store.widening import Conflicts

WRITEBACK_KEY: Final = "input_dataset_id"
"""As a key of a stream it says that each row goes to the dataset about the input it names."""

_MENDS: Final = {
    "upsert": "replace rows by key; set `load_method` to append-only or overwrite",
    "delete_rows": "delete or mark rows; set `process_activate_version_messages` to false",
}


@dataclass(frozen=True, slots=True)
class Rows:
    """What the rows of one stream look like."""

    stream: str
    schema: pa.Schema
    keys: Sequence[str]
    """The columns that identify a row."""


class Destination(Protocol):
    """Where the rows of one stream go."""

    def open(self) -> Sequence[Dataset]:
        """The datasets that are known by now, found or made."""

    def parts(self, rows: pa.Table) -> Iterable[tuple[Dataset, pa.Table]]:
        """Each dataset with the rows that go there."""


@dataclass(frozen=True, slots=True)
class Datasets:
    """The datasets of one run: finds them, or makes them.

    Args:
        store: Where they live.
        schema: What is put before the names of new ones, with a dot.
        settings: The setting `datasets`, by stream.
        evolve: Whether those that exist take on the columns and wider types of new rows.
        conflicts: What becomes of columns whose types contradict each other.
    """

    store: DatasetStore
    schema: str | None = None
    settings: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    evolve: bool = True
    conflicts: Conflicts = "error"
    _inputs: defaultdict[str, dict[str, None]] = field(
        default_factory=lambda: defaultdict(dict), init=False, repr=False
    )

    def destination(self, rows: Rows) -> Destination:
        """Where the rows of a stream go.

        Raises:
            InputError: Its rows are to be routed by a column that is not text, hence no GUID.
        """
        if WRITEBACK_KEY in rows.keys and not self.settings_of(rows).get("id"):
            if not pa.types.is_string(rows.schema.field(WRITEBACK_KEY).type):
                message = (
                    f"Stream {rows.stream!r}: its key {WRITEBACK_KEY!r} is no text; it has to be "
                    f"the GUID of a dataset (or set `id` in `datasets` for the stream)"
                )
                raise InputError(message)
            return Writeback(self, rows)
        return OneDataset(self, rows)

    def require(self, capability: Literal["upsert", "delete_rows"], stream: str) -> None:
        """Refuse a stream that needs what the store cannot do.

        Raises:
            StoreError: It cannot.
        """
        if not getattr(self.store.capabilities, capability):
            message = f"Stream {stream!r}: the store cannot {_MENDS[capability]}"
            raise StoreError(message)

    def columns(self, stream: str) -> Sequence[str]:
        """The columns that new rows of a stream have to fit in with, if its dataset is there.

        Those of datasets about inputs are not among them: each may have others.
        """
        settings = self.settings.get(stream, {})
        reference = settings.get("id")
        if not self.evolve:
            return ()
        if reference:
            return tuple(self.store.open(reference).schema.names)
        found = self.store.find(dataset_id(settings.get("name") or self.qualified(stream)))
        return tuple(found.schema.names) if found else ()

    def inputs_of(self, stream: str) -> dict[str, None]:
        """The inputs that the stream's rows have named in this run, whatever its schema was then.

        They stand in their order, to be added to.
        """
        return self._inputs[stream]

    def settings_of(self, rows: Rows) -> Mapping[str, str | None]:
        """What the user says of a stream's dataset."""
        return self.settings.get(rows.stream, {})

    def qualified(self, name: str) -> str:
        """The name with the schema before it."""
        return f"{self.schema}.{name}" if self.schema else name

    def existing(self, reference: str, rows: Rows) -> Dataset:
        """A dataset that has to be there.

        Raises:
            DatasetNotFoundError: It is not.
            SchemaConflictError: It cannot hold the rows.
        """
        return self._fitted(self.store.open(reference), rows)

    def named(self, name: str, guid: str, rows: Rows) -> Dataset:
        """The dataset of this GUID, made under the name if it is not there.

        Raises:
            SchemaConflictError: It cannot hold the rows.
        """
        found = self.store.find(guid)
        if found:
            return self._fitted(found, rows)
        description = self.settings_of(rows).get("description") or ""
        spec = DatasetSpec(name, rows.schema, tuple(rows.keys), description, guid)
        try:
            return self.store.create(spec)
        except DatasetExistsError:
            # another process was faster
            return self.existing(guid, rows)

    def _fitted(self, dataset: Dataset, rows: Rows) -> Dataset:
        if self.evolve:
            subject = f"Stream {rows.stream!r}, dataset {dataset.id}"
            with conflicts_of(subject):
                found = dataset.evolve(rows.schema, conflicts=self.conflicts)
            warn_of_text(subject, found)
        return dataset


class OneDataset:
    """All rows of the stream go to one dataset: the user's, or else the one of the stream's name.

    Args:
        datasets: Finds and makes it.
        rows: What it is to hold.
    """

    def __init__(self, datasets: Datasets, rows: Rows) -> None:
        self._datasets = datasets
        self._rows = rows
        self._dataset: Dataset | None = None

    def open(self) -> Sequence[Dataset]:
        """The dataset."""
        return [self._opened()]

    def parts(self, rows: pa.Table) -> Iterable[tuple[Dataset, pa.Table]]:
        """The dataset with all rows."""
        return [(self._opened(), rows)]

    def _opened(self) -> Dataset:
        if self._dataset is None:
            settings = self._datasets.settings_of(self._rows)
            reference = settings.get("id")
            name = settings.get("name") or self._datasets.qualified(self._rows.stream)
            self._dataset = (
                self._datasets.existing(reference, self._rows)
                if reference
                else self._datasets.named(name, dataset_id(name), self._rows)
            )
        return self._dataset


class Writeback:
    """The rows about each input dataset go to a dataset of their own, called after that input.

    Args:
        datasets: Finds and makes them.
        rows: What they are to hold.
    """

    def __init__(self, datasets: Datasets, rows: Rows) -> None:
        self._datasets = datasets
        self._rows = rows
        self._inputs = datasets.inputs_of(rows.stream)
        self._by_input: dict[str, Dataset] = {}

    def open(self) -> Sequence[Dataset]:
        """The datasets about the inputs that rows have named, also those of an earlier schema."""
        return [self._about(input_id) for input_id in self._inputs]

    def parts(self, rows: pa.Table) -> Iterable[tuple[Dataset, pa.Table]]:
        """For each input that the rows name, its dataset with the rows about it, in their order."""
        inputs = rows.column(WRITEBACK_KEY)
        if inputs.null_count:
            message = f"Stream {self._rows.stream!r}: a record's {WRITEBACK_KEY!r} is null"
            raise InputError(message)
        return [
            (self._about(input_id), rows.filter(pc.equal(inputs, input_id)))
            for input_id in pc.unique(inputs).to_pylist()
        ]

    def _about(self, input_id: str) -> Dataset:
        if input_id not in self._by_input:
            datasets, stream = self._datasets, self._rows.stream
            found = datasets.store.find(input_id)
            title = datasets.settings_of(self._rows).get("name") or datasets.qualified(
                stream.replace("_", " ").capitalize()
            )
            self._by_input[input_id] = datasets.named(
                f"{title} of {found.info().name if found else input_id}",
                writeback_id(datasets.qualified(stream), input_id),
                self._rows,
            )
            self._inputs[input_id] = None
        return self._by_input[input_id]
