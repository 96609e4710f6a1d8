"""What an upsert asks of Delta Lake's MERGE: no repeated keys, and to touch few files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from dataset_store.delta.sql import literal, quoted
from dataset_store.errors import SchemaConflictError

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE: Final = "source"
TARGET: Final = "target"


def last_of_each_key(rows: pa.Table, keys: Sequence[str]) -> pa.Table:
    """The rows whose key does not come again further down, in their order."""
    position = pa.array(range(rows.num_rows), pa.int64())
    numbered = rows.select(keys).rename_columns([f"k{index}" for index in range(len(keys))])
    grouped = (
        numbered.append_column("position", position)
        .group_by(numbered.column_names)
        .aggregate([("position", "max")])
    )
    if grouped.num_rows == rows.num_rows:
        return rows
    return rows.take(grouped["position_max"].combine_chunks().sort())


def check_keys(schema: pa.Schema, keys: Sequence[str], dataset: str) -> None:
    """Refuse keys that cannot identify a row.

    Raises:
        SchemaConflictError: There are none, one is no column, or one holds structs, lists or maps.
    """
    if not keys:
        message = f"Dataset {dataset}: an upsert needs key columns; append instead, or give keys"
        raise SchemaConflictError(message)
    for key in keys:
        if key not in schema.names:
            message = f"Dataset {dataset}: the key {key!r} is not among its columns {schema.names}"
            raise SchemaConflictError(message)
        if pa.types.is_nested(schema.field(key).type):
            message = (
                f"Dataset {dataset}: the key {key!r} is nested; only plain columns identify rows"
            )
            raise SchemaConflictError(message)


def predicate(rows: pa.Table, keys: Sequence[str]) -> str:
    """The condition that joins stored rows (`TARGET`) to new ones (`SOURCE`).

    Null keys are equal to each other here, unlike in SQL. Beside the equality stands the range of
    the new keys: it is implied, but Delta Lake skips files by it, which makes the upsert of recent
    rows several times cheaper.
    """
    return " AND ".join(part for key in keys for part in _conditions(key, rows.column(key)))


def _conditions(key: str, values: pa.ChunkedArray) -> list[str]:
    column = quoted(key)
    if values.null_count:
        # the engine's parser binds IS NOT DISTINCT FROM looser than AND
        return [f"({TARGET}.{column} IS NOT DISTINCT FROM {SOURCE}.{column})"]
    same = f"{TARGET}.{column} = {SOURCE}.{column}"
    if not len(values):
        return [same]
    least, greatest = (literal(v, values.type) for v in pc.min_max(values).as_py().values())
    if least is None:
        return [same]
    return [same, f"{TARGET}.{column} >= {least}", f"{TARGET}.{column} <= {greatest}"]
