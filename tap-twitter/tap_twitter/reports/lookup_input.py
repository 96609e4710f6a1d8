"""The input of a users lookup: which columns of which datasets hold references to users."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from dataset_store import DatasetError, open_store, writeback_id
from tap_twitter.errors import InputDatasetError, SettingError
from tap_twitter.reports.lookup_pass import TYPES
from tap_twitter.reports.user_answers import UNANSWERED
from tap_twitter.reports.user_reference import (
    ANY_ID_COLUMN,
    HANDLE_COLUMNS,
    ID_COLUMNS,
    ColumnKind,
    Kind,
    Reference,
    is_rounded,
    parse,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dataset_store import Dataset

FRESHNESS_COLUMNS: Final = ("requested_id", "requested_kind", "lookup_status", "looked_up_at")


@dataclass(frozen=True, slots=True)
class LookupInput:
    """A dataset whose users are to be looked up, and the columns that name them."""

    dataset: Dataset
    columns: tuple[str, ...]
    writeback: Dataset | None = None
    """The dataset of earlier rows about this one, where such rows may spare a look-up."""

    fresh_since: datetime | None = None
    """Rows looked up after this moment are fresh."""

    @property
    def id(self) -> str:
        """The dataset's GUID."""
        return self.dataset.id

    @property
    def name(self) -> str:
        """The dataset's name."""
        return self.dataset.info().name

    @property
    def identity(self) -> list[str]:
        """What changes when other users may stand in the input.

        The time of making is part of it, since a dataset that is removed and imported again has
        the GUID, and may have the version, of the one before.
        """
        return [str(self.dataset.info().created_at), self.dataset.version, *self.columns]

    def references(self) -> Iterator[list[Reference]]:
        """The references in the dataset, batch by batch, distinct within a batch and column.

        Raises:
            InputDatasetError: A column has lost its ids to a conversion into floats.
        """
        for batch in self.dataset.read(self.columns):
            for name in self.columns:
                yield list(self._references(name, batch.column(name)))

    def _references(self, name: str, values: pa.Array) -> Iterator[Reference]:
        kind = ColumnKind.of(name)
        for text in pc.unique(values.cast(pa.string())).drop_null().to_pylist():
            if kind is not ColumnKind.HANDLES and is_rounded(text):
                raise InputDatasetError(_lost_ids(name, self.dataset))
            if reference := parse(text, kind):
                yield reference

    def answered(self) -> dict[Kind, pa.Array]:
        """The ids and handles whose row in the writeback dataset is fresh."""
        if self.writeback is None or self.fresh_since is None:
            return {}
        batches = self.writeback.read(FRESHNESS_COLUMNS)
        rows = [batch.filter(_is_fresh(batch, self.fresh_since)) for batch in batches]
        return {kind: _values_of(kind, rows) for kind in (Kind.ID, Kind.USERNAME)}


def open_inputs(settings: Mapping[str, Any], stream: str, now: datetime) -> list[LookupInput]:
    """Open the input datasets that the settings of `users_lookup` name.

    Args:
        settings: The group `users_lookup`.
        stream: The stream whose writeback datasets tell which users are fresh.
        now: From when `refresh_after_days` counts back.

    Raises:
        SettingError: No dataset is named.
        InputDatasetError: A dataset is not there, is empty, or has no column of ids or handles.
    """
    wanted = settings.get("input_dataset_id")
    references = [wanted] if isinstance(wanted, str) else list(wanted or ())
    if not references:
        msg = (
            "Setting 'users_lookup.input_dataset_id' is missing: name the dataset whose users are "
            "to be looked up (`dataset list` shows what is there)."
        )
        raise SettingError(msg)
    days = settings["refresh_after_days"]
    try:
        store = open_store(settings["store"], settings["store_options"])
        datasets = {dataset.id: dataset for dataset in map(store.open, references)}
        return [
            _open_input(
                dataset,
                settings.get("id_columns"),
                store.find(writeback_id(stream, dataset.id)) if days else None,
                now - timedelta(days=days),
            )
            for dataset in datasets.values()
        ]
    except DatasetError as error:
        raise InputDatasetError(str(error)) from error


def _open_input(
    dataset: Dataset,
    configured: Sequence[str] | None,
    writeback: Dataset | None,
    fresh_since: datetime,
) -> LookupInput:
    schema = dataset.schema
    columns = id_columns(schema.names, configured, dataset.info().name)
    for name in columns:
        _check_type(dataset, schema.field(name))
    return LookupInput(dataset, columns, writeback, fresh_since)


def _is_fresh(rows: pa.RecordBatch, since: datetime) -> pa.Array:
    """Rows looked up after the moment; where X gave no answer, asking again may help."""
    young = pc.greater(rows["looked_up_at"], pa.scalar(since, pa.timestamp("us", "UTC")))
    return pc.and_(young, pc.not_equal(rows["lookup_status"], UNANSWERED))


def _values_of(kind: Kind, batches: Sequence[pa.RecordBatch]) -> pa.Array:
    values = [
        batch.filter(pc.equal(batch["requested_kind"], kind.value))["requested_id"]
        for batch in batches
    ]
    return pa.concat_arrays([pa.array([], pa.string()), *values]).cast(TYPES[kind])


def id_columns(
    present: Sequence[str], configured: Sequence[str] | None, dataset: str
) -> tuple[str, ...]:
    """The columns that hold ids or handles, by the settings or by their names.

    Raises:
        InputDatasetError: There is none; the text lists the columns that are there.
    """
    listed = ", ".join(present)
    if configured:
        if missing := [name for name in configured if name not in present]:
            msg = (
                f"Setting 'users_lookup.id_columns' names {', '.join(missing)}, but dataset "
                f"'{dataset}' has only the columns: {listed}."
            )
            raise InputDatasetError(msg)
        return tuple(configured)
    for group in (ID_COLUMNS, ANY_ID_COLUMN, HANDLE_COLUMNS):
        if found := tuple(name for name in present if name.lower() in group):
            return found
    if len(present) == 1:
        return (present[0],)
    msg = (
        f"Dataset '{dataset}' has no column known to hold ids or handles. Name one in "
        f"'users_lookup.id_columns'; its columns are: {listed}."
    )
    raise InputDatasetError(msg)


def _check_type(dataset: Dataset, field: pa.Field) -> None:
    if pa.types.is_floating(field.type):
        raise InputDatasetError(_lost_ids(field.name, dataset))
    if not (
        pa.types.is_integer(field.type) or _is_text(field.type) or pa.types.is_null(field.type)
    ):
        msg = (
            f"Column '{field.name}' of dataset '{dataset.info().name}' is of type {field.type}, "
            "which holds neither ids nor handles. Name another in 'users_lookup.id_columns'."
        )
        raise InputDatasetError(msg)


def _is_text(kind: pa.DataType) -> bool:
    return any(
        is_type(kind)
        for is_type in (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    )


def _lost_ids(column: str, dataset: Dataset) -> str:
    return (
        f"Column '{column}' of dataset '{dataset.info().name}' holds floats (such as 1.23E+18), "
        "so the last digits of its ids are lost. Export the source again with the ids as text."
    )
