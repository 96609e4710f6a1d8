"""Deletion vectors: which rows they delete, what the log says of them, and when they go."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import CommitFailedError
from pyarrow.fs import LocalFileSystem, SubTreeFileSystem
from pyroaring import BitMap64

from dataset_store import Below, DatasetError, DatasetSpec, dataset_id, open_store
from dataset_store.delta.head import Head
from dataset_store.delta.local_folder import LocalFolder
from dataset_store.delta.log import TableLog
from dataset_store.delta.vectors import Vector, VectorFiles, is_in, positions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from dataset_store import Dataset, DatasetStore

SCHEMA = pa.schema([("id", pa.string()), ("n", pa.int64())])
GUID = dataset_id("rows")
OPTIONS = {"compact_after_commits": 0, "deletion_vectors": True}
COUNT = 100


def numbered(numbers: Mapping[str, int | None]) -> pa.Table:
    return pa.table({"id": list(numbers), "n": pa.array(numbers.values(), pa.int64())})


FIRST = {f"{number:03}": number for number in range(COUNT)}


@pytest.fixture
def store(tmp_path: Path) -> DatasetStore:
    return open_store(str(tmp_path), OPTIONS)


@pytest.fixture
def dataset(store: DatasetStore) -> Dataset:
    """One file of a hundred rows."""
    made = store.create(DatasetSpec("rows", SCHEMA, keys=("id",)))
    made.append(numbered(FIRST))
    return made


def found(dataset: Dataset) -> dict[str, int]:
    rows = pa.Table.from_batches(dataset.read(), dataset.schema).to_pylist()
    by_id = {row["id"]: row["n"] for row in rows}
    assert len(by_id) == len(rows) == dataset.info().rows
    return by_id


def files(folder: Path) -> set[str]:
    return {uri.rpartition("/")[2] for uri in DeltaTable(folder / GUID).file_uris()}


def vector_files(folder: Path) -> set[Path]:
    return set((folder / GUID / "_vectors").glob("*"))


def entry(folder: Path, version: int) -> dict[str, list[Any]]:
    """The actions of a log entry, by their names."""
    actions: dict[str, list[Any]] = {}
    for line in (folder / GUID / "_delta_log" / f"{version:020}.json").read_text().splitlines():
        ((name, action),) = json.loads(line).items()
        actions.setdefault(name, []).append(action)
    return actions


def vectors_in_use(folder: Path) -> list[Vector]:
    table = DeltaTable(folder / GUID)
    added = TableLog(LocalFolder(folder).folder(GUID)).files(table.version()).values()
    return [file.deletion_vector for file in added if file.deletion_vector]


# -- the format


def test_the_protocols_examples() -> None:
    inline = "^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L"
    rows = VectorFiles(LocalFileSystem()).read(Vector("i", inline, 44, 6))
    assert list(rows) == [3, 4, 7, 11, 18, 29]
    relative = Vector("u", "ab^-aqEH.-t@S}K{vb[*k^", 40, 6, 4)
    assert relative.path == "ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin"


@pytest.mark.parametrize(
    "rows",
    [[0], [0, 2**32 - 1, 2**32, 2**40], range(0, 300_000, 3), range(70_000)],
    ids=["one", "beyond 32 bits", "many", "a run"],
)
def test_vectors_are_read_as_they_were_written(rows: Any, tmp_path: Path) -> None:
    place = VectorFiles(SubTreeFileSystem(str(tmp_path), LocalFileSystem()))
    written = place.write({"a": BitMap64(rows), "b": BitMap64([7])})

    assert place.read(written["a"]) == BitMap64(rows)
    assert list(place.read(written["b"])) == [7]
    assert written["a"].cardinality == len(rows)
    assert len(list((tmp_path / "_vectors").iterdir())) == 1


def test_rows_become_positions_and_positions_rows() -> None:
    rows = pa.array([True, False, None, True])
    assert list(positions(rows, 2**33)) == [2**33, 2**33 + 3]
    assert is_in(BitMap64([4, 7, 9]), 5, 3) == pa.array([False, False, True])
    assert is_in(BitMap64([4, 8]), 5, 3) is None


# -- changes


def test_an_upsert_leaves_the_file_and_adds_the_rows(tmp_path: Path, dataset: Dataset) -> None:
    (before,) = files(tmp_path)
    dataset.upsert(numbered({"001": -1, "050": -2, "new": -3}), ["id"])

    assert found(dataset) == {**FIRST, "001": -1, "050": -2, "new": -3}
    assert before in files(tmp_path)
    assert len(files(tmp_path)) == 2
    actions = entry(tmp_path, 2)
    (removed,) = actions["remove"]
    (again,) = [added for added in actions["add"] if "deletionVector" in added]
    assert again["path"] == removed["path"] == before
    assert "deletionVector" not in removed
    assert again["deletionVector"]["cardinality"] == 2
    stats = json.loads(again["stats"])
    assert stats["numRecords"] == COUNT
    assert stats["tightBounds"] is False
    assert stats["minValues"] == {"id": "000", "n": 0}
    assert actions["protocol"] == [
        {
            "minReaderVersion": 3,
            "minWriterVersion": 7,
            "readerFeatures": ["deletionVectors"],
            "writerFeatures": ["appendOnly", "deletionVectors", "invariants"],
        }
    ]
    (metadata,) = actions["metaData"]
    assert metadata["configuration"]["delta.enableDeletionVectors"] == "true"
    assert metadata["configuration"]["dataset.keys"] == '["id"]'


def test_a_later_vector_holds_the_earlier_one(tmp_path: Path, dataset: Dataset) -> None:
    dataset.upsert(numbered({"001": -1}), ["id"])
    dataset.delete(Below("n", 3))

    # the row of the upsert is in a file of its own, of which nothing is left
    assert found(dataset) == {key: n for key, n in FIRST.items() if n >= 3}
    (vector,) = vectors_in_use(tmp_path)
    assert vector.cardinality == 3
    assert "protocol" not in entry(tmp_path, 3)
    assert {action.get("deletionVector", {}).get("cardinality") for action in
            entry(tmp_path, 3)["remove"]} == {1, None}  # fmt: skip


def test_a_deleted_row_is_not_found_again(tmp_path: Path, dataset: Dataset) -> None:
    dataset.delete(Below("n", 3))
    version = dataset.version
    dataset.delete(Below("n", 3))
    assert dataset.version == version
    dataset.upsert(numbered({"001": 1}), ["id"])

    assert "remove" not in entry(tmp_path, 3)
    assert found(dataset) == {key: n for key, n in FIRST.items() if n not in {0, 2}}


def test_a_file_is_rewritten_once_a_quarter_of_it_is_deleted(
    tmp_path: Path, dataset: Dataset
) -> None:
    (first,) = files(tmp_path)
    dataset.delete(Below("n", 25))
    assert files(tmp_path) == {first}
    dataset.delete(Below("n", 26))

    assert first not in files(tmp_path)
    assert not vectors_in_use(tmp_path)
    assert found(dataset) == {key: n for key, n in FIRST.items() if n >= 26}


def test_marks_see_no_deleted_rows(tmp_path: Path, store: DatasetStore) -> None:
    schema = pa.schema([*SCHEMA, ("gone", pa.int64())])
    dataset = store.create(DatasetSpec("rows", schema))
    dataset.append(numbered(FIRST))
    dataset.delete(Below("n", 5))
    dataset.mark(Below("n", 7), "gone", 1)

    rows = pa.Table.from_batches(dataset.read(), dataset.schema).to_pylist()
    assert [row["n"] for row in rows if row["gone"]] == [5, 6]
    assert len(rows) == COUNT - 5
    assert not vectors_in_use(tmp_path)


@pytest.mark.parametrize(
    "write",
    [
        lambda dataset: dataset.upsert(numbered({"002": 2}), ["id"]),
        lambda dataset: dataset.append(numbered({})),
        lambda dataset: dataset.compact(),
        lambda dataset: dataset.evolve(pa.schema([("n", pa.float64())])),
        lambda dataset: dataset.evolve(pa.schema([("more", pa.string())])),
        lambda dataset: dataset.rename("other"),
    ],
    ids=["upsert", "append", "compact", "wider type", "new column", "rename"],
)
def test_a_store_without_the_option_respects_vectors(
    write: Callable[[Dataset], object], tmp_path: Path, dataset: Dataset
) -> None:
    dataset.upsert(numbered({"001": -1}), ["id"])
    other = open_store(str(tmp_path)).find(GUID)
    assert other
    write(other)

    assert found(other) == {**FIRST, "001": -1}
    found(open_store(str(tmp_path)).open(GUID))


def test_a_row_is_found_by_its_values_wherever_its_file_is_cut(
    tmp_path: Path, dataset: Dataset
) -> None:
    """Filters and several threads of the engine see the same rows as a plain read."""
    big = {f"{number:06}": number for number in range(300_000)}
    dataset.overwrite(numbered(big).to_reader())
    changed = {f"{number:06}": -number for number in range(1, 300_000, 777)}
    dataset.upsert(numbered(changed), ["id"])

    assert len(vectors_in_use(tmp_path)) == 1
    for threads in ("1", "4"):
        engine = QueryBuilder({"datafusion.execution.target_partitions": threads})
        engine.register("t", dataset.table)  # type: ignore[attr-defined]
        query = "select count(*) n, count(distinct id) ids, sum(n) total from t where n % 777 <> 0"
        (answer,) = pa.table(engine.execute(query).read_all()).to_pylist()
        expected = [n for n in {**big, **changed}.values() if n % 777]
        assert answer == {"n": len(expected), "ids": len(expected), "total": sum(expected)}


# -- other writers


def test_inline_vectors_of_other_programs_are_united(tmp_path: Path, dataset: Dataset) -> None:
    inline = "^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L"
    dataset.upsert(numbered({"050": -1}), ["id"])
    actions = entry(tmp_path, 2)
    (again,) = [added for added in actions["add"] if "deletionVector" in added]
    removed = {key: again[key] for key in ("path", "deletionVector", "dataChange")}
    vector = {"storageType": "i", "pathOrInlineDv": inline, "sizeInBytes": 44, "cardinality": 6}
    removed |= {"deletionTimestamp": again["modificationTime"]}
    lines = [{"remove": removed}, {"add": again | {"deletionVector": vector}}]
    log = tmp_path / GUID / "_delta_log" / f"{3:020}.json"
    log.write_text("\n".join(map(json.dumps, lines)))
    dataset.upsert(numbered({"000": -7}), ["id"])

    gone = {f"{number:03}" for number in (3, 4, 7, 11, 18, 29)}
    rows = {key: n for key, n in FIRST.items() if key not in gone} | {"000": -7}
    # the other program brought the old row back beside the new one
    stored = pa.Table.from_batches(dataset.read(), dataset.schema).to_pylist()
    assert sorted((row["id"], row["n"]) for row in stored) == sorted([*rows.items(), ("050", -1)])


def test_an_entry_is_never_replaced(tmp_path: Path, dataset: Dataset) -> None:
    log = TableLog(LocalFolder(tmp_path).folder(GUID))
    entry = tmp_path / GUID / "_delta_log" / f"{1:020}.json"
    content = entry.read_bytes()
    with pytest.raises(CommitFailedError):
        log.put(1, b"{}")

    assert entry.read_bytes() == content
    assert not list((tmp_path / GUID / "_delta_log").glob("*.tmp"))
    assert found(dataset) == FIRST


def test_an_attempt_that_loses_leaves_nothing(
    tmp_path: Path, dataset: Dataset, store: DatasetStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = Head.commit
    seen: list[set[Path]] = []

    def late(head: Head, *arguments: Any) -> None:
        if not seen:
            seen.append(vector_files(tmp_path))
            store.open("rows").upsert(numbered({"001": -5}), ["id"])
        commit(head, *arguments)

    monkeypatch.setattr(Head, "commit", late)
    dataset.upsert(numbered({"001": -1, "002": -1}), ["id"])

    assert found(dataset) == {**FIRST, "001": -1, "002": -1}
    assert not seen[0] & vector_files(tmp_path)
    assert len(vector_files(tmp_path)) == 2


# -- upkeep


def test_a_compaction_leaves_no_vector(tmp_path: Path, dataset: Dataset) -> None:
    dataset.upsert(numbered({"001": -1}), ["id"])
    dataset.compact()
    assert not vectors_in_use(tmp_path)
    # a file alone is joined with none
    dataset.upsert(numbered({"002": -1}), ["id"])
    dataset.compact()
    dataset.delete(Below("n", 0))
    assert vectors_in_use(tmp_path)
    dataset.compact()

    assert not vectors_in_use(tmp_path)
    assert found(dataset) == {key: n for key, n in FIRST.items() if key not in {"001", "002"}}
    assert {added["dataChange"] for added in entry(tmp_path, int(dataset.version))["add"]} == {
        False
    }


def test_old_vectors_are_deleted_and_those_in_use_are_not(tmp_path: Path, dataset: Dataset) -> None:
    for number in range(3):
        dataset.upsert(numbered({f"{number:03}": -1}), ["id"])
    orphan = tmp_path / GUID / "_vectors" / "deletion_vector_0.bin"
    orphan.touch()
    everything = vector_files(tmp_path)
    assert len(everything) == 4
    dataset.vacuum(1)
    assert vector_files(tmp_path) == everything
    for path in (tmp_path / GUID).rglob("*"):
        os.utime(path, (1e9, 1e9))
    dataset.vacuum(1)

    (vector,) = vectors_in_use(tmp_path)
    assert vector_files(tmp_path) == {tmp_path / GUID / str(vector.path)}
    assert found(dataset) == FIRST | {f"{number:03}": -1 for number in range(3)}


def test_vectors_that_a_recent_version_had_stay(tmp_path: Path, dataset: Dataset) -> None:
    dataset.upsert(numbered({"001": -1}), ["id"])
    for path in vector_files(tmp_path):
        os.utime(path, (1e9, 1e9))
    dataset.upsert(numbered({"002": -1}), ["id"])
    dataset.vacuum(1)

    earlier = DeltaTable(tmp_path / GUID, version=2)
    assert pa.table(earlier.scan()).num_rows == COUNT


def test_vectors_beside_the_data_files_survive(tmp_path: Path, dataset: Dataset) -> None:
    """Other programs keep them there, and the engine's full vacuum deletes them."""
    dataset.upsert(numbered({"001": -1}), ["id"])
    (path,) = vector_files(tmp_path)
    path.rename(tmp_path / GUID / path.name)
    log = tmp_path / GUID / "_delta_log" / f"{2:020}.json"
    log.write_text(log.read_text().replace("_vectors", ""))
    for old in (tmp_path / GUID).rglob("*"):
        os.utime(old, (1e9, 1e9))
    other = open_store(str(tmp_path), OPTIONS).open("rows")
    other.vacuum(1)

    assert found(other) == {**FIRST, "001": -1}


