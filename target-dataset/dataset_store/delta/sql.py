"""Names, values and conditions as the engine's SQL takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from dataset_store.errors import SchemaConflictError
from dataset_store.schema import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataset_store.base import Below


def quoted(name: str) -> str:
    """A column or table name as SQL takes it literally."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: Any, data_type: pa.DataType) -> str | None:
    """A value of a column of this type, or None where the type has no literal."""
    written = next((written for test, written in _LITERALS if test(data_type)), None)
    return written(value) if written else None


def literal_for(value: Any, schema: pa.Schema, column: str) -> str:
    """A value that is compared with a column, or put into it.

    Raises:
        SchemaConflictError: There is no such column, or it does not hold values like this one.
    """
    if column not in schema.names:
        message = f"There is no column {column!r}; the dataset has {', '.join(schema.names)}"
        raise SchemaConflictError(message)
    data_type = schema.field(column).type
    try:
        found = literal(pa.scalar(value, data_type).as_py(), data_type)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        found = None
    if found is None:
        message = f"Column {column!r} holds {data_type}, not {type(value).__name__}"
        raise SchemaConflictError(message)
    return found


def condition(where: Below, schema: pa.Schema) -> str:
    """The condition on stored rows.

    Raises:
        SchemaConflictError: Its column is not there, or does not hold values like its bound.
    """
    below = f"{quoted(where.column)} < {literal_for(where.bound, schema, where.column)}"
    return f"({below} OR {quoted(where.column)} IS NULL)" if where.or_null else below


def _text(value: Any) -> str:
    return "'" + str(value).replace("'", "''") + "'"


_LITERALS: Final[tuple[tuple[Callable[[pa.DataType], bool], Callable[[Any], str]], ...]] = (
    (pa.types.is_string, _text),
    (pa.types.is_integer, str),
    (pa.types.is_date, lambda value: f"DATE '{value}'"),
    (
        lambda data_type: data_type == TIMESTAMP,
        lambda value: f"arrow_cast('{value.isoformat()}', 'Timestamp(Microsecond, Some(\"UTC\"))')",
    ),
)
