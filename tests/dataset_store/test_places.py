"""Folders that a store cannot use, and tables that vanish under a run."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from support.dataset_command import IDS
from support.file_modes import UMASKS, masking, mode, too_open

from dataset_store import (
    Dataset,
    DatasetError,
    DatasetNotFoundError,
    DatasetSpec,
    StoreError,
    open_store,
)
from dataset_store.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataset_store import DatasetStore

ROWS = pa.table({"id": ["1", "2"], "v": [1, 2]})
ODD_NAMES = [
    "a b",
    "50%",
    "%zz",
    "a#b",
    "a?b",
    "ä",
    "a+b",
    "{a}",
    "a&b=c",
    "a'b",
    'a"b',
    "a*b",
    "a:b",
]
MISREAD_NAMES = [
    "a%20b",
    "a%2Fb",
    "%ff",
    "[a",
    "a]",
    "a^b",
    "a|b",
    "a\\b",
    "a\nb",
    "a\x7fb",
    os.fsdecode(b"\xff"),
]
COMMANDS = [
    ["import", "ids.csv", "--name", "ids"],
    ["list"],
    ["show", "ids"],
    ["export", "ids", "out.csv"],
    ["sql", "select 1"],
    ["compact", "ids"],
    ["rm", "ids", "--yes"],
]


@pytest.fixture
def store(tmp_path: Path) -> DatasetStore:
    return open_store(str(tmp_path / "store"))


def made(store: DatasetStore) -> Dataset:
    dataset = store.create(DatasetSpec("x", ROWS.schema, ("id",)))
    dataset.append(ROWS)
    return dataset


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_store_may_be_below_folders_of_odd_names(name: str, tmp_path: Path) -> None:
    store = open_store(str(tmp_path / name / "store"))
    dataset = made(store)
    dataset.upsert(ROWS, ["id"])
    dataset.overwrite(ROWS.to_reader())
    dataset.compact()
    assert [
        row for batch in store.open("x").read() for row in batch.to_pylist()
    ] == ROWS.to_pylist()


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
@pytest.mark.parametrize("name", MISREAD_NAMES, ids=ascii)
def test_a_folder_whose_name_the_engine_misreads_is_refused_by_every_command(
    name: str, words: list[str], tmp_path: Path
) -> None:
    (tmp_path / name).mkdir()
    with contextlib.chdir(tmp_path / name):
        Path("ids.csv").write_text(IDS)
        result = CliRunner().invoke(main, words)
        assert list(Path().iterdir()) == [Path("ids.csv")]
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: store: ")
    assert "in its name, which the storage engine misreads; rename that folder" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not {"remove", "delete", "rm"} & set(result.stderr.split())


@pytest.mark.parametrize("address", ["file://{}/a%2520b", "{}/link/store"], ids=["url", "link"])
def test_the_sign_may_hide(address: str, tmp_path: Path) -> None:
    (tmp_path / "a%20b").mkdir()
    (tmp_path / "link").symlink_to("a%20b")
    with pytest.raises(StoreError, match="storage engine"):
        open_store(address.format(tmp_path))


@pytest.mark.parametrize("umask", UMASKS, ids=oct)
@pytest.mark.parametrize(
    ("options", "most"),
    [({}, 0o700), ({"private": True}, 0o700), ({"private": "false"}, 0o777)],
    ids=["default", "private", "shared"],
)
def test_the_mode_of_a_new_store(
    umask: int, options: dict[str, Any], most: int, tmp_path: Path
) -> None:
    with masking(umask):
        made(open_store(str(tmp_path / "new" / "store"), options))
    assert mode(tmp_path / "new" / "store") == most & ~umask
    assert mode(tmp_path / "new") == 0o777 & ~umask


@pytest.mark.parametrize("umask", UMASKS, ids=oct)
@pytest.mark.parametrize("existing", [None, 0o755, 0o750], ids=["new", "755", "750"])
def test_modes_after_each_command(umask: int, existing: int | None, tmp_path: Path) -> None:
    wanted = existing or 0o700
    with contextlib.chdir(tmp_path), masking(umask):
        Path("ids.csv").write_text(IDS)
        if existing:
            Path("datasets").mkdir()
            Path("datasets").chmod(existing)
        for words in COMMANDS:
            result = CliRunner().invoke(main, words)
            assert result.exit_code == 0, (words, result.output)
            assert mode(Path("datasets")) == wanted, words
            assert too_open(Path("datasets"), umask) == {}, words


def remove_data(table: Path) -> None:
    for path in table.glob("*.parquet"):
        path.unlink()


def remove_entries(table: Path) -> None:
    for path in (table / "_delta_log").iterdir():
        path.unlink()


def remove_entry(version: int) -> Callable[[Path], None]:
    return lambda table: (table / "_delta_log" / f"{version:020}.json").unlink()


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "store": (lambda table: shutil.rmtree(table.parent), "its folder was removed during the run"),
    "dataset": (shutil.rmtree, "its folder was removed from"),
    "log": (lambda table: shutil.rmtree(table / "_delta_log"), "_delta_log was removed"),
    "entries": (remove_entries, "_delta_log was removed"),
    "first entry": (remove_entry(0), "lacks the entry of version 0"),
    "last entry": (remove_entry(1), "lacks the entry of version 1"),
    "data": (remove_data, "1 of its 1 data files are missing from"),
}
WRITES: dict[str, Callable[[Dataset], object]] = {
    "append": lambda dataset: dataset.append(ROWS),
    "upsert": lambda dataset: dataset.upsert(ROWS, ["id"]),
    "evolve": lambda dataset: dataset.evolve(pa.schema([("w", pa.string())])),
    "overwrite": lambda dataset: dataset.overwrite(ROWS.to_reader()),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("damage", DAMAGES)
def test_what_vanishes_under_a_run_ends_it_with_the_reason(
    damage: str, write: str, store: DatasetStore, tmp_path: Path
) -> None:
    dataset = made(store)
    remove, reason = DAMAGES[damage]
    remove(tmp_path / "store" / dataset.id)
    if (damage, write) == ("data", "overwrite"):
        WRITES[write](dataset)
        assert store.open("x").info().rows == 2
        return
    with pytest.raises(DatasetError, match=reason) as caught:
        WRITES[write](dataset)
    assert "remove the" not in str(caught.value)
    assert "the engine failed" not in str(caught.value)


@pytest.mark.parametrize("damage", ["log", "entries"])
def test_no_table_is_made_beside_data_whose_log_was_removed(
    damage: str, store: DatasetStore, tmp_path: Path
) -> None:
    dataset = made(store)
    DAMAGES[damage][0](tmp_path / "store" / dataset.id)
    with pytest.raises(DatasetError, match="_delta_log was removed; restore it from a backup"):
        made(store)
    with pytest.raises(DatasetError, match="_delta_log was removed; restore it from a backup"):
        store.open(dataset.id)


def test_entries_before_a_checkpoint_may_go(store: DatasetStore, tmp_path: Path) -> None:
    dataset = made(store)
    dataset.compact()  # it writes a checkpoint
    for version in range(int(dataset.version)):
        remove_entry(version)(tmp_path / "store" / dataset.id)
    dataset.append(ROWS)
    assert store.open("x").info().rows == 4


@pytest.mark.parametrize("gone", ["store", "dataset"])
def test_a_dataset_that_was_removed_is_not_made_anew(
    gone: str, store: DatasetStore, tmp_path: Path
) -> None:
    DAMAGES[gone][0](tmp_path / "store" / made(store).id)
    with pytest.raises(DatasetError, match="its folder was removed"):
        made(store)
    assert list((tmp_path / "store").glob("*")) == []


@pytest.mark.parametrize(
    "used", [made, lambda store: store.check_writable()], ids=["made", "checked"]
)
def test_a_store_that_was_removed_is_not_made_anew(
    used: Callable[[DatasetStore], object], store: DatasetStore, tmp_path: Path
) -> None:
    (tmp_path / "store").mkdir()
    used(store)
    shutil.rmtree(tmp_path / "store")
    with pytest.raises(StoreError, match="its folder was removed during the run"):
        store.create(DatasetSpec("y", ROWS.schema))
    assert not (tmp_path / "store").exists()


def test_a_dataset_that_the_caller_removes_can_be_made_again(store: DatasetStore) -> None:
    store.remove(made(store).id)
    assert made(store).info().rows == 2


def test_a_folder_that_is_no_table_is_not_removed(tmp_path: Path) -> None:
    other = tmp_path / "4405ff58-1957-45f0-82bd-914d989a3ea3"
    other.mkdir()
    (other / "notes.txt").write_text("mine")
    store = open_store(str(tmp_path))
    with pytest.raises(DatasetNotFoundError):
        store.remove(other.name)
    with pytest.raises(DatasetNotFoundError):
        store.open(other.name)
    assert (other / "notes.txt").read_text() == "mine"
