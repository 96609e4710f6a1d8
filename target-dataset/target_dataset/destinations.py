"""The dataset that receives a stream's rows: found again in every run, or created."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, Protocol

import pyarrow as pa
import pyarrow.compute as pc
from singer_sdk.helpers.capabilities import TargetLoadMethods

from dataset_store import (
    DatasetExistsError,
    DatasetSpec,
    StoreError,
    dataset_id,
    writeback_id,
    writeback_title,
)
from target_dataset.errors import InputError, conflicts_of, warn_of_text
from target_dataset.given_ids import check_keys, found_by_name
from target_dataset.wanted import Rows, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dataset_store import Dataset, DatasetInfo, DatasetStore
    from dataset_store.widening import Conflicts

logger = logging.getLogger("target-dataset")

WRITEBACK_KEY: Final = "input_dataset_id"
"""The key that routes each row to the dataset about the input it names."""

_HINTS: Final = {
    "upsert": "replace rows by key; set `load_method` to append-only or overwrite",
    "delete_rows": "delete or mark rows; set `process_activate_version_messages` to false",
}


class Destination(Protocol):
    """The destination of one stream's rows."""

    def open(self) -> Sequence[Dataset]:
        """The datasets known so far, found or created."""

    def parts(self, rows: pa.Table) -> Iterable[tuple[Dataset, pa.Table]]:
        """Each dataset with the rows for it."""


@dataclass(frozen=True)
class Datasets:
    """The datasets of one run, found or created.

    Args:
        store: The store that holds them.
        schema: A prefix for the names of new ones, followed by a dot.
        settings: The setting `datasets`, by stream.
        evolve: Whether existing ones get the columns and wider types of new rows.
        conflicts: How to handle columns whose types contradict each other.
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
        """The destination of a stream's rows.

        Raises:
            InputError: The column that routes the rows is not text, so it holds no GUID.
        """
        if WRITEBACK_KEY in rows.keys and not self.settings_of(rows).get("id"):
            if not pa.types.is_string(rows.schema.field(WRITEBACK_KEY).type):
                message = (
                    f"Stream {rows.stream!r}: its key {WRITEBACK_KEY!r} is not text; it must hold "
                    f"the GUID of a dataset (or set `id` in `datasets` for the stream)"
                )
                raise InputError(message)
            return Writeback(self, rows)
        return OneDataset(self, rows)

    def require(self, capability: Literal["upsert", "delete_rows"], stream: str) -> None:
        """Reject a stream that needs a capability the store lacks.

        Raises:
            StoreError: The store lacks it.
        """
        if not getattr(self.store.capabilities, capability):
            message = f"Stream {stream!r}: the store cannot {_HINTS[capability]}"
            raise StoreError(message)

    def columns(self, stream: str) -> pa.Schema:
        """The columns that new rows of a stream have to match, if its dataset exists.

        Columns of datasets about inputs are not included: each dataset may have different ones.
        """
        reference = self.settings.get(stream, {}).get("id")
        if not self.evolve:
            return pa.schema([])
        if reference:
            return self.store.open(reference).schema
        found = self._found(self.wanted(stream))
        return found.schema if found else pa.schema([])

    def wanted(self, stream: str) -> Wanted:
        """The dataset of a stream that has one dataset for all rows."""
        name = self.settings.get(stream, {}).get("name") or self.qualified(stream)
        return Wanted(name, dataset_id(name), self._labels(stream), dataset_id(stream), name)

    def wanted_about(self, stream: str, input_id: str) -> Wanted:
        """The dataset for the rows about one input."""
        title = self.settings.get(stream, {}).get("name") or self.qualified(writeback_title(stream))
        about = self.store.find(input_id)
        return Wanted(
            f"{title} of {about.info().name if about else input_id}",
            writeback_id(self.qualified(stream), input_id),
            {**self._labels(stream), "input": input_id},
            writeback_id(stream, input_id),
            title,
        )

    def _labels(self, stream: str) -> dict[str, str]:
        return {"stream": stream, **({"schema": self.schema} if self.schema else {})}

    def inputs_of(self, stream: str) -> dict[str, None]:
        """The inputs that the stream's rows have named in this run, under any of its schemas.

        They are in order of appearance; the caller may add to them.
        """
        return self._inputs[stream]

    def settings_of(self, rows: Rows) -> Mapping[str, str | None]:
        """The user's settings for a stream's dataset."""
        return self.settings.get(rows.stream, {})

    def qualified(self, name: str) -> str:
        """The name with the schema as prefix."""
        return f"{self.schema}.{name}" if self.schema else name

    def existing(self, reference: str, rows: Rows) -> Dataset:
        """An existing dataset.

        Raises:
            DatasetNotFoundError: It does not exist.
            SchemaConflictError: It cannot hold the rows.
        """
        return self._fitted(self.store.open(reference), rows)

    def found_or_made(self, wanted: Wanted, rows: Rows) -> Dataset:
        """The wanted dataset, created if it does not exist.

        Raises:
            SchemaConflictError: It cannot hold the rows.
        """
        found = self._found(wanted)
        if found:
            return self._fitted(found, rows)
        spec = DatasetSpec(
            wanted.name,
            rows.schema,
            tuple(rows.keys),
            self.settings_of(rows).get("description") or "",
            wanted.labels,
            is_upserted=rows.method is TargetLoadMethods.UPSERT,
            id=wanted.id,
        )
        earlier = self._earlier(wanted)
        try:
            made = self.store.create(spec)
        except DatasetExistsError:
            # another process was faster
            return self.existing(wanted.id, rows)
        if earlier:
            logger.warning("%s", _begins_anew(wanted, earlier))
        self._listed.append(made.info())
        made.claim()
        return made

    def _found(self, wanted: Wanted) -> Dataset | None:
        """The dataset of the wanted GUID, or the stream's of the wanted name if it was renamed."""
        if not self.store.capabilities.chosen_ids:
            return found_by_name(self.store, wanted)
        found = self.store.find(wanted.id)
        if found:
            return found
        renamed = [each for each in self._of_stream(wanted) if each.name == wanted.name]
        return self.store.find(renamed[0].id) if renamed else None

    def _earlier(self, wanted: Wanted) -> list[DatasetInfo]:
        """Other datasets that hold rows of the same stream."""
        return [each for each in self._of_stream(wanted) if each.rows]

    def _of_stream(self, wanted: Wanted) -> Iterator[DatasetInfo]:
        names = ("stream", "input")
        meant = [wanted.labels.get(name) for name in names]
        for info in self._listed:
            is_labeled = [info.labels.get(name) for name in names] == meant
            # builds without labels derived the GUID from the stream's name
            if is_labeled or info.id == wanted.default_id:
                yield info

    @cached_property
    def _listed(self) -> list[DatasetInfo]:
        """The datasets of the store at first use, and those created since."""
        if not self.store.capabilities.chosen_ids:
            # they are found by name: listing thousands would take minutes
            return []
        try:
            return list(self.store.list())
        except StoreError:
            # the store is created with the first dataset, or rejects that one
            return []

    def described(self, dataset: Dataset, rows: Rows, name: str | None = None) -> Dataset:
        """Give the dataset the name and description from the settings, and return it.

        Args:
            dataset: The dataset.
            rows: The rows of its stream.
            name: The new name; None keeps the old one.
        """
        description = self.settings_of(rows).get("description")
        if name is not None:
            dataset.rename(name)
        if description is not None:
            dataset.describe(description)
        return dataset

    def _fitted(self, dataset: Dataset, rows: Rows) -> Dataset:
        dataset.claim()
        check_keys(self.store, dataset, rows)
        if self.evolve:
            subject = f"Stream {rows.stream!r}, dataset {dataset.id}"
            with conflicts_of(subject):
                found = dataset.evolve(rows.schema, conflicts=self.conflicts)
            warn_of_text(subject, found)
        return dataset


