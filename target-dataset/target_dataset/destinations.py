"""Which dataset takes a stream's rows: found again by every run, or else made."""

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
"""As a key of a stream it says that each row goes to the dataset about the input it names."""

_HINTS: Final = {
    "upsert": "replace rows by key; set `load_method` to append-only or overwrite",
    "delete_rows": "delete or mark rows; set `process_activate_version_messages` to false",
}


class Destination(Protocol):
    """Where the rows of one stream go."""

    def open(self) -> Sequence[Dataset]:
        """The datasets that are known by now, found or made."""

    def parts(self, rows: pa.Table) -> Iterable[tuple[Dataset, pa.Table]]:
        """Each dataset with the rows that go there."""


@dataclass(frozen=True)
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
                    f"Stream {rows.stream!r}: its key {WRITEBACK_KEY!r} is not text; it must hold "
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
            message = f"Stream {stream!r}: the store cannot {_HINTS[capability]}"
            raise StoreError(message)

    def columns(self, stream: str) -> pa.Schema:
        """The columns that new rows of a stream have to fit in with, if its dataset is there.

        Those of datasets about inputs are not among them: each may have others.
        """
        reference = self.settings.get(stream, {}).get("id")
        if not self.evolve:
            return pa.schema([])
        if reference:
            return self.store.open(reference).schema
        found = self._found(self.wanted(stream))
        return found.schema if found else pa.schema([])

    def wanted(self, stream: str) -> Wanted:
        """The dataset of a stream that has one for all of its rows."""
        name = self.settings.get(stream, {}).get("name") or self.qualified(stream)
        return Wanted(name, dataset_id(name), self._labels(stream), dataset_id(stream), name)

    def wanted_about(self, stream: str, input_id: str) -> Wanted:
        """The dataset of the rows about one input."""
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

    def found_or_made(self, wanted: Wanted, rows: Rows) -> Dataset:
        """The dataset that is wanted, made if it is not there.

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
        """The dataset of the wanted GUID, or the stream's of the wanted name, if it was renamed."""
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
        """The datasets of the store when it was first asked for, and those made since."""
        if not self.store.capabilities.chosen_ids:
            # they are found by name: listing thousands would take minutes
            return []
        try:
            return list(self.store.list())
        except StoreError:
            # it is made with the first dataset, or refuses that one
            return []

    def told(self, dataset: Dataset, rows: Rows, name: str | None = None) -> Dataset:
        """The dataset, with the name and the description that the settings give it by now.

        Args:
            dataset: The dataset.
            rows: Of which stream its rows are.
            name: What it is called; None leaves its name.
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
    """The warning that a stream's rows go to a new dataset, while there are others."""
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
            datasets, rows = self._datasets, self._rows
            settings = datasets.settings_of(rows)
            reference = settings.get("id")
            if reference:
                found = datasets.existing(reference, rows)
                self._dataset = datasets.told(found, rows, settings.get("name"))
            else:
                found = datasets.found_or_made(datasets.wanted(rows.stream), rows)
                self._dataset = datasets.told(found, rows)
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
        """The datasets about the inputs that rows have named, also those of an earlier schema.

        Which ones the rows will name is not known yet, so the store is checked.
        """
        self._datasets.store.check_writable()
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
            datasets, rows = self._datasets, self._rows
            wanted = datasets.wanted_about(rows.stream, input_id)
            found = datasets.found_or_made(wanted, rows)
            is_named = datasets.settings_of(rows).get("name")
            self._by_input[input_id] = datasets.told(found, rows, wanted.name if is_named else None)
            self._inputs[input_id] = None
        return self._by_input[input_id]
