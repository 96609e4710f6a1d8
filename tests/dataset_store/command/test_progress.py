"""The totals that long commands know, and what they count of them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from support.dataset_command import succeeded
from support.report_store import filled

from dataset_store import commands, open_store
from dataset_store.base import DatasetSpec
from dataset_store.progress import Lines, Task, Tracker
from dataset_store.progress.tracking import _utc_now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = pa.table({"id": pa.array(["1", "2", "3"])})


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """The tasks of a command, as they are at its end."""
    shown: list[Task] = []

    @contextmanager
    def progress(name: str, *_: object, **__: object) -> Iterator[Tracker]:
        shown.append(Task(name, _utc_now()))
        yield Tracker(shown[-1], Lines(print, _utc_now()))

    monkeypatch.setattr(commands, "_progress", progress)
    return shown


def seen(tasks: list[Task]) -> list[tuple[Any, ...]]:
    return [(task.name, task.done, task.total, task.unit) for task in tasks]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two datasets; the first has ten files."""
    for name, files in (("posts", 10), ("people", 2)):
        dataset = open_store(str(tmp_path / "store")).create(DatasetSpec(name, ROWS.schema))
        for _ in range(files):
            dataset.append(ROWS)
    return tmp_path / "store"


def test_compact_counts_the_rows_of_the_files_that_it_joins(store: Path, tasks: list[Task]) -> None:
    succeeded("compact", "posts", "--store", str(store))
    succeeded("compact", "posts", "--store", str(store))
    assert seen(tasks) == [("compact", 30, 30, "rows"), ("compact", 0, None, "rows")]


def test_compact_expects_no_rows_of_groups_that_vectors_delete_whole(
    tmp_path: Path, tasks: list[Task]
) -> None:
    group = 131_072
    rows = pa.table({"id": pa.array(range(5 * group))})
    store = open_store(str(tmp_path / "store"), {"deletion_vectors": True})
    dataset = store.create(DatasetSpec("posts", rows.schema))
    dataset.append(rows)
    dataset.upsert(rows.slice(0, group), ["id"])
    succeeded("compact", "posts", "--store", str(tmp_path / "store"))
    assert seen(tasks) == [("compact", 5 * group, 5 * group, "rows")]


def test_a_duckdb_file_counts_the_rows_of_all_datasets(
    store: Path, tasks: list[Task], tmp_path: Path
) -> None:
    pytest.importorskip("duckdb")
    succeeded("export", "--duckdb", str(tmp_path / "all.duckdb"), "--store", str(store))
    assert seen(tasks) == [("export", 36, 36, "rows")]


def test_a_report_counts_its_figures(tmp_path: Path, tasks: list[Task]) -> None:
    filled(tmp_path / "store")
    page = tmp_path / "report.html"
    succeeded("report", str(page), "--store", str(tmp_path / "store"))
    drawn = page.read_text("utf-8").count("<figcaption ")
    assert seen(tasks) == [("report", drawn, drawn, "figures")]
