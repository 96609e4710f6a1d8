"""Rows are appended, read, and overwritten."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from support.stored_posts import POSTS, stored, table

from dataset_store import DatasetError, DatasetStore, SchemaConflictError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataset_store import Dataset


def test_appended_rows_are_read_back(store: DatasetStore, posts: Dataset) -> None:
    micros = 123456 if store.capabilities.fine_times else 0
    moment = datetime(2024, 2, 29, 23, 59, 59, micros, UTC)
    posts.append(table({"id": "007", "likes": 2**62, "entities": '{"a":1}', "created_at": moment}))
    posts.append(table({"id": "008"}))

    expected = [("007", 2**62, '{"a":1}', moment), ("008", None, None, None)]
    assert stored(posts) == stored(store.open("posts")) == expected


def test_columns_are_aligned_by_name(posts: Dataset) -> None:
    posts.append(
        pa.table({"likes": pa.array([5], pa.int32()), "id": pa.array(["1"], pa.large_string())})
    )

    assert stored(posts) == [("1", 5, None, None)]


def test_chosen_columns_are_read_in_the_order_asked_for(posts: Dataset) -> None:
    posts.append(table({"id": "1", "likes": 5}))

    (batch,) = posts.read(["likes", "id"])
    assert batch.to_pydict() == {"likes": [5], "id": ["1"]}


def test_an_unknown_column_cannot_be_read(posts: Dataset) -> None:
    with pytest.raises(DatasetError, match=r"no column 'nope'.*id, likes"):
        list(posts.read(["nope"]))


def test_batches_are_no_longer_than_asked_for(posts: Dataset) -> None:
    for start in (0, 25):
        posts.append(table(*({"id": str(start + number)} for number in range(25))))

    sizes = [batch.num_rows for batch in posts.read(batch_rows=10)]
    assert max(sizes) <= 10
    assert sum(sizes) == 50


def test_one_version_is_read_in_one_order(store: DatasetStore, posts: Dataset) -> None:
    for start in range(0, 60, 20):
        posts.append(table(*({"id": str(start + number)} for number in range(20))))

    def order() -> list[Any]:
        return [
            value for batch in store.open("posts").read(["id"]) for value in batch["id"].to_pylist()
        ]

    assert order() == order()


def test_an_overwrite_puts_rows_and_columns_in_the_place_of_the_old(posts: Dataset) -> None:
    posts.append(table({"id": "1", "likes": 1}))
    rows = pa.table({"id": ["2"], "score": [0.5]})
    posts.overwrite(rows.to_reader())

    assert posts.schema.names == ["id", "score"]
    assert stored(posts) == [("2", 0.5)]
    assert posts.keys == ("id",)
    assert posts.info().name == "posts"


def test_an_overwrite_with_nothing_empties(posts: Dataset) -> None:
    posts.append(table({"id": "1"}))
    posts.overwrite(POSTS.empty_table().to_reader())

    assert stored(posts) == []
    assert posts.schema == POSTS


def test_an_overwrite_that_lacks_a_key_is_refused(posts: Dataset) -> None:
    with pytest.raises(SchemaConflictError, match="'id'"):
        posts.overwrite(pa.table({"likes": [1]}).to_reader())


def test_an_overwrite_that_fails_changes_nothing(posts: Dataset) -> None:
    posts.append(table({"id": "1"}))

    def failing() -> Iterable[pa.RecordBatch]:
        yield from table({"id": "2"}).to_batches()
        message = "line 3 has 2 fields"
        raise StoreError(message)

    with pytest.raises(StoreError, match="line 3 has 2 fields"):
        posts.overwrite(pa.RecordBatchReader.from_batches(POSTS, failing()))
    assert stored(posts, "id") == [("1",)]


@pytest.mark.needs("sql")
def test_a_dataset_is_queried_by_itself(posts: Dataset) -> None:
    posts.append(table({"id": "1", "likes": 1}, {"id": "2", "likes": 2}))
    answer = posts.query("select sum(likes) as likes from dataset where id > '1'")
    assert answer.read_all().to_pylist() == [{"likes": 2}]
    with pytest.raises(DatasetError, match="it is not a query"):
        posts.query("delete from dataset")
