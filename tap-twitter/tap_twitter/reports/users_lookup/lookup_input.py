"""The input of a users lookup: the columns of the datasets with references to users."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from dataset_store import writeback_dataset
from tap_twitter.errors import InputDatasetError, MissingSettingError
from tap_twitter.objects.pasted_text import EXACT_DIGITS, LONG_ID, RoundedIds, cleaned
from tap_twitter.objects.user_references import (
    ID_COLUMN_GROUPS,
    ColumnKind,
    Kind,
    Reference,
    is_lost,
    plain_name,
    read,
)
from tap_twitter.reports.users_lookup.freshness import fresh_values
from tap_twitter.reports.users_lookup.lookup_pass import TYPES, is_text
from tap_twitter.streams.dataset_errors import as_input_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dataset_store import Dataset, DatasetStore
    from tap_twitter.reports.users_lookup.lookup_pass import References


logger = logging.getLogger("tap-twitter.users_lookup")

PLAIN_ID: Final = "^[1-9][0-9]{0,18}$"
"""Text that needs no parsing: `user_references.ID` without leading zeros."""

ROUNDED_ID: Final = f"^[0-9]{{{EXACT_DIGITS}}}0{{{LONG_ID - EXACT_DIGITS},}}$"
"""A plain id that `RoundedIds` counts as rounded."""


@dataclass(frozen=True, slots=True)
class LookupInput:
    """A dataset whose users are looked up, and the columns that name them."""

    dataset: Dataset
    columns: tuple[str, ...]
    writeback: Dataset | None = None
    """The dataset of earlier rows about this one, if such rows may save a lookup."""

    fresh_since: datetime | None = None
    """Rows looked up after this moment are fresh."""

    takes_rounded_ids: bool = False
    """Whether to look up ids that a spreadsheet seems to have rounded."""

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
        """What changes if the input may have other users.

        The time of creation is part of it, because a dataset that is removed and imported again has
        the GUID, and may have the version, of the one before.
        """
        return [str(self.dataset.info().created_at), self.dataset.version, *self.columns]

    def references(self) -> Iterator[References]:
        """The references in the dataset, batch by batch, distinct within a batch and column.

        Raises:
            InputDatasetError: A column has lost its ids to a conversion into floats or to rounding,
            or the dataset cannot be read.
        """
        rounded = {name: RoundedIds() for name in self.columns}
        with as_input_error():
            for batch in self.dataset.read(self.columns):
                for name in self.columns:
                    yield from self._references(name, batch.column(name), rounded[name])
        for name, count in rounded.items():
            self._judge(name, count)

    def _references(self, name: str, values: pa.Array, rounded: RoundedIds) -> Iterator[References]:
        kind = ColumnKind.of(name)
        texts = pc.unique(values.cast(pa.string())).drop_null()
        if kind is not ColumnKind.HANDLES:
            # nearly all values of nearly all inputs; one by one they take sixty times as long
            is_plain = pc.match_substring_regex(texts, PLAIN_ID)
            ids = texts.filter(is_plain)
            rounded.count(*_long_and_rounded(ids))
            yield ids.cast(TYPES[Kind.ID])
            texts = texts.filter(pc.invert(is_plain))
        yield list(self._read(name, kind, texts.to_pylist(), rounded))

    def _read(
        self, name: str, kind: ColumnKind, texts: Iterable[str], rounded: RoundedIds
    ) -> Iterator[Reference]:
        for text in texts:
            value = cleaned(text)
            reference = read(value, kind)
            if reference is None:
                continue
            if reference.kind is Kind.ID:
                rounded.add(value)
            elif is_lost(value, kind):
                raise InputDatasetError(_lost_ids(name, self.dataset))
            yield reference

    def _judge(self, name: str, rounded: RoundedIds) -> None:
        """Refuse a column of ids that were rounded; warn if they are few.

        Raises:
            InputDatasetError: There are too many for a coincidence.
        """
        if not rounded.rounded:
            return
        what = f"Column '{name}' of dataset '{self.name}': {rounded}"
        if rounded.are_lost and not self.takes_rounded_ids:
            msg = (
                f"{what}. They would belong to other people. Export the source again with the ids "
                "as text. If they are right, set 'users_lookup.allow_rounded_ids' to true."
            )
            raise InputDatasetError(msg)
        logger.warning("%s. They are looked up as given.", what)

    def answered(self) -> dict[Kind, pa.Array]:
        """The ids and handles whose row in the writeback dataset is fresh.

        Raises:
            InputDatasetError: The writeback dataset cannot be read.
        """
        if self.writeback is None or self.fresh_since is None:
            return {}
        with as_input_error():
            return fresh_values(self.writeback, self.fresh_since)


def _long_and_rounded(ids: pa.Array) -> tuple[int, int]:
    """How many plain ids have digits to lose, and how many of them have lost them."""
    is_long = pc.greater_equal(pc.binary_length(ids), LONG_ID)
    return is_long.true_count, pc.match_substring_regex(ids, ROUNDED_ID).true_count


def _references(wanted: str | Sequence[str] | None) -> list[str]:
    """The datasets in the setting; Meltano's environment has a list as its JSON text."""
    if isinstance(wanted, str):
        try:
            listed = json.loads(wanted)
        except ValueError:
            listed = None
        return list(map(str, listed)) if isinstance(listed, list) else [wanted]
    return list(wanted or ())


