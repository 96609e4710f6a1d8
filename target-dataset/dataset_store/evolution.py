"""How stored and new columns come together: what is added, what widens, and what contradicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa

from dataset_store.columns import check_columns
from dataset_store.errors import SchemaConflictError
from dataset_store.schema import JSON_TEXT, TIMESTAMP, is_json_text

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_NESTED: Final = 30
"""Arrow hands on no schema of more than 64 levels, of which a map takes two; Delta Lake reads none
whose JSON has more than 128, of which a struct takes three.
"""

_STORABLE: Final[tuple[tuple[Callable[[pa.DataType], bool], pa.DataType], ...]] = (
    (pa.types.is_null, pa.string()),
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
    """The schema with each type replaced by the one that it is stored as, every column nullable.

    A timestamp without a zone is taken as UTC.

    Raises:
        SchemaConflictError: A column's type has no stored form.
    """
    return pa.schema([_storable_field(field) for field in schema])


def _storable_field(field: pa.Field, level: int = 0) -> pa.Field:
    metadata = JSON_TEXT if is_json_text(field) else None
    try:
        return pa.field(field.name, _storable_type(field.type, level), metadata=metadata)
    except TypeError:
        message = (
            f"Column {field.name!r}: no dataset can hold the type {field.type}; convert it to text"
        )
        raise SchemaConflictError(message) from None
    except RecursionError:
        if level:
            raise
        message = (
            f"Column {field.name!r}: its values are nested more than {_MOST_NESTED} levels deep; "
            "keep them as JSON text"
        )
        raise SchemaConflictError(message) from None


def _storable_type(data_type: pa.DataType, level: int) -> pa.DataType:
    if level > _MOST_NESTED:
        raise RecursionError
    if pa.types.is_dictionary(data_type):
        return _storable_type(data_type.value_type, level)
    if pa.types.is_struct(data_type):
        return pa.struct([_storable_field(field, level + 1) for field in data_type])
    if pa.types.is_map(data_type):
        key, item = data_type.key_type, data_type.item_type
        return pa.map_(_storable_type(key, level + 1), _storable_type(item, level + 1))
    if pa.types.is_list(data_type) or pa.types.is_large_list(data_type):
        return pa.list_(pa.field("element", _storable_type(data_type.value_type, level + 1)))
    found = next((stored for test, stored in _STORABLE if test(data_type)), data_type)
    if found == TIMESTAMP or any(test(found) for test in _PLAIN):
        return found
    raise TypeError


def widen(old: pa.Schema, new: pa.Schema) -> pa.Schema:
    """The schema that holds the rows of both: the old columns in their order, then the new ones.

    Integers widen to longer integers and doubles, floats to doubles, decimals to longer decimals,
    dates to timestamps, JSON text to text, structs by their fields and lists by their elements.

    Raises:
        SchemaConflictError: A column's types have nothing in common, or two names differ by case
            alone.
    """
    fields = {field.name: field for field in old}
    for field in new:
        stored = fields.get(field.name)
        fields[field.name] = _wider_field(stored, field, field.name) if stored else field
    check_columns(fields, "The dataset with the new columns")
    return pa.schema(list(fields.values()))


def _wider_field(old: pa.Field, new: pa.Field, path: str) -> pa.Field:
    wider = old.with_type(_wider_type(old.type, new.type, path))
    if is_json_text(old) and not is_json_text(new):
        return wider.with_metadata({k: v for k, v in old.metadata.items() if k not in JSON_TEXT})
    return wider


def _wider_type(old: pa.DataType, new: pa.DataType, path: str) -> pa.DataType:
    if old == new and not pa.types.is_struct(old):
        return old
    for test, join in _JOINS:
        if test(old) and test(new):
            return join(old, new, path)
    order = [old, new] if _can_become(old, new) else [new, old]
    if _can_become(*order):
        return order[1]
    message = f"Column {path!r} holds {old}, the new rows hold {new}; neither can become the other"
    raise SchemaConflictError(message)


def _can_become(narrow: pa.DataType, wide: pa.DataType) -> bool:
    if pa.types.is_float64(wide):
        return bool(pa.types.is_integer(narrow) or pa.types.is_floating(narrow))
    return bool(pa.types.is_date32(narrow) and wide == TIMESTAMP)


def _wider_struct(old: pa.DataType, new: pa.DataType, path: str) -> pa.DataType:
    fields = {field.name: field for field in old}
    for field in new:
        stored = fields.get(field.name)
        fields[field.name] = (
            _wider_field(stored, field, f"{path}.{field.name}") if stored else field
        )
    check_columns(fields, f"Column {path!r}")
    return pa.struct(list(fields.values()))


def _wider_list(old: pa.DataType, new: pa.DataType, path: str) -> pa.DataType:
    return pa.list_(pa.field("element", _wider_type(old.value_type, new.value_type, f"{path}[]")))


def _stored_zone(old: pa.DataType, _new: pa.DataType, _path: str) -> pa.DataType:
    # tables of other programs may hold times without a zone; what is added to them is UTC
    return old


def _wider_integer(old: pa.DataType, new: pa.DataType, _path: str) -> pa.DataType:
    return max(old, new, key=lambda data_type: data_type.bit_width)


def _wider_decimal(old: pa.DataType, new: pa.DataType, path: str) -> pa.DataType:
    scale = max(old.scale, new.scale)
    whole = max(old.precision - old.scale, new.precision - new.scale)
    if whole + scale > pa.decimal128(38).precision:
        message = (
            f"Column {path!r} holds {old}, the new rows hold {new}; both exceed 38 digits together"
        )
        raise SchemaConflictError(message)
    return pa.decimal128(whole + scale, scale)


_JOINS: Final[
    tuple[
        tuple[
            Callable[[pa.DataType], bool],
            Callable[[pa.DataType, pa.DataType, str], pa.DataType],
        ],
        ...,
    ]
] = (
    (pa.types.is_struct, _wider_struct),
    (pa.types.is_list, _wider_list),
    (pa.types.is_integer, _wider_integer),
    (pa.types.is_timestamp, _stored_zone),
    (pa.types.is_decimal128, _wider_decimal),
)


def align(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """The rows in the columns of a dataset: in its order and types, null where they lack a column.

    Raises:
        SchemaConflictError: The rows have a column or a type that the schema cannot hold, or a
            value that its column cannot hold exactly.
    """
    check_holds(schema, rows.schema)
    columns = [
        _cast(rows.column(field.name), field)
        if field.name in rows.schema.names
        else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def check_holds(schema: pa.Schema, rows: pa.Schema) -> None:
    """Refuse rows that a dataset of this schema would change or drop.

    Raises:
        SchemaConflictError: A column is unknown, or narrower than the rows need.
    """
    nothing = {field.name for field in rows if pa.types.is_null(field.type)} & set(schema.names)
    needed = widen(schema, storable(pa.schema([f for f in rows if f.name not in nothing])))
    for field in needed:
        if field.name not in schema.names:
            message = f"Column {field.name!r} is not in the dataset; add it with evolve()"
            raise SchemaConflictError(message)
        stored = schema.field(field.name)
        if stored.type != field.type:
            message = (
                f"Column {field.name!r} holds {stored.type}, the rows need {field.type}; "
                "widen it with evolve()"
            )
            raise SchemaConflictError(message)


def _cast(values: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    if values.type == field.type:
        return values
    try:
        return values.cast(field.type)
    except pa.ArrowInvalid:
        # the cause would show the value
        message = (
            f"Column {field.name!r} holds {field.type}; a value of type {values.type} "
            "does not fit into it exactly"
        )
        raise SchemaConflictError(message) from None
