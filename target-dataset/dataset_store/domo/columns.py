"""Columns in Arrow and in Domo, which has six types and no marks.

`STRING` also holds booleans, bytes, JSON and nested values. `DECIMAL` has no declared digits: it is
read as a decimal of 38 digits, 18 of them after the point. `DATETIME` has no zone and is UTC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from dataset_store.columns import check_columns
from dataset_store.errors import SchemaConflictError
from dataset_store.evolution import check_holds
from dataset_store.schema import TIMESTAMP, domo_columns, is_null_only, type_name
from dataset_store.widening import widen

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from dataset_store.widening import Conflicts, Contradiction

DECIMAL: Final = pa.decimal128(38, 18)
_ARROW: Final = {
    "STRING": pa.string(),
    "LONG": pa.int64(),
    "DOUBLE": pa.float64(),
    "DECIMAL": DECIMAL,
    "DATE": pa.date32(),
    "DATETIME": TIMESTAMP,
}
_KEY_TYPES: Final = ("STRING", "LONG")


def arrow_schema(columns: Sequence[Mapping[str, str]]) -> pa.Schema:
    """The columns of a dataset; types unknown to this version are text."""
    return pa.schema([(each["name"], _ARROW.get(each["type"], pa.string())) for each in columns])


def stored_schema(schema: pa.Schema, keys: Collection[str] = ()) -> pa.Schema:
    """The columns in Domo for the rows, as Arrow types.

    A column that can only be null has no type and is omitted, unless all columns are so. Keys that
    are neither text nor integers become text: Domo accepts no other types for keys.

    Args:
        schema: The columns of the rows.
        keys: The columns that identify a row.
    """
    typed = [field for field in schema if not is_null_only(field)] or list(schema)
    columns = domo_columns(pa.schema(typed))
    for column in columns:
        if column["name"] in keys and column["type"] not in _KEY_TYPES:
            column["type"] = "STRING"
    return arrow_schema(columns)


def schema_body(schema: pa.Schema) -> dict[str, Any]:
    """The columns in the form of Domo's requests."""
    return {"columns": domo_columns(schema)}


def widened(
    stored: pa.Schema,
    new: pa.Schema,
    keys: Collection[str],
    conflicts: Conflicts,
    found: list[Contradiction],
) -> pa.Schema:
    """The stored columns, followed by new ones of the rows.

    Domo does not document how a change of type affects stored values, so no type changes.

    Args:
        stored: The stored columns.
        new: The columns of the rows.
        keys: The columns that identify a row.
        conflicts: How to handle contradictions: text columns can take values of any type.
        found: Collects the contradictions.

    Raises:
        SchemaConflictError: A stored column would have to change its type.
    """
    rows = stored_schema(new, keys)
    known = set(stored.names)
    nulls = {field.name for field in new if is_null_only(field)}
    rows = pa.schema([field for field in rows if not (field.name in nulls and field.name in known)])
    wider = widen(stored, rows, conflicts=conflicts, found=found)
    for before, after in zip(stored, wider, strict=False):
        if before.type != after.type:
            message = (
                f"Column {before.name!r} holds {type_name(before)}, but the new rows need "
                f"{type_name(after)}; this store cannot change the type of an existing column: "
                "load all rows again with `load_method: overwrite`, or into another dataset"
            )
            raise SchemaConflictError(message)
    check_columns(wider.names, "The dataset with the new columns")
    return pa.schema([pa.field(field.name, field.type) for field in wider])


def check_fits(stored: pa.Schema, rows: pa.Schema) -> None:
    """Reject rows that a dataset would change or drop; text columns take values of any type.

    Args:
        stored: The columns of the dataset.
        rows: The columns of the rows, from `stored_schema`.

    Raises:
        SchemaConflictError: A column is unknown, or of another type.
    """
    texts = {field.name for field in stored if pa.types.is_string(field.type)}
    check_holds(
        stored,
        pa.schema(
            [field.with_type(pa.string()) if field.name in texts else field for field in rows]
        ),
    )


def check_keys(schema: pa.Schema, keys: Sequence[str], where: str) -> None:
    """Reject keys that no Domo dataset can have.

    Raises:
        SchemaConflictError: There are none, or one is not a column of text or integers.
    """
    if not keys:
        message = f"{where}: an upsert needs key columns; append instead, or declare keys"
        raise SchemaConflictError(message)
    for key in keys:
        if key not in schema.names:
            message = f"{where}: the key {key!r} is not among its columns {schema.names}"
            raise SchemaConflictError(message)
        kind = schema.field(key).type
        if not (pa.types.is_string(kind) or pa.types.is_integer(kind)):
            message = (
                f"{where}: the key {key!r} is of type {kind}; Domo's keys are text or integers"
            )
            raise SchemaConflictError(message)
