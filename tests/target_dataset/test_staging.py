"""A disk that fills while rows wait to replace others: one line, and every dataset as it was."""

from __future__ import annotations

import os
import resource
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from singer_messages import read

from dataset_store import Dataset, DatasetSpec, SchemaConflictError, open_store
from singer_plugin import UserError
from target_dataset.staging import Staging

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
