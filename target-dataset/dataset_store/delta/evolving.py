"""Steps of the evolution of a table: what is known of its text, and what a change takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from deltalake.schema import Schema as DeltaSchema

from dataset_store.schema import JSON_TEXT, is_json_text, is_null_only, mark_of
from dataset_store.untyped import texts_that_meet_other_types, without_types_of_nulls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from deltalake import CommitProperties, DeltaTable


def known_schema(
    stored: pa.Schema,
    new: pa.Schema,
    read: Callable[[Sequence[str]], Iterable[pa.RecordBatch]],
) -> pa.Schema:
    """The stored schema in which text without values is marked, where that matters to new rows.

    Args:
        stored: The table's columns.
        new: The columns of new rows.
        read: Reads columns of the table.
    """
    paths = texts_that_meet_other_types(stored, new)
    return without_types_of_nulls(stored, paths, read(list(paths))) if paths else stored


def kept(schema: pa.Schema) -> pa.Schema:
    """The schema as Delta Lake keeps it, which drops marks of list elements and map entries."""
    return pa.schema(DeltaSchema.from_arrow(schema).to_arrow())


def needs_rewrite(stored: pa.Schema, known: pa.Schema, wanted: pa.Schema) -> bool:
    """Whether stored values change, so that new metadata is not enough.

    Args:
        stored: The table's columns.
        known: The same, from `known_schema`.
        wanted: What they are to become, with the added columns at the end.
    """
    return not all(map(_keeps_its_values, stored, known, wanted))


def _keeps_its_values(stored: pa.Field, known: pa.Field, wanted: pa.Field) -> bool:
    if stored.equals(wanted, check_metadata=True):
        return True
    is_text = pa.types.is_string(stored.type) and pa.types.is_string(wanted.type)
    return is_text and (is_null_only(known) or is_json_text(stored) == is_json_text(wanted))


def change_metadata(
    table: DeltaTable, stored: pa.Schema, wanted: pa.Schema, properties: CommitProperties
) -> None:
    """Add columns, and mark text anew; without anything to do, there is no commit.

    Args:
        table: The table.
        stored: Its columns.
        wanted: What they are to become, with the added columns at the end.
        properties: What is recorded with each commit.
    """
    for before, field in zip(stored, wanted, strict=False):
        if mark_of(before) != mark_of(field):
            table.alter.set_column_metadata(
                field.name, _metadata(field), commit_properties=properties
            )
    if len(wanted) > len(stored):
        added = DeltaSchema.from_arrow(pa.schema(list(wanted)[len(stored) :])).fields
        table.alter.add_columns(added, commit_properties=properties)


def _metadata(field: pa.Field) -> dict[str, str]:
    """The mark of a field; deltalake cannot take one away, so that of plain text says nothing."""
    mark = mark_of(field) or dict.fromkeys(JSON_TEXT, b"")
    return {name.decode(): value.decode() for name, value in mark.items()}