def _begins_anew(wanted: Wanted, earlier: Sequence[DatasetInfo]) -> str:
    """The warning that a stream's rows go to a new dataset although others hold some."""
    name, stream = wanted.name, wanted.labels["stream"]
    held = ", ".join(f"{each.name!r} ({each.id}, {each.rows:,} rows)" for each in earlier)
    return (
        f"Stream {stream!r}: its rows now go to the new dataset {name!r} ({wanted.id}); earlier "
        f"rows stay in {held}. To get all rows into the new dataset, run the tap with "
        f"`--full-refresh`. To keep using the earlier one, delete the new one (`dataset rm "
        f"{wanted.id}`) and rename the earlier one (`dataset rename {earlier[0].id} {name!r}`), "
        "then run once with `--full-refresh`"
    )


class OneDataset:
    """All rows of the stream go to one dataset: the user's, or the one named after the stream.

    Args:
        datasets: Finds and creates it.
        rows: The rows for it.
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
            datasets, rows = self._datasets, self._rows
            settings = datasets.settings_of(rows)
            reference = settings.get("id")
            if reference:
                found = datasets.existing(reference, rows)
                self._dataset = datasets.described(found, rows, settings.get("name"))
            else:
                found = datasets.found_or_made(datasets.wanted(rows.stream), rows)
                self._dataset = datasets.described(found, rows)
        return self._dataset


class Writeback:
    """The rows about each input dataset go to a dataset of their own, named after that input.

    Args:
        datasets: Finds and creates them.
        rows: The rows for them.
    """

    def __init__(self, datasets: Datasets, rows: Rows) -> None:
        self._datasets = datasets
        self._rows = rows
        self._inputs = datasets.inputs_of(rows.stream)
        self._by_input: dict[str, Dataset] = {}

    def open(self) -> Sequence[Dataset]:
        """The datasets about the inputs that rows have named, also under an earlier schema.

        The inputs of coming rows are not known yet, so the store is checked instead.
        """
        self._datasets.store.check_writable()
        return [self._about(input_id) for input_id in self._inputs]

    def parts(self, rows: pa.Table) -> Iterable[tuple[Dataset, pa.Table]]:
        """For each input that the rows name, its dataset and the rows about it, in their order."""
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
            datasets, rows = self._datasets, self._rows
            wanted = datasets.wanted_about(rows.stream, input_id)
            found = datasets.found_or_made(wanted, rows)
            is_named = datasets.settings_of(rows).get("name")
            self._by_input[input_id] = datasets.described(
                found, rows, wanted.name if is_named else None
            )
            self._inputs[input_id] = None
        return self._by_input[input_id]
