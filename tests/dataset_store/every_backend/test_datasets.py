"""Datasets are made, found, listed and removed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from support.stored_posts import POSTS, stored, table

from dataset_store import (
    DatasetError,
    DatasetExistsError,
    DatasetNotFoundError,
    DatasetSpec,
    DatasetStore,
    SchemaConflictError,
    dataset_id,
    writeback_id,
)
from dataset_store.schema import is_json_text

if TYPE_CHECKING:
    from dataset_store import Dataset


def test_a_new_dataset_is_empty_and_knows_what_it_was_made_of(
    store: DatasetStore, posts: Dataset
) -> None:
    info = posts.info()

    assert posts.id == info.id
    assert (info.name, info.description, info.keys, info.rows) == (
        "posts",
        "What was said",
        ("id",),
        0,
    )
    assert posts.schema == POSTS
    assert info.created_at is not None
    assert abs((datetime.now(UTC) - info.created_at).total_seconds()) < 60
    assert [listed.id for listed in store.list()] == [posts.id]
    assert list(posts.read()) == [] or stored(posts) == []


@pytest.mark.needs("typed_text")
def test_a_dataset_knows_which_text_is_json(posts: Dataset) -> None:
    assert is_json_text(posts.schema.field("entities"))
    assert not is_json_text(posts.schema.field("id"))


@pytest.mark.parametrize(
    "reference",
    [
        "posts",
        "{id}",
        "{upper}",
        "https://acme.domo.com/datasources/{id}/details/overview",
    ],
    ids=["name", "guid", "upper-case guid", "url"],
)
def test_a_dataset_is_found_by(reference: str, store: DatasetStore, posts: Dataset) -> None:
    given = reference.format(id=posts.id, upper=posts.id.upper())
    assert store.open(given).id == posts.id


def test_a_name_may_look_like_a_guid(store: DatasetStore) -> None:
    name = f"copy of {dataset_id('elsewhere')}"
    made = store.create(DatasetSpec(name, POSTS))

    assert store.open(name).id == made.id


def test_an_unknown_name_is_answered_with_close_ones(store: DatasetStore, posts: Dataset) -> None:
    with pytest.raises(DatasetNotFoundError, match="did you mean 'posts'"):
        store.open("post")


def test_a_name_that_two_datasets_bear_is_answered_with_their_ids(store: DatasetStore) -> None:
    wanted = [writeback_id("users_lookup", str(number)) for number in range(2)]
    ids = [store.create(DatasetSpec("users", POSTS, id=each)).id for each in wanted]

    with pytest.raises(DatasetNotFoundError) as caught:
        store.open("users")
    assert all(each in str(caught.value) for each in ids)


@pytest.mark.parametrize("reference", ["", "nothing", dataset_id("nothing"), "../posts"])
def test_what_is_not_there_is_not_found(
    reference: str, store: DatasetStore, posts: Dataset
) -> None:
    assert store.find(reference) is None
    with pytest.raises(DatasetNotFoundError):
        store.open(reference)
    with pytest.raises(DatasetNotFoundError):
        store.remove(reference)


@pytest.mark.needs("chosen_ids")
def test_a_guid_can_be_chosen_and_is_taken_once(store: DatasetStore) -> None:
    chosen = writeback_id("users_lookup", dataset_id("input"))
    made = store.create(DatasetSpec("users", POSTS, id=chosen.upper()))

    assert made.id == chosen
    with pytest.raises(DatasetExistsError, match=chosen):
        store.create(DatasetSpec("other", POSTS, id=chosen))


def test_datasets_are_listed_by_name(store: DatasetStore) -> None:
    for name in ("b", "C", "a"):
        store.create(DatasetSpec(name, POSTS))

    assert [info.name for info in store.list()] == ["a", "b", "C"]


def test_a_removed_dataset_is_gone_and_can_be_made_again(
    store: DatasetStore, posts: Dataset
) -> None:
    posts.append(table({"id": "1"}))
    store.remove(posts.id)

    assert store.find(posts.id) is None
    assert list(store.list()) == []
    assert store.create(DatasetSpec("posts", POSTS)).info().rows == 0


@pytest.mark.parametrize(
    "names",
    [["id", "ID"], ["id", "id"], [""], ["a`b"], []],
    ids=["case", "twice", "empty", "backtick", "none"],
)
def test_column_names_that_no_backend_can_hold_are_refused(
    names: list[str], store: DatasetStore
) -> None:
    with pytest.raises(SchemaConflictError):
        store.create(DatasetSpec("bad", pa.schema([(name, pa.string()) for name in names])))
    assert store.find(dataset_id("bad")) is None


def test_a_guid_must_be_one(store: DatasetStore) -> None:
    with pytest.raises(DatasetError, match="a GUID"):
        store.create(DatasetSpec("bad", POSTS, id="../elsewhere"))


@pytest.mark.parametrize("name", ["", " "])
def test_a_dataset_needs_a_name(name: str, store: DatasetStore) -> None:
    with pytest.raises(DatasetError, match="needs a name"):
        store.create(DatasetSpec(name, POSTS))