def open_inputs(
    settings: Mapping[str, Any], store: DatasetStore, stream: str, now: datetime
) -> list[LookupInput]:
    """Open the input datasets that the settings of `users_lookup` name.

    Args:
        settings: The group `users_lookup`.
        store: The store that contains them.
        stream: The stream whose writeback datasets show which users are fresh.
        now: The moment from which `refresh_after_days` counts back.

    Raises:
        MissingSettingError: No dataset is named.
        InputDatasetError: A dataset is missing, is empty, or has no column of ids or handles.
    """
    wanted = settings.get("input_dataset_id")
    references = _references(wanted)
    if not references:
        msg = (
            "Setting 'users_lookup.input_dataset_id' is missing: name the dataset whose users to "
            "look up (`dataset list` lists the datasets)."
        )
        raise MissingSettingError(msg)
    days = settings["refresh_after_days"]
    with as_input_error():
        datasets = {dataset.id: dataset for dataset in map(store.open, references)}
        return [
            _open_input(
                dataset,
                settings.get("id_columns"),
                _writeback(store, stream, dataset) if days else None,
                now - timedelta(days=days),
                takes_rounded_ids=bool(settings.get("allow_rounded_ids")),
            )
            for dataset in datasets.values()
        ]


def _writeback(store: DatasetStore, stream: str, dataset: Dataset) -> Dataset | None:
    found = writeback_dataset(store, stream, dataset.id)
    if found is None:
        logger.info(
            "No writeback dataset yet for '%s': all of its users are looked up.",
            dataset.info().name,
        )
    return found


def _open_input(
    dataset: Dataset,
    configured: Sequence[str] | None,
    writeback: Dataset | None,
    fresh_since: datetime,
    *,
    takes_rounded_ids: bool,
) -> LookupInput:
    schema = dataset.schema
    columns = id_columns(schema.names, configured, dataset.info().name)
    for name in columns:
        _check_type(dataset, schema.field(name))
    return LookupInput(dataset, columns, writeback, fresh_since, takes_rounded_ids)


def id_columns(
    present: Sequence[str], configured: Sequence[str] | None, dataset: str
) -> tuple[str, ...]:
    """The columns that hold ids or handles, by the settings or by their names.

    Raises:
        InputDatasetError: There is none; the text lists the existing columns.
    """
    listed = _quoted(present)
    if configured:
        if missing := [name for name in configured if name not in present]:
            msg = (
                f"Setting 'users_lookup.id_columns' names {_quoted(missing)}, but dataset "
                f"'{dataset}' has only the columns: {listed}."
            )
            raise InputDatasetError(msg)
        return tuple(dict.fromkeys(configured))
    for group in ID_COLUMN_GROUPS:
        if found := tuple(name for name in present if plain_name(name) in group):
            return found
    if len(present) == 1:
        return (present[0],)
    msg = (
        f"Dataset '{dataset}' has no column known to hold ids or handles. Name one in "
        f"'users_lookup.id_columns'; its columns are: {listed}."
    )
    raise InputDatasetError(msg)


def _quoted(names: Sequence[str]) -> str:
    """Names in quotes, so that blanks in them are visible."""
    return ", ".join(f"'{name}'" for name in names)


def _check_type(dataset: Dataset, field: pa.Field) -> None:
    if pa.types.is_floating(field.type):
        raise InputDatasetError(_lost_ids(field.name, dataset))
    if not (pa.types.is_integer(field.type) or is_text(field.type) or pa.types.is_null(field.type)):
        msg = (
            f"Column '{field.name}' of dataset '{dataset.info().name}' is of type {field.type}, "
            "which holds neither ids nor handles. Name another in 'users_lookup.id_columns'."
        )
        raise InputDatasetError(msg)


def _lost_ids(column: str, dataset: Dataset) -> str:
    return (
        f"Column '{column}' of dataset '{dataset.info().name}' holds floats (such as 1.23E+18), "
        "so the last digits of its ids are lost. Export the source again with the ids as text."
    )
