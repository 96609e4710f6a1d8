"""A change of stored rows that another writer overtakes, at the latest moment there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from dataset_store import Below, Commit, DatasetError, DatasetSpec, dataset_id, open_store
from dataset_store.delta import commits
from dataset_store.delta.head import Head

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dataset_store import Dataset, DatasetStore

SCHEMA = pa.schema([("id", pa.string()), ("n", pa.int64()), ("mark", pa.int64())])
GUID = dataset_id("posts")
Rows = dict[str, tuple[int, int | None]]


def rows(**numbers: int) -> pa.Table:
    return pa.table({"id": list(numbers), "n": list(numbers.values())})


OURS: dict[str, tuple[Callable[[Dataset], object], Callable[[Rows], Rows]]] = {
    "append": (
        lambda dataset: dataset.append(rows(c=3), Commit("ours", 1)),
        lambda found: {**found, "c": (3, None)},
    ),
    "upsert": (
        lambda dataset: dataset.upsert(rows(b=20, c=3), ["id"], Commit("ours", 1)),
        lambda found: {**found, "b": (20, None), "c": (3, None)},
    ),
    "delete": (
        lambda dataset: dataset.delete(Below("n", 2)),
        lambda found: {name: row for name, row in found.items() if row[0] >= 2},
    ),
    "mark": (
        lambda dataset: dataset.mark(Below("n", 3), "mark", 9),
        lambda found: {name: (n, 9 if n < 3 else None) for name, (n, _) in found.items()},
    ),
}
RIVALS: dict[str, tuple[Callable[[Dataset], object], Callable[[Rows], Rows]]] = {
    "append": (
        lambda dataset: dataset.append(rows(d=0)),
        lambda found: {**found, "d": (0, None)},
    ),
    "upsert of the same key": (
        lambda dataset: dataset.upsert(rows(b=1), ["id"]),
        lambda found: {**found, "b": (1, None)},
    ),
    "upsert of another key": (
        lambda dataset: dataset.upsert(rows(a=5), ["id"]),
        lambda found: {**found, "a": (5, None)},
    ),
    "delete": (
        lambda dataset: dataset.delete(Below("n", 2)),
        lambda found: {name: row for name, row in found.items() if row[0] >= 2},
    ),
    "compact": (lambda dataset: dataset.compact(), lambda found: found),
    "evolve": (
        lambda dataset: dataset.evolve(pa.schema([("new", pa.int64())])),
        lambda found: found,
    ),
}


OTHERS = "vwxyz"
FILES = [{name: n, **{name + other: 9 for other in OTHERS}} for name, n in (("a", 1), ("b", 2))]
STORED: Rows = {name: (n, None) for file in FILES for name, n in file.items()}


@pytest.fixture(params=[False, True], ids=["copies", "vectors"])
def store(tmp_path: Path, request: pytest.FixtureRequest) -> DatasetStore:
    """A dataset of two files, of which few rows are changed."""
    options = {"compact_after_commits": 0, "deletion_vectors": request.param}
    store = open_store(str(tmp_path), options)
    dataset = store.create(DatasetSpec("posts", SCHEMA, keys=("id",)))
    for file in FILES:
        dataset.append(rows(**file))
    return store


def overtaken(monkeypatch: pytest.MonkeyPatch, rival: Callable[[], object], times: int) -> None:
    """Let another writer commit when our files are written and about to be committed."""
    commit, left = Head.commit, [times]

    def late(head: Head, *arguments: Any) -> None:
        if left[0]:
            left[0] -= 1
            with monkeypatch.context() as undone:
                undone.setattr(Head, "commit", commit)
                rival()
        commit(head, *arguments)

    monkeypatch.setattr(Head, "commit", late)


def found(dataset: Dataset) -> Rows:
    stored = pa.Table.from_batches(dataset.read(), dataset.schema).to_pylist()
    by_id = {row["id"]: (row["n"], row["mark"]) for row in stored}
    assert len(by_id) == len(stored)
    return by_id


@pytest.mark.parametrize("rival", RIVALS)
@pytest.mark.parametrize("ours", OURS)
def test_nothing_is_lost_and_nothing_doubled(
    ours: str, rival: str, tmp_path: Path, store: DatasetStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, effect = OURS[ours]
    other, before = RIVALS[rival]
    overtaken(monkeypatch, lambda: other(store.open("posts")), times=1)
    write(store.open("posts"))

    assert found(store.open("posts")) == effect(before(STORED))
    assert orphans(tmp_path, store) <= replaced(tmp_path)


def test_vectors_were_at_work(store: DatasetStore, tmp_path: Path, request: Any) -> None:
    OURS["upsert"][0](store.open("posts"))

    expected = "vectors" in request.node.callspec.id
    assert bool(list((tmp_path / GUID).glob("_vectors/*"))) == expected


def orphans(folder: Path, store: DatasetStore) -> set[str]:
    """The files that the newest version does not hold."""
    held = {
        uri.rsplit("/", 1)[1] for uri in DeltaTable(folder / store.open("posts").id).file_uris()
    }
    return {path.name for path in (folder / GUID).glob("*.parquet")} - held


def replaced(folder: Path) -> set[str]:
    """The files that some version held; those of an attempt that lost are deleted."""
    table = DeltaTable(folder / GUID)
    return {
        uri.rsplit("/", 1)[1]
        for version in range(table.version() + 1)
        for uri in DeltaTable(folder / GUID, version=version).file_uris()
    }


def test_a_sequence_that_the_rival_committed_is_not_committed_again(
    store: DatasetStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rival() -> None:
        store.open("posts").upsert(rows(b=7), ["id"], Commit("ours", 1))

    overtaken(monkeypatch, rival, times=1)
    store.open("posts").upsert(rows(b=8), ["id"], Commit("ours", 1))

    assert found(store.open("posts"))["b"] == (7, None)


def test_writers_that_are_always_faster_are_told(
    store: DatasetStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commits, "_CONFLICT_SECONDS", 0.5)
    overtaken(monkeypatch, lambda: store.open("posts").append(rows(z=1)), times=10_000)

    with pytest.raises(DatasetError, match="other writers kept changing it"):
        store.open("posts").upsert(rows(b=8), ["id"])
