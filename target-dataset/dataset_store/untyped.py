"""Text columns that hold only nulls and so have no known type.

`NULL_ONLY` marks them, but not everywhere: Delta Lake keeps no mark of list elements, and older
datasets have none. So if a text column meets another type, its values are checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from dataset_store.casts import inner_fields, is_list
from dataset_store.schema import (
    NULL_ONLY,
    is_json_text,
    is_mixed_text,
    is_null_only,
    yields_to_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Path = tuple[str, ...]

_ELEMENT = "[]"


def texts_that_meet_other_types(old: pa.Schema, new: pa.Schema) -> dict[str, list[Path]]:
    """The stored text columns for which new rows have values of another type.

    Args:
        old: The stored columns.
        new: The columns of new rows.

    Returns:
        For each column that holds such text, the paths to it inside the column.
    """
    stored = {field.name: field for field in old}
    found = {
        field.name: list(_meetings(stored[field.name], field, ()))
        for field in new
        if field.name in stored
    }
    return {name: paths for name, paths in found.items() if paths}


def _meetings(old: pa.Field, new: pa.Field, path: Path) -> Iterator[Path]:
    if is_null_only(old) or is_null_only(new) or is_mixed_text(old):
        return
    if pa.types.is_string(old.type):
        is_retyped = is_json_text(old) and not is_json_text(new)
        if not yields_to_text(new) and (is_retyped or not pa.types.is_string(new.type)):
            yield path
    elif is_list(old.type) and is_json_text(new):
        if pa.types.is_string(old.type.value_type):
            yield (*path, _ELEMENT)
    else:
        for stored, met in inner_fields(old.type, new.type):
            step = stored.name if pa.types.is_struct(old.type) else _ELEMENT
            yield from _meetings(stored, met, (*path, step))


def without_types_of_nulls(
    schema: pa.Schema, paths: Mapping[str, Iterable[Path]], rows: Iterable[pa.RecordBatch]
) -> pa.Schema:
    """The schema with text columns that hold only nulls marked as such.

    Args:
        schema: The stored columns.
        paths: The text to check, by column.
        rows: The values of these columns; reading stops early if possible. Without any rows, no
            text is marked: a column that never had a row keeps its original type.
    """
    open_paths = {(name, path) for name, found in paths.items() for path in found}
    count = 0
    for batch in rows:
        count += batch.num_rows
        open_paths = {
            (name, path) for name, path in open_paths if _is_nothing(batch.column(name), path)
        }
        if not open_paths:
            break
    for name, path in open_paths if count else ():
        place = schema.get_field_index(name)
        schema = schema.set(place, _marked(schema.field(place), path))
    return schema


def _is_nothing(values: pa.Array, path: Path) -> bool:
    for step in path:
        if pa.types.is_map(values.type):
            items = [item for each in values.to_pylist() for item in each or ()]
            values = pa.array(items, pa.struct(list(_entries(values.type)))).flatten()[1]
        elif step == _ELEMENT and is_list(values.type):
            values = values.flatten()
        else:
            values = values.flatten()[values.type.get_field_index(step)]
    return values.null_count == len(values)  # type: ignore[no-any-return]


def _entries(data_type: pa.DataType) -> Iterator[pa.Field]:
    yield data_type.key_field
    yield data_type.item_field


def _marked(field: pa.Field, path: Path) -> pa.Field:
    if not path:
        return field.with_metadata({**(field.metadata or {}), **NULL_ONLY})
    step, rest = path[0], path[1:]
    data_type = field.type
    if pa.types.is_map(data_type):
        return field.with_type(pa.map_(data_type.key_field, _marked(data_type.item_field, rest)))
    if is_list(data_type):
        return field.with_type(pa.list_(_marked(data_type.value_field, rest)))
    parts = [_marked(part, rest) if part.name == step else part for part in data_type]
    return field.with_type(pa.struct(parts))
