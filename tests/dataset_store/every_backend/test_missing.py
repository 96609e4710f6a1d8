"""What a backend cannot do, it refuses with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from support.stored_posts import POSTS, by_id, stored, table

from dataset_store import (
    Below,
    DatasetSpec,
    DatasetStore,
    SchemaConflictError,
    StoreError,
)
from dataset_store.profile import profile
from dataset_store.report import collect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataset_store import Dataset


def lacks(store: DatasetStore, capability: str) -> None:
    if getattr(store.capabilities, capability):
        pytest.skip(f"this store has the capability {capability}")


def test_rows_are_not_deleted(store: DatasetStore, posts: Dataset) -> None:
    lacks(store, "delete_rows")
    posts.append(table({"id": "1", "likes": 1}))
    with pytest.raises(StoreError, match="cannot delete or mark"):
        posts.delete(Below("likes", 2))
    with pytest.raises(StoreError, match="cannot delete or mark"):
        posts.mark(Below("likes", 2), "likes", 0)
    assert by_id(posts) == {"1": 1}


def test_types_are_not_changed(store: DatasetStore, posts: Dataset) -> None:
    lacks(store, "change_types")
    posts.append(table({"id": "1", "likes": 1}))
    with pytest.raises(SchemaConflictError, match=r"'likes' holds int64.*cannot change the type"):
        posts.evolve(pa.schema([("likes", pa.float64())]))
    assert by_id(store.open("posts")) == {"1": 1}


def test_other_values_become_text(store: DatasetStore) -> None:
    lacks(store, "typed_text")
    rows = pa.table({"flag": [True, None], "tags": [["a"], []], "bytes": [b"\0", b""]})
    dataset = store.create(DatasetSpec("typed", rows.schema))
    dataset.append(rows)
    assert set(dataset.schema.types) == {pa.string()}
    assert stored(dataset) == [("true", '["a"]', "AA=="), (None, "[]", "")]


def test_null_keys_are_refused(store: DatasetStore, posts: Dataset) -> None:
    lacks(store, "null_keys")
    with pytest.raises(SchemaConflictError, match="'id' is a key but null"):
        posts.upsert(table({"id": None}), ["id"])
    assert stored(posts) == []


def test_rows_are_not_upserted_by_keys_that_the_dataset_lacks(store: DatasetStore) -> None:
    lacks(store, "append_beside_keys")
    dataset = store.create(DatasetSpec("posts", POSTS, keys=("id",), is_upserted=False))
    assert dataset.keys == ()
    with pytest.raises(SchemaConflictError, match="keys are set at a dataset's creation"):
        dataset.upsert(table({"id": "1"}), ["id"])


def test_sql_is_refused(store: DatasetStore, posts: Dataset) -> None:
    lacks(store, "sql")
    for query in (store.query, posts.query):
        with pytest.raises(StoreError, match="SQL: this store does not support queries"):
            query("select * from posts")
    with pytest.raises(StoreError, match="report: this store does not support queries"):
        collect(store, [])
    with pytest.raises(StoreError, match="SQL: this store does not support queries"):
        profile(posts, 1)
    for upkeep in (posts.compact, posts.vacuum):
        with pytest.raises(StoreError, match="maintains its datasets itself"):
            upkeep()


@pytest.mark.parametrize("rows", [0, 3])
def test_many_rows_are_loaded_in_one_commit(rows: int, store: DatasetStore, posts: Dataset) -> None:
    class Source:
        schema = POSTS

        def batches(self) -> Iterator[pa.RecordBatch]:
            for number in range(rows):
                yield from table({"id": str(number % 2), "likes": number}).to_batches()

    store.check_writable()
    posts.claim()
    before = len(posts.versions())
    posts.load(Source(), ["id"])
    assert by_id(posts) == ({"0": 2, "1": 1} if rows else {})
    assert len(posts.versions()) <= before + 1
