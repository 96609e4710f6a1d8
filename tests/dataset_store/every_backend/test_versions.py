"""Commits make versions, each sequence one, whoever writes besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from support.stored_posts import stored, table

from dataset_store import Commit, DatasetStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataset_store import Dataset


@pytest.mark.needs("versions")
@pytest.mark.parametrize("rows", [1, 0], ids=["rows", "no rows"])
@pytest.mark.parametrize("method", ["append", "upsert", "overwrite"])
def test_a_sequence_is_committed_once(
    method: str, rows: int, store: DatasetStore, posts: Dataset
) -> None:
    def write(dataset: Dataset, likes: int, commit: Commit) -> None:
        new = table({"id": str(likes), "likes": likes}).slice(0, rows)
        writes: dict[str, Callable[[], None]] = {
            "append": lambda: dataset.append(new, commit),
            "upsert": lambda: dataset.upsert(new, ["id"], commit),
            "overwrite": lambda: dataset.overwrite(new.to_reader(), commit),
        }
        writes[method]()

    write(posts, 1, Commit("run", 7, {"rows": "1"}))
    version = store.open("posts").version
    for sequence in (6, 7):
        write(store.open("posts"), 2, Commit("run", sequence))
    assert store.open("posts").version == version

    write(posts, 3, Commit("another run", 7))
    write(posts, 4, Commit("run", 8))
    assert store.open("posts").version != version


def test_versions_tell_what_was_committed(posts: Dataset) -> None:
    posts.append(table({"id": "1"}, {"id": "2"}))
    posts.upsert(table({"id": "2"}, {"id": "3"}, {"id": "4"}), ["id"])
    # the making of a dataset may be a version, too
    newest, middle, *_ = posts.versions()

    assert [newest.rows_written, middle.rows_written] == [3, 2]
    assert newest.committed_at >= middle.committed_at
    assert list(posts.versions(limit=1)) == [newest]
    assert posts.info().updated_at == newest.committed_at
    assert posts.info().rows == 4


@pytest.mark.needs("versions")
def test_an_open_dataset_keeps_its_version_while_others_write(
    store: DatasetStore, posts: Dataset
) -> None:
    reader = store.open("posts")
    posts.append(table({"id": "1"}))

    assert stored(reader) == []
    assert stored(store.open("posts"), "id") == [("1",)]


def test_a_late_writer_builds_on_what_others_committed(store: DatasetStore, posts: Dataset) -> None:
    late = store.open("posts")
    posts.evolve(pa.schema([("lang", pa.string())]))
    posts.append(pa.table({"id": ["1"], "lang": ["en"]}))
    late.upsert(table({"id": "1", "likes": 5}, {"id": "2", "likes": 6}), ["id"])

    assert stored(late, "id", "likes", "lang") == [("1", 5, None), ("2", 6, None)]
