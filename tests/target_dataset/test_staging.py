"""A disk that fills while rows wait to replace others: one line, and every dataset as it was."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from support.processes import Popen
from support.singer_messages import read

from dataset_store import Dataset, DatasetSpec, SchemaConflictError, open_store
from singer_plugin import UserError
from target_dataset.staging import Staging

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dataset_store import DatasetStore

OLD = pa.table({"id": ["old"]})


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As if the disk were full where a file has come to this many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which rows wait."""
    folder = tmp_path / "waiting"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def store(tmp_path: Path) -> DatasetStore:
    return open_store(str(tmp_path / "datasets"))


def made(store: DatasetStore, name: str) -> Dataset:
    dataset = store.create(DatasetSpec(name, OLD.schema))
    dataset.append(OLD)
    return dataset


def noise(size: int) -> pa.Table:
    return pa.table({"id": [os.urandom(size).hex()]})


def test_a_disk_that_fills_with_the_last_bytes_leaves_every_dataset_as_it_was(
    store: DatasetStore, waiting: Path
) -> None:
    datasets = [made(store, "a"), made(store, "b")]
    staging = Staging()
    staging.add(datasets[0], noise(1_000))
    staging.add(datasets[1], noise(500_000))
    longest = max(path.stat().st_size for path in waiting.rglob("*"))
    with (
        files_of_at_most(longest),
        pytest.raises(UserError, match=rf"Dataset {datasets[1].id}: .*TMPDIR"),
    ):
        staging.commit()
    assert [read(store.open(name)) for name in "ab"] == [[{"id": "old"}]] * 2


@pytest.mark.parametrize(
    ("first", "second"), [("1", 1), (2**60 + 1, 0.5)], ids=["types", "a value"]
)
def test_columns_that_disagree_leave_every_dataset_as_it_was(
    first: object, second: object, store: DatasetStore, waiting: Path
) -> None:
    datasets = [made(store, "a"), made(store, "b")]
    staging = Staging()
    staging.add(datasets[0], noise(10))
    for value in (first, second):
        staging.add(datasets[1], pa.table({"id": [value]}))
    with pytest.raises(SchemaConflictError, match=rf"^Dataset {datasets[1].id}: Column 'id'"):
        staging.commit()
    assert [read(store.open(name)) for name in "ab"] == [[{"id": "old"}]] * 2


HOLD = """
import time
from dataset_store.waiting_rows import WaitingFolder
folder = WaitingFolder()
(folder.path / "rows").write_text("rows")
print(folder.path, flush=True)
time.sleep(60)
"""


def holder(waiting: Path) -> tuple[subprocess.Popen[str], Path]:
    """A run in another process whose rows wait, and the folder where they do."""
    process = Popen(
        [sys.executable, "-c", HOLD],
        env={**os.environ, "TMPDIR": str(waiting)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    return process, Path(process.stdout.readline().strip())


def test_what_a_killed_run_left_is_removed_by_the_next_but_nothing_of_a_live_one(
    waiting: Path,
) -> None:
    other = waiting / "target-dataset-of-another-program"
    other.mkdir()
    (waiting / "target-dataset-link").symlink_to(other)
    process, folder = holder(waiting)
    try:
        Staging()
        assert (folder / "rows").exists()
    finally:
        process.kill()
        process.communicate()
    Staging()
    assert sorted(path.name for path in waiting.iterdir()) == ["target-dataset-link", other.name]


def test_nothing_is_left_after_a_run(store: DatasetStore, waiting: Path) -> None:
    staging = Staging()
    staging.add(made(store, "a"), noise(10))
    assert len(list(waiting.iterdir())) == 1
    staging.commit()
    del staging
    assert list(waiting.iterdir()) == []
