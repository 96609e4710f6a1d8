"""Joined files, checkpoints, deleted files: what they do, and that nobody is hurt by them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from dataset_store import DatasetError, DatasetSpec, StoreError, open_store
from dataset_store.base import Dataset
from dataset_store.delta import Upkeep

if TYPE_CHECKING:
    from pathlib import Path

    from dataset_store import DatasetStore

SCHEMA = pa.schema([("id", pa.string()), ("n", pa.int64())])


def made(folder: Path, **options: object) -> DatasetStore:
    store = open_store(str(folder), options)
    store.create(DatasetSpec("posts", SCHEMA, keys=("id",)))
    return store


def append_each(store: DatasetStore, numbers: range) -> None:
    """As short runs do: one commit by each."""
    for number in numbers:
        store.open("posts").append(pa.table({"id": [str(number)], "n": [number]}))


def numbers(dataset: Dataset) -> list[int]:
    return sorted(n for batch in dataset.read(["n"]) for n in batch["n"].to_pylist())


def live(store: DatasetStore, folder: Path) -> int:
    return len(DeltaTable(folder / store.open("posts").id).file_uris())


@pytest.mark.parametrize(("every", "most"), [(5, 5), (1, 1), (0, 23)])
def test_commits_of_short_runs_are_joined_as_often_as_set(
    every: int, most: int, tmp_path: Path
) -> None:
    store = made(tmp_path, compact_after_commits=every)
    append_each(store, range(11))
    reader = store.open("posts")
    append_each(store, range(11, 23))

    assert live(store, tmp_path) <= most
    assert (live(store, tmp_path) == 23) == (every == 0)
    assert numbers(reader) == list(range(11))
    assert numbers(store.open("posts")) == list(range(23))


@pytest.mark.parametrize(
    ("every", "before", "after", "due"),
    [
        (32, 30, 31, False),
        (32, 31, 32, True),
        (32, 30, 34, True),
        (32, 32, 32, False),
        (1, 5, 6, True),
        (0, 31, 32, False),
    ],
)
def test_the_version_says_when_upkeep_is_due(
    every: int, before: int, after: int, due: bool
) -> None:
    assert Upkeep(compact_after_commits=every).is_due(before, after) is due


def test_files_that_are_a_fair_share_of_the_table_are_left_alone(tmp_path: Path) -> None:
    store = made(tmp_path, compact_after_commits=4)
    noise = [os.urandom(750).hex() for _ in range(1500)]
    for number in range(4):
        rows = pa.table({"id": [f"{number}{text}" for text in noise], "n": [0] * len(noise)})
        store.open("posts").append(rows)
    append_each(store, range(8))

    sizes = DeltaTable(tmp_path / store.open("posts").id).get_add_actions()["size_bytes"]
    large = [size for size in sizes.to_pylist() if size > 1 << 20]
    assert len(large) == 4
    assert len(sizes) < 4 + 8


def test_compacting_joins_all_and_sums_up_the_log(tmp_path: Path) -> None:
    store = made(tmp_path)
    append_each(store, range(10))
    dataset = store.open("posts")

    assert dataset.compact() == 9
    assert dataset.compact() == 0
    assert live(store, tmp_path) == 1
    assert numbers(dataset) == numbers(store.open("posts")) == list(range(10))
    assert len(list(tmp_path.glob(f"*/_delta_log/{dataset.version:0>20}.checkpoint.parquet"))) == 1


def test_a_log_older_than_its_retention_is_cleared_and_late_writers_go_on(tmp_path: Path) -> None:
    store = made(tmp_path, retain_hours=1)
    append_each(store, range(5))
    late = store.open("posts")
    append_each(store, range(5, 10))
    for entry in tmp_path.glob("*/_delta_log/*.json"):
        os.utime(entry, (0, 0))
    store.open("posts").compact()

    assert len(list(tmp_path.glob("*/_delta_log/*.json"))) <= 2
    assert numbers(late) == list(range(5))
    late.append(pa.table({"id": ["10"], "n": [10]}))
    assert numbers(late) == numbers(store.open("posts")) == list(range(11))


def test_a_checkpoint_is_written_as_often_as_set(tmp_path: Path) -> None:
    store = made(tmp_path, checkpoint_after_commits=4)
    append_each(store, range(9))

    assert len(list(tmp_path.glob("*/_delta_log/*.checkpoint.parquet"))) == 2


def test_other_programs_are_told_how_long_to_keep_old_files(tmp_path: Path) -> None:
    store = made(tmp_path, retain_hours="5", checkpoint_after_commits=7)

    assert DeltaTable(tmp_path / store.open("posts").id).metadata().configuration == {
        "dataset.keys": '["id"]',
        "dataset.labels": "{}",
        "delta.checkpointInterval": "7",
        "delta.deletedFileRetentionDuration": "interval 5 hours",
        "delta.logRetentionDuration": "interval 5 hours",
        "delta.targetFileSize": str(100 << 20),
    }


def test_old_versions_stay_readable_for_the_hours_granted(tmp_path: Path) -> None:
    store = made(tmp_path)
    append_each(store, range(3))
    old, older = store.open("posts"), store.open("posts")
    dataset = store.open("posts")
    dataset.compact()

    assert [dataset.vacuum(), dataset.vacuum(1)] == [0, 0]
    assert numbers(old) == [0, 1, 2]
    assert dataset.vacuum(0) == 3
    with pytest.raises(DatasetError, match="deleted as old during a long read, run again"):
        numbers(older)
    assert numbers(store.open("posts")) == [0, 1, 2]


def test_a_deletion_of_old_files_is_no_commit_and_counts_each_file_once(tmp_path: Path) -> None:
    store = made(tmp_path)
    append_each(store, range(3))
    dataset = store.open("posts")
    dataset.compact()
    version = dataset.version
    assert [dataset.vacuum(0), dataset.vacuum(0)] == [3, 0]
    assert store.open("posts").version == version


@pytest.mark.parametrize("how", ["command", "by itself"])
def test_what_a_killed_writer_left_is_deleted_once_it_is_old(how: str, tmp_path: Path) -> None:
    store = made(tmp_path, compact_after_commits=2, retain_hours=2)
    folder = tmp_path / store.open("posts").id
    for name, age_hours in (("fresh", 1), ("old", 3)):
        (folder / f"part-{name}.parquet").touch()
        moment = folder.stat().st_mtime - age_hours * 3600
        os.utime(folder / f"part-{name}.parquet", (moment, moment))
    if how == "command":
        store.open("posts").vacuum()
    else:
        append_each(store, range(2))

    left = {path.name for path in folder.glob("part-*.parquet")}
    assert "part-fresh.parquet" in left
    assert "part-old.parquet" not in left


def test_a_write_succeeds_where_tidying_up_after_it_cannot(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = made(tmp_path, compact_after_commits=3)
    append_each(store, range(2))
    next(tmp_path.glob("*/part-*.parquet")).write_bytes(b"damaged")
    append_each(store, range(2, 3))

    assert store.open("posts").info().rows == 3
    (record,) = caplog.records
    assert "rows are written" in record.getMessage()


def test_a_store_without_files_says_so(tmp_path: Path) -> None:
    dataset = made(tmp_path).open("posts")
    for refused in (Dataset.compact, Dataset.vacuum):
        with pytest.raises(StoreError, match="maintains its datasets itself"):
            refused(dataset)
