"""Which files a change of stored rows writes again, and what stands in them."""

from __future__ import annotations

import errno
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from support.stored_posts import POSTS, stored, table

from dataset_store import (
    Below,
    DatasetError,
    DatasetSpec,
    SchemaConflictError,
    StoreError,
    dataset_id,
    open_store,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dataset_store import Dataset, DatasetStore

SCHEMA = pa.schema([("a", pa.string()), ("b", pa.int64()), ("value", pa.int64())])
GUID = dataset_id("rows")


def keyed(*keys: str, value: int = 0) -> pa.Table:
    return pa.Table.from_pylist([{"a": key, "value": value} for key in keys], SCHEMA)


@pytest.fixture
def store(tmp_path: Path) -> DatasetStore:
    return open_store(str(tmp_path), {"compact_after_commits": 0})


@pytest.fixture
def dataset(store: DatasetStore) -> Dataset:
    """Four files, whose keys follow each other."""
    made = store.create(DatasetSpec("rows", SCHEMA))
    for start in range(0, 400, 100):
        made.append(keyed(*(f"{number:04}" for number in range(start, start + 100))))
    return made


def files(folder: Path) -> set[Path]:
    found = DeltaTable(folder / GUID).file_uris()
    return {folder / GUID / uri.rsplit("/", 1)[1] for uri in found}


def test_an_upsert_of_recent_keys_leaves_old_files_alone(tmp_path: Path, dataset: Dataset) -> None:
    before = files(tmp_path)
    dataset.upsert(keyed("0350", "0450", value=1), ["a"])

    # the new file holds the rows of the one file touched, and those inserted
    (new,) = files(tmp_path) - before
    assert len(before - files(tmp_path)) == 1
    assert pq.read_metadata(new).num_rows == 101
    assert dataset.info().rows == 401


def test_keys_far_apart_leave_the_files_between_them_alone(
    tmp_path: Path, dataset: Dataset
) -> None:
    before = files(tmp_path)
    dataset.upsert(keyed("0001", "0399", value=1), ["a"])

    assert len(before & files(tmp_path)) == 2
    assert dataset.info().rows == 400


CHANGES: dict[str, Callable[[Dataset], object]] = {
    "upsert of new keys": lambda dataset: dataset.upsert(keyed("0150x"), ["a"]),
    "delete of nothing": lambda dataset: dataset.delete(Below("a", "0000")),
    "mark of nothing": lambda dataset: dataset.mark(Below("a", "0000"), "b", 1),
    "mark of what is marked": lambda dataset: dataset.mark(Below("a", "5"), "value", 1),
}


@pytest.mark.parametrize("change", list(CHANGES.values()), ids=list(CHANGES))
def test_files_without_such_rows_are_left_alone(
    change: Callable[[Dataset], object], tmp_path: Path, dataset: Dataset
) -> None:
    before = files(tmp_path)
    change(dataset)

    assert before <= files(tmp_path)


def test_files_of_which_nothing_is_left_have_no_successor(tmp_path: Path, dataset: Dataset) -> None:
    before = files(tmp_path)
    dataset.delete(Below("a", "0250"))

    assert len(files(tmp_path)) == 2
    assert len(files(tmp_path) & before) == 1
    assert dataset.info().rows == 150


def test_a_lost_file_is_told_and_nothing_is_left_of_the_attempt(
    tmp_path: Path, dataset: Dataset
) -> None:
    lost = max(files(tmp_path))
    lost.unlink()
    left = set((tmp_path / GUID).glob("*.parquet"))

    with pytest.raises(DatasetError, match=rf"{GUID}.*data files? (is|are) missing"):
        dataset.upsert(keyed("0001", "0101", "0201", "0301"), ["a"])
    assert set((tmp_path / GUID).glob("*.parquet")) == left


def test_a_damaged_file_is_told_without_its_values(tmp_path: Path, dataset: Dataset) -> None:
    for damaged in files(tmp_path):
        damaged.write_bytes(b"secret" + damaged.read_bytes()[:-40] + b"secret" * 10)

    with pytest.raises(DatasetError, match=GUID) as caught:
        dataset.upsert(keyed("0001"), ["a"])
    assert "secret" not in str(caught.value)


def test_a_full_disk_leaves_the_old_rows_and_no_file(
    tmp_path: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(tmp_path)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(StoreError, match="No space left on device; free space"):
        dataset.upsert(keyed("0001", "0101", "0201", "0301"), ["a"])
    assert set((tmp_path / GUID).glob("*.parquet")) == before
    assert dataset.info().rows == 400


VIEWS: dict[str, Callable[[Dataset], object]] = {
    "append": lambda dataset: dataset.append(table({"id": "9"})),
    "upsert": lambda dataset: dataset.upsert(table({"id": "1", "likes": 5}), ["id"]),
    "delete": lambda dataset: dataset.delete(Below("likes", 2)),
    "mark": lambda dataset: dataset.mark(Below("likes", 9), "entities", "[1]"),
    "compact": lambda dataset: dataset.compact(),
    "evolve": lambda dataset: dataset.evolve(pa.schema([("likes", pa.float64())])),
    "overwrite": lambda dataset: dataset.overwrite(table({"id": "9"}).to_reader()),
}


@pytest.mark.parametrize("change", list(VIEWS.values()), ids=list(VIEWS))
def test_files_tell_the_types_that_every_reader_knows(
    change: Callable[[Dataset], object], tmp_path: Path, store: DatasetStore
) -> None:
    dataset = store.create(DatasetSpec("rows", POSTS, keys=("id",)))
    dataset.append(table({"id": "1", "likes": 1}, {"id": "2", "likes": 2}))
    change(dataset)

    assert {type_of(file, "id") for file in files(tmp_path)} == {pa.string()}
    assert {type_of(file, "entities") for file in files(tmp_path)} == {pa.string()}


def type_of(file: Path, column: str) -> pa.DataType:
    return pq.read_schema(file).field(column).type


def with_views(folder: Path, *rows: dict[str, Any]) -> None:
    """Leave a file as the MERGE of deltalake writes it, which earlier builds used."""
    merge = DeltaTable(folder / GUID).merge(
        table(*rows), "t.id = s.id", source_alias="s", target_alias="t"
    )
    merge.when_not_matched_insert_all().execute()


@pytest.mark.parametrize(
    "change", [VIEWS["compact"], VIEWS["upsert"], VIEWS["mark"]], ids=["compact", "upsert", "mark"]
)
def test_files_of_earlier_builds_become_readable_for_all(
    change: Callable[[Dataset], object], tmp_path: Path, store: DatasetStore
) -> None:
    store.create(DatasetSpec("rows", POSTS, keys=("id",)))
    with_views(tmp_path, {"id": "1", "likes": 1, "entities": "{}"}, {"id": "2", "likes": 2})
    assert {type_of(file, "id") for file in files(tmp_path)} == {pa.string_view()}
    dataset = store.open("rows")
    change(dataset)

    assert {type_of(file, "id") for file in files(tmp_path)} == {pa.string()}
    assert [row[0] for row in stored(dataset, "id")] == ["1", "2"]
    assert dataset.compact() == 0


def test_a_compaction_changes_no_rows(tmp_path: Path, store: DatasetStore) -> None:
    dataset = store.create(DatasetSpec("rows", POSTS, keys=("id",)))
    with_views(tmp_path, {"id": "1"}, {"id": "2"})
    dataset.compact()

    (log,) = (tmp_path / GUID / "_delta_log").glob(f"{2:020}.json")
    assert '"dataChange":true' not in log.read_text()
    assert dataset.versions()[0].operation == "OPTIMIZE"


def test_versions_tell_what_was_done(dataset: Dataset) -> None:
    dataset.upsert(keyed("0001", "9"), ["a"])
    dataset.mark(Below("a", "0002"), "b", 1)
    dataset.delete(Below("a", "0002"))

    assert [(one.operation, one.rows_written) for one in dataset.versions(4)] == [
        ("DELETE", None),
        ("UPDATE", None),
        ("UPSERT", 2),
        ("WRITE", 100),
    ]


FOREIGN: dict[str, dict[str, Any]] = {
    "plain": {},
    "partitioned": {"partition_by": ["part"]},
    "change feed": {"configuration": {"delta.enableChangeDataFeed": "true"}},
}


@pytest.mark.parametrize("made", list(FOREIGN.values()), ids=list(FOREIGN))
def test_a_table_of_another_program_is_changed_by_its_own_rules(
    made: dict[str, Any], tmp_path: Path, store: DatasetStore
) -> None:
    rows = pa.table({"id": ["1", "2", "3"], "part": ["a", "b", None], "n": [1, 2, 3]})
    write_deltalake(str(tmp_path / GUID), rows, **made)
    dataset = store.open(GUID)
    dataset.upsert(pa.table({"id": ["2", "4"], "part": ["a", "ü/ &"], "n": [20, 4]}), ["id"])
    dataset.append(pa.table({"id": ["5"], "part": ["b"], "n": [5]}))
    dataset.mark(Below("n", 2), "part", "a")
    dataset.delete(Below("n", 4))

    assert stored(dataset) == [("2", "a", 20), ("4", "ü/ &", 4), ("5", "b", 5)]
    metadata = DeltaTable(tmp_path / GUID).metadata()
    assert metadata.partition_columns == made.get("partition_by", [])
    assert metadata.configuration == made.get("configuration", {})
    version = dataset.version
    dataset.delete(Below("n", 0))
    assert dataset.version == version


def test_a_constraint_of_a_table_holds(tmp_path: Path, store: DatasetStore) -> None:
    write_deltalake(str(tmp_path / GUID), pa.table({"n": [1]}))
    DeltaTable(tmp_path / GUID).alter.add_constraint({"positive": "n > 0"})
    dataset = store.open(GUID)
    dataset.upsert(pa.table({"n": [1, 2]}), ["n"])
    dataset.append(pa.table({"n": [3]}))

    with pytest.raises(DatasetError):
        dataset.append(pa.table({"n": [-1]}))
    with pytest.raises(DatasetError):
        dataset.upsert(pa.table({"n": [-1]}), ["n"])
    assert stored(dataset) == [(1,), (2,), (3,)]


def test_a_table_that_takes_new_rows_alone_is_told(tmp_path: Path, store: DatasetStore) -> None:
    rules = {"delta.appendOnly": "true"}
    write_deltalake(str(tmp_path / GUID), pa.table({"n": [1]}), configuration=rules)
    dataset = store.open(GUID)
    dataset.append(pa.table({"n": [2]}))

    with pytest.raises(DatasetError, match=r"delta\.appendOnly"):
        dataset.upsert(pa.table({"n": [1]}), ["n"])
    with pytest.raises(DatasetError, match=r"delta\.appendOnly"):
        dataset.delete(Below("n", 2))
    assert stored(dataset) == [(1,), (2,)]


@pytest.mark.parametrize("columns", [{"id": [None]}, {"n": [1]}], ids=["null", "absent"])
def test_a_column_that_may_not_be_null_is_told(
    columns: dict[str, Any], tmp_path: Path, store: DatasetStore
) -> None:
    schema = pa.schema([pa.field("id", pa.string(), nullable=False), ("n", pa.int64())])
    write_deltalake(str(tmp_path / GUID), pa.table({"id": ["1"], "n": [1]}, schema=schema))
    dataset = store.open(GUID)
    rows = pa.table(columns)

    with pytest.raises(SchemaConflictError, match="'id' may not be null"):
        dataset.append(rows)
    with pytest.raises(SchemaConflictError, match="'id' may not be null"):
        dataset.upsert(rows, ["id"])
    assert stored(dataset) == [("1", 1)]


MEASURE = """
import sys
import pyarrow as pa
from dataset_store import open_store

def peak_mb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024

dataset = open_store(sys.argv[1]).open("rows")
before = peak_mb()
keys = [f"{n:09}" for n in range(0, 60_000, 200)]
dataset.upsert(pa.table({"a": keys, "value": [2] * len(keys)}), ["a"])
print(peak_mb() - before)
"""


def test_an_upsert_takes_little_memory_whatever_it_touches(
    tmp_path: Path, store: DatasetStore
) -> None:
    schema = pa.schema([*SCHEMA, ("text", pa.string())])
    dataset = store.create(DatasetSpec("rows", schema))
    for start in range(0, 60_000, 10_000):
        keys = [f"{n:09}" for n in range(start, start + 10_000)]
        columns = {"a": keys, "value": [1] * len(keys), "text": [f"{key:0>5000}" for key in keys]}
        dataset.append(pa.table(columns))
    dataset.compact()
    (held,) = files(tmp_path)
    command = [sys.executable, "-c", MEASURE, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)

    assert done.stderr == ""
    assert held not in files(tmp_path)
    # the rows take 300 MB
    assert int(done.stdout) < 280
    rows = pa.concat_tables(pa.table(batch) for batch in dataset.read(["value"]))
    assert rows.num_rows == 60_000
