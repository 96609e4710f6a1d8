"""Names and descriptions change; the GUID and the rows stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.stored_posts import by_id, table

from dataset_store import DatasetError, DatasetStore

if TYPE_CHECKING:
    from dataset_store import Dataset


def test_a_dataset_is_renamed_and_found_by_its_guid_as_before(
    store: DatasetStore, posts: Dataset
) -> None:
    posts.append(table({"id": "1", "likes": 2}))
    posts.rename('Ünser\'s "posts"')

    found = store.open('Ünser\'s "posts"')
    assert found.id == posts.id
    assert (found.info().description, found.keys, by_id(found)) == (
        "What was said",
        ("id",),
        {"1": 2},
    )
    assert store.named("posts") == []


def test_a_dataset_is_described_anew(store: DatasetStore, posts: Dataset) -> None:
    posts.describe("Who said it\nand when")
    assert store.open("posts").info().description == "Who said it\nand when"

    posts.describe("")
    assert (store.open("posts").info().description, posts.info().name) == ("", "posts")


def test_the_same_words_again_are_no_commit(posts: Dataset) -> None:
    before = posts.version
    posts.rename("posts")
    posts.describe("What was said")

    assert posts.version == before


def test_a_writer_that_knows_the_old_name_goes_on(store: DatasetStore, posts: Dataset) -> None:
    writer = store.open("posts")
    posts.rename("renamed")
    writer.append(table({"id": "1", "likes": 1}))
    posts.describe("described")
    writer.upsert(table({"id": "1", "likes": 2}), ["id"])

    assert by_id(store.open("renamed")) == {"1": 2}
    assert writer.info().description == "described"


@pytest.mark.parametrize("name", ["", " \t"])
def test_a_blank_name_is_refused(name: str, store: DatasetStore, posts: Dataset) -> None:
    with pytest.raises(DatasetError, match="blank"):
        posts.rename(name)
    assert [info.name for info in store.list()] == ["posts"]
