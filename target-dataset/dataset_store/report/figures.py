"""Declarations of figures: which columns they need, how they are computed, how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - msgspec resolves it
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import pyarrow as pa

from dataset_store.queries import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Chart = Literal["lines", "bars", "ranking", "heatmap"]
Type = Literal["text", "number", "date", "time", "flag"]

_IS_TYPE: Final[Mapping[Type, Callable[[pa.DataType], bool]]] = {
    "text": pa.types.is_string,
    "number": lambda found: (
        pa.types.is_integer(found) or pa.types.is_floating(found) or pa.types.is_decimal(found)
    ),
    "date": pa.types.is_date,
    "time": pa.types.is_timestamp,
    "flag": pa.types.is_boolean,
}
_SQL_TYPES: Final[Mapping[Type, str]] = {
    "text": "varchar",
    "number": "bigint",
    "date": "date",
    "time": "timestamp",
    "flag": "boolean",
}
_DELETED_AT: Final = "_sdc_deleted_at"
"""The column of soft deletions (the SDK's `hard_delete: false`): rows with a value are gone."""


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A figure, as `twitter.toml` declares it.

    Attributes:
        title: What it shows, for people.
        caption: How to read it: what is counted, and what is left out.
        empty: What gives it values, for datasets that have none.
        chart: How it is drawn. `lines` and `bars` are small charts, one for each series.
        columns: The columns that a dataset must have for it, with their types. Together they tell
            the dataset from others, whatever its name is.
        without: Columns that tell another kind of dataset with the same columns from this one.
        optional: Columns that its SQL uses if the dataset has them, and that are null otherwise.
        sql: A query of the table `source`, which has these columns and no deleted rows. `lines` and
            `bars` take the columns series, label (its name, which may differ by day), day and
            value; `heatmap` takes weekday (0 is Sunday), hour and value; `ranking` takes any, whose
            names become the headers of a table.
        value: What the value is, in a word or two, unless the names of the series say so. For
            `ranking`, the column that is drawn as bars.
        days: How many of the newest days `lines` and `bars` show.
        link: For `ranking`: the address to which the first column links, with `{}` in the place of
            the column `link` of its SQL, which holds digits alone and is not shown.
    """

    title: str
    caption: str
    empty: str
    chart: Chart
    columns: Mapping[str, Type]
    sql: str
    value: str = ""
    without: tuple[str, ...] = ()
    optional: Mapping[str, Type] = {}
    days: int = 90
    link: str = ""

    def fits(self, schema: pa.Schema) -> bool:
        """Whether a dataset of this schema has the columns, and none that tell another from it."""
        has_all = all(_has(schema, name, kind) for name, kind in self.columns.items())
        return has_all and not set(self.without) & set(schema.names)

    def query(self, schema: pa.Schema) -> str:
        """The figure's SQL over the table `dataset`, which has this schema."""
        columns = [quoted(name) for name in self.columns]
        columns += [
            quoted(name) if _has(schema, name, kind) else _null(name, kind)
            for name, kind in self.optional.items()
        ]
        alive = f" where {quoted(_DELETED_AT)} is null" if _DELETED_AT in schema.names else ""
        source = f"select {', '.join(columns)} from dataset{alive}"  # noqa: S608 - the names are quoted
        return f"with source as ({source}), figure as ({self.sql})"


def _has(schema: pa.Schema, name: str, kind: Type) -> bool:
    at = schema.get_field_index(name)
    return at >= 0 and _IS_TYPE[kind](schema.field(at).type)


def _null(name: str, kind: Type) -> str:
    return f"cast(null as {_SQL_TYPES[kind]}) as {quoted(name)}"


class _Declarations(msgspec.Struct, forbid_unknown_fields=True):
    figure: list[Figure]


@cache
def known_figures() -> Sequence[Figure]:
    """The figures of a report, in the order in which they stand there."""
    text = resources.files(__package__).joinpath("twitter.toml").read_bytes()
    return msgspec.toml.decode(text, type=_Declarations).figure