# -- damage


@pytest.mark.parametrize(
    ("hurt", "said"),
    [
        (lambda path: path.unlink(), "one of its data files is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "deletion vectors is damaged"),
        (lambda path: path.write_bytes(b"\x01secret"), "deletion vectors is damaged"),
        (
            lambda path: path.write_bytes(path.read_bytes()[:-5] + b"secre"),
            "deletion vectors is damaged",
        ),
    ],
    ids=["missing", "cut", "replaced", "changed"],
)
def test_a_damaged_vector_is_told(
    hurt: Callable[[Path], object], said: str, tmp_path: Path, dataset: Dataset
) -> None:
    dataset.upsert(numbered({"001": -1}), ["id"])
    (path,) = vector_files(tmp_path)
    hurt(path)

    with pytest.raises(DatasetError, match=f"Dataset {GUID}") as caught:
        dataset.upsert(numbered({"002": -1}), ["id"])
    assert re.search(said, str(caught.value), re.IGNORECASE)
    assert "secre" not in str(caught.value)
    with pytest.raises(DatasetError, match=f"Dataset {GUID}"):
        list(dataset.read())
    assert vector_files(tmp_path) <= {path}


# -- the log


def test_files_are_read_from_checkpoints_and_entries(tmp_path: Path) -> None:
    store = open_store(str(tmp_path), OPTIONS | {"checkpoint_after_commits": 3})
    dataset = store.create(DatasetSpec("rows", SCHEMA))
    dataset.append(numbered(FIRST))
    for number in range(6):
        dataset.upsert(numbered({f"{number:03}": -1}), ["id"])
    for old in (tmp_path / GUID / "_delta_log").glob("*.json"):
        if int(old.stem) <= 5:
            old.unlink()
    log = TableLog(LocalFolder(tmp_path).folder(GUID))

    assert (tmp_path / GUID / "_delta_log" / f"{5:020}.checkpoint.parquet").exists()
    held = log.files(7)
    assert {file.name for file in held.values()} == files(tmp_path)
    assert (
        sum(file.deletion_vector.cardinality for file in held.values() if file.deletion_vector) == 6
    )
    again = store.open("rows")
    again.upsert(numbered({"006": -1}), ["id"])
    assert found(again) == FIRST | {f"{number:03}": -1 for number in range(7)}
