"""Columns are added and widened, and what does not fit is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from support.stored_posts import POSTS, by_id, stored, table

from dataset_store import DatasetStore, SchemaConflictError
from dataset_store.schema import JSON_TEXT, is_json_text

if TYPE_CHECKING:
    from dataset_store import Dataset


@pytest.mark.needs("typed_text")
def test_new_columns_are_added_and_null_in_old_rows(store: DatasetStore, posts: Dataset) -> None:
    posts.append(table({"id": "1", "likes": 1}))
    fields = [pa.field("lang", pa.string()), pa.field("geo", pa.string(), metadata=JSON_TEXT)]
    wider = pa.schema([*POSTS, *fields])
    posts.evolve(wider)
    posts.upsert(table({"id": "2", "lang": "en"}, schema=wider), ["id"])

    assert store.open("posts").schema.equals(wider, check_metadata=True)
    assert stored(posts, "id", "lang") == [("1", None), ("2", "en")]


def test_a_schema_that_is_held_already_makes_no_commit(posts: Dataset) -> None:
    version = posts.version
    posts.evolve(pa.schema([pa.field("likes", pa.int32()), pa.field("id", pa.string())]))

    assert posts.version == version


@pytest.mark.needs("change_types")
def test_a_widened_type_keeps_the_rows(store: DatasetStore, posts: Dataset) -> None:
    posts.append(table({"id": "1", "likes": 1}))
    posts.evolve(pa.schema([("likes", pa.float64()), ("entities", pa.string())]))
    posts.append(pa.table({"id": ["2"], "likes": [0.5]}))

    assert by_id(store.open("posts")) == {"1": 1.0, "2": 0.5}
    assert store.open("posts").schema.field("likes").type == pa.float64()
    assert not is_json_text(store.open("posts").schema.field("entities"))
    assert store.open("posts").keys == ("id",)


def test_a_stored_value_that_the_wider_type_cannot_hold_stops_the_widening(posts: Dataset) -> None:
    posts.append(table({"id": "1", "likes": 2**53 + 1}))

    with pytest.raises(SchemaConflictError, match="'likes'") as caught:
        posts.evolve(pa.schema([("likes", pa.float64())]))
    assert str(2**53 + 1) not in str(caught.value)
    assert by_id(posts) == {"1": 2**53 + 1}


@pytest.mark.parametrize(
    ("column", "data_type"),
    [("id", pa.int64()), ("likes", pa.string()), ("created_at", pa.string())],
)
def test_a_contradiction_names_the_column_and_both_types(
    column: str, data_type: pa.DataType, posts: Dataset
) -> None:
    kept = posts.schema.field(column).type
    with pytest.raises(SchemaConflictError) as caught:
        posts.evolve(pa.schema([(column, data_type)]))

    assert all(word in str(caught.value) for word in (f"'{column}'", str(kept), str(data_type)))


@pytest.mark.parametrize("method", ["append", "upsert"])
@pytest.mark.parametrize(
    "rows",
    [pa.table({"id": ["1"], "new": ["x"]}), pa.table({"id": ["1"], "likes": [1.5]})],
    ids=["unknown column", "wider type"],
)
def test_rows_that_would_lose_something_are_refused(
    rows: pa.Table, method: str, posts: Dataset
) -> None:
    keys = {"upsert": [["id"]], "append": []}[method]

    with pytest.raises(SchemaConflictError, match=r"evolve\(\)"):
        getattr(posts, method)(rows, *keys)
    assert stored(posts) == []
