"""Rows with known keys are replaced."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from support.stored_posts import ODD_NAMES, by_id, stored, table

from dataset_store import DatasetSpec, DatasetStore, SchemaConflictError
from dataset_store.schema import TIMESTAMP

if TYPE_CHECKING:
    from dataset_store import Dataset


def test_an_upsert_replaces_adds_and_keeps(posts: Dataset) -> None:
    posts.append(table({"id": "1", "likes": 1}, {"id": "2", "likes": 2}))
    posts.upsert(table({"id": "2", "likes": 20}, {"id": "3", "likes": 30}), ["id"])

    assert by_id(posts) == {"1": 1, "2": 20, "3": 30}


@pytest.mark.parametrize("known", [True, False], ids=["known key", "new key"])
def test_of_a_key_given_twice_the_last_row_wins(known: bool, posts: Dataset) -> None:
    if known:
        posts.append(table({"id": "1", "likes": 0}))
    posts.upsert(table({"id": "1", "likes": 1}, {"id": "2"}, {"id": "1", "likes": 2}), ["id"])

    assert by_id(posts) == {"1": 2, "2": None}


@pytest.mark.needs("null_keys")
def test_null_keys_are_equal(posts: Dataset) -> None:
    posts.upsert(table({"id": None, "likes": 1}, {"id": "1", "likes": 1}), ["id"])
    posts.upsert(table({"id": None, "likes": 2}, {"id": "1", "likes": 2}), ["id"])

    assert stored(posts, "id", "likes") == [("1", 2), (None, 2)]


@pytest.mark.needs("null_keys")
def test_a_part_of_a_key_may_be_null(posts: Dataset) -> None:
    keys = ["id", "created_at"]
    for likes in (1, 2):
        posts.upsert(table({"id": "1", "likes": likes}, {"id": "2", "likes": likes}), keys)

    assert by_id(posts) == {"1": 2, "2": 2}


def test_every_column_may_be_a_key(store: DatasetStore) -> None:
    schema = pa.schema([("tweet_id", pa.string()), ("hashtag", pa.string())])
    dataset = store.create(DatasetSpec("tweet_hashtag", schema, keys=("tweet_id", "hashtag")))
    for _ in range(2):
        dataset.upsert(pa.table({"tweet_id": ["1", "1"], "hashtag": ["a", "b"]}), dataset.keys)

    assert stored(dataset) == [("1", "a"), ("1", "b")]


KEYS: list[tuple[str, pa.DataType, list[Any]]] = [
    ("text", pa.string(), ["it's", 'a "b"', "ü\U0001f600", "", "9", "10"]),
    ("long text", pa.string(), ["x" * 100 + "1", "x" * 100 + "2", "\U0010ffff" * 40]),
    ("integer", pa.int64(), [-(2**63), -1, 0, 2**63 - 1]),
    ("boolean", pa.bool_(), [True, False]),
    ("double", pa.float64(), [-1.5, 0.0, 1e300]),
    ("date", pa.date32(), [datetime(1, 1, 1).date(), datetime(2024, 2, 29).date()]),  # noqa: DTZ001
    (
        "timestamp",
        TIMESTAMP,
        [
            datetime(1969, 12, 31, 23, 59, 59, 999999, UTC),
            datetime(2024, 1, 1, tzinfo=UTC),
            datetime(2024, 1, 1, 0, 0, 0, 1, UTC),
        ],
    ),
]


@pytest.mark.parametrize(
    ("data_type", "values"),
    [
        pytest.param(
            *kind,
            id=name,
            marks=() if kind[0] in {pa.string(), pa.int64()} else pytest.mark.needs("null_keys"),
        )
        for name, *kind in KEYS
    ],
)
def test_a_key_may_be_of_type(
    data_type: pa.DataType, values: list[Any], store: DatasetStore
) -> None:
    schema = pa.schema([("key", data_type), ("n", pa.int64())])
    dataset = store.create(DatasetSpec("keyed", schema, keys=("key",)))
    for n in (1, 2):
        dataset.upsert(pa.table({"key": values, "n": [n] * len(values)}, schema=schema), ["key"])

    assert dict(stored(dataset)) == dict.fromkeys(values, 2)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_key_may_be_called(name: str, store: DatasetStore) -> None:
    schema = pa.schema([(name, pa.string()), ("n", pa.int64())])
    dataset = store.create(DatasetSpec("odd", schema, keys=(name,)))
    for n in (1, 2):
        dataset.upsert(pa.table({name: ["1"], "n": [n]}), [name])

    assert stored(dataset, name, "n") == [("1", 2)]
    assert next(dataset.read([name])).column_names == [name]


@pytest.mark.parametrize(
    ("keys", "match"),
    [([], "needs key columns"), (["nope"], "'nope' is not among"), (["tags"], "nested")],
    ids=["none", "unknown", "nested"],
)
@pytest.mark.needs("typed_text")
def test_an_upsert_is_refused_without_usable_keys(
    keys: list[str], match: str, store: DatasetStore
) -> None:
    schema = pa.schema([("id", pa.string()), ("tags", pa.list_(pa.string()))])
    dataset = store.create(DatasetSpec("tagged", schema))

    with pytest.raises(SchemaConflictError, match=match):
        dataset.upsert(pa.table({"id": ["1"], "tags": [["a"]]}), keys)
