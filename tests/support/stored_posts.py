"""A small dataset of posts, and what a dataset holds, for tests of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dataset_store.schema import JSON_TEXT, TIMESTAMP

if TYPE_CHECKING:
    from dataset_store import Dataset

POSTS = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("likes", pa.int64()),
        pa.field("entities", pa.string(), metadata=JSON_TEXT),
        pa.field("created_at", TIMESTAMP),
    ]
)
ODD_NAMES = [
    "My Id",
    "a.b",
    'q"x',
    "UPPER",
    "semi;(x)",
    "é",
    "source",
    "it's",
    "select",
    "a,b=c\n\t",
]
"""Columns that a dataset may have."""


def table(*rows: dict[str, Any], schema: pa.Schema = POSTS) -> pa.Table:
    """Rows as they are written; columns that a row leaves out are null."""
    return pa.Table.from_pylist(list(rows), schema=schema)


def stored(dataset: Dataset, *columns: str) -> list[tuple[Any, ...]]:
    """The values of all columns, or of some, in the order of their text."""
    names = columns or tuple(dataset.schema.names)
    rows = pa.Table.from_batches(dataset.read(), dataset.schema).select(names).to_pylist()
    return sorted((tuple(row.values()) for row in rows), key=repr)


def by_id(dataset: Dataset) -> dict[str, int | None]:
    """The likes of each post."""
    return dict(stored(dataset, "id", "likes"))
