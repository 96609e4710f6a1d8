"""Storage types, and the alignment of rows with the columns of a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa

from dataset_store.casts import cast
from dataset_store.errors import SchemaConflictError
from dataset_store.schema import (
    NULL_ONLY,
    TIMESTAMP,
    YIELDS_TO_TEXT,
    is_null_only,
    mark_of,
    type_name,
    yields_to_text,
)
from dataset_store.widening import widen

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_NESTED: Final = 30
"""Arrow exports no schema of more than 64 levels, and a map takes two; Delta Lake reads none whose
JSON has more than 128 levels, and a struct takes three.
"""

_STORABLE: Final[tuple[tuple[Callable[[pa.DataType], bool], pa.DataType], ...]] = (
    (pa.types.is_null, pa.string()),  # marked as `NULL_ONLY` if Delta Lake keeps the mark
    (pa.types.is_large_string, pa.string()),
    (pa.types.is_string_view, pa.string()),
    (pa.types.is_time, pa.string()),
    (pa.types.is_large_binary, pa.binary()),
    (pa.types.is_binary_view, pa.binary()),
    (pa.types.is_fixed_size_binary, pa.binary()),
    (pa.types.is_unsigned_integer, pa.int64()),
    (pa.types.is_float16, pa.float32()),
    (pa.types.is_timestamp, TIMESTAMP),
    (pa.types.is_date64, pa.date32()),
)

_PLAIN: Final[tuple[Callable[[pa.DataType], bool], ...]] = (
    pa.types.is_string,
    pa.types.is_binary,
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_boolean,
    pa.types.is_date32,
    pa.types.is_decimal128,
)


def storable(schema: pa.Schema) -> pa.Schema:
    """The schema with each type replaced by its storage type, and every column nullable.

    A timestamp without a zone is taken as UTC.

    Raises:
        SchemaConflictError: A column's type has no stored form.
    """
    return pa.schema([_storable_field(field) for field in schema])


def of_rows(schema: pa.Schema) -> pa.Schema:
    """The same for the columns of new rows; their hints stay."""
    return pa.schema(
        [
            stored.with_metadata({**(stored.metadata or {}), **YIELDS_TO_TEXT})
            if yields_to_text(field)
            else stored
            for field, stored in zip(schema, storable(schema), strict=True)
        ]
    )


def _storable_field(field: pa.Field, level: int = 0) -> pa.Field:
    metadata = NULL_ONLY if is_null_only(field) else mark_of(field)
    try:
        return pa.field(field.name, _storable_type(field.type, level), metadata=metadata or None)
    except TypeError:
        if level:
            raise
        message = (
            f"Column {field.name!r}: datasets cannot hold the type {field.type}; convert it to text"
        )
        raise SchemaConflictError(message) from None
    except RecursionError:
        if level:
            raise
        message = (
            f"Column {field.name!r}: its values are nested more than {_MAX_NESTED} levels deep; "
            "store them as JSON text"
        )
        raise SchemaConflictError(message) from None


def _storable_type(data_type: pa.DataType, level: int) -> pa.DataType:
    if level > _MAX_NESTED:
        raise RecursionError
    if pa.types.is_dictionary(data_type):
        return _storable_type(data_type.value_type, level)
    if pa.types.is_struct(data_type):
        return pa.struct([_storable_field(field, level + 1) for field in data_type])
    if pa.types.is_map(data_type):
        key, item = data_type.key_type, data_type.item_field.with_name("value")
        return pa.map_(_storable_type(key, level + 1), _storable_field(item, level + 1))
    if pa.types.is_list(data_type) or pa.types.is_large_list(data_type):
        element = data_type.value_field.with_name("element")
        return pa.list_(_storable_field(element, level + 1))
    found = next((stored for test, stored in _STORABLE if test(data_type)), data_type)
    if found == TIMESTAMP or any(test(found) for test in _PLAIN):
        return found
    raise TypeError


def align(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Align rows with the columns of a dataset: its order and types, null for missing columns.

    Raises:
        SchemaConflictError: The rows have a column or a type that the schema cannot hold, or a
            value that its column cannot hold exactly.
    """
    source = check_holds(schema, rows.schema)
    # names are looked up once: Arrow's own look-ups would be quadratic in the columns
    given = {field.name: (rows.column(place), field) for place, field in enumerate(source)}
    columns = [
        cast(*given[field.name], field)
        if field.name in given
        else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    for field, values in zip(schema, columns, strict=True):
        if not field.nullable and values.null_count:
            message = (
                f"Column {field.name!r} may not be null in the dataset, but a new row lacks it"
            )
            raise SchemaConflictError(message)
    return pa.table(columns, schema=schema)


def check_holds(schema: pa.Schema, rows: pa.Schema) -> pa.Schema:
    """Reject rows that a dataset of this schema would change or drop.

    Returns:
        The columns of the rows in their storage types.

    Raises:
        SchemaConflictError: A column is unknown, or narrower than the rows need.
    """
    source = of_rows(rows)
    held = {field.name: field for field in schema}
    for field in widen(schema, source):
        stored = held.get(field.name)
        if stored is None:
            message = f"Column {field.name!r} is not in the dataset; add it with evolve()"
            raise SchemaConflictError(message)
        if not stored.equals(field, check_metadata=True):
            message = (
                f"Column {field.name!r} holds {type_name(stored)}, but the rows need "
                f"{type_name(field)}; widen it with evolve()"
            )
            raise SchemaConflictError(message)
    return source
