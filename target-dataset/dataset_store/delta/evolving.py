"""Steps of a table's evolution: known types of its text, and the changes needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from deltalake.schema import Schema as DeltaSchema

from dataset_store.schema import JSON_TEXT, is_json_text, is_null_only, mark_of
from dataset_store.untyped import texts_that_meet_other_types, without_types_of_nulls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from deltalake import CommitProperties

    from dataset_store.delta.head import Head


def known_schema(
    stored: pa.Schema,
    new: pa.Schema,
    read: Callable[[Sequence[str]], Iterable[pa.RecordBatch]],
) -> pa.Schema:
    """The stored schema with text without values marked, if that matters to new rows.

    Args:
        stored: The table's columns.
        new: The columns of new rows.
        read: Reads columns of the table.
    """
    paths = texts_that_meet_other_types(stored, new)
    return without_types_of_nulls(stored, paths, read(list(paths))) if paths else stored


def kept(schema: pa.Schema) -> pa.Schema:
    """The schema as Delta Lake stores it, without marks of list elements and map entries."""
    return pa.schema(DeltaSchema.from_arrow(schema).to_arrow())


def needs_rewrite(stored: pa.Schema, known: pa.Schema, wanted: pa.Schema) -> bool:
    """Whether stored values change, so that a change of metadata is not sufficient.

    Args:
        stored: The table's columns.
        known: The same, from `known_schema`.
        wanted: The target columns, with the added ones at the end.
    """
    return not all(map(_keeps_its_values, stored, known, wanted))


def _keeps_its_values(stored: pa.Field, known: pa.Field, wanted: pa.Field) -> bool:
    if stored.equals(wanted, check_metadata=True):
        return True
    is_text = pa.types.is_string(stored.type) and pa.types.is_string(wanted.type)
    return is_text and (is_null_only(known) or is_json_text(stored) == is_json_text(wanted))


def change_metadata(
    head: Head, stored: pa.Schema, wanted: pa.Schema, properties: CommitProperties
) -> None:
    """Add columns, and change marks of text; if nothing changes, there is no commit.

    Args:
        head: The table.
        stored: Its columns.
        wanted: The target columns, with the added ones at the end.
        properties: Data to record with each commit.
    """
    for before, field in zip(stored, wanted, strict=False):
        if mark_of(before) != mark_of(field):
            head.table.alter.set_column_metadata(
                field.name, _metadata(field), commit_properties=properties
            )
    if len(wanted) > len(stored):
        added = DeltaSchema.from_arrow(pa.schema(list(wanted)[len(stored) :])).fields
        head.table.alter.add_columns(added, commit_properties=properties)


def _metadata(field: pa.Field) -> dict[str, str]:
    """The mark of a field; deltalake cannot remove one, so that of plain text is empty."""
    mark = mark_of(field) or dict.fromkeys(JSON_TEXT, b"")
    return {name.decode(): value.decode() for name, value in mark.items()}
