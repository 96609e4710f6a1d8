"""Processes that write, read and tidy up one dataset at the same time."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataset_store import Below, DatasetError, DatasetSpec, open_store
from dataset_store.delta.dataset import DeltaDataset
from dataset_store.delta.local_folder import LocalFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dataset_store import Dataset, DatasetStore

SCHEMA = pa.schema([("id", pa.string()), ("writer", pa.string()), ("n", pa.int32())])
OPTIONS = {"compact_after_commits": 3, "checkpoint_after_commits": 5, "retain_hours": 1}

WORKER = """
import random
import sys
import time
from pathlib import Path
import pyarrow as pa
from dataset_store import Commit, open_store

folder, task, number, rounds, seed = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
chance = random.Random(f"{seed}-{task}-{number}")
# every second series with deletion vectors
store = open_store(folder, {"compact_after_commits": 3, "deletion_vectors": seed % 2 == 0})
stop = Path(folder, "stop")


def rows(ids, n):
    columns = {"id": ids, "writer": [f"{task}{number}"] * len(ids), "n": [n] * len(ids)}
    return pa.table({**columns, "n": pa.array(columns["n"], pa.int32())})


def pause():
    time.sleep(chance.random() * 0.02)


def upsert():
    dataset = store.open("posts")
    for n in range(rounds):
        kept = [f"u{number}-{row}" for row in range(20)]
        dataset.upsert(rows([*kept, f"u{number}-new-{n}"], n), ["id"])
        pause()


def append():
    dataset = store.open("posts")
    for n in range(rounds):
        dataset.append(rows([f"a{number}-{n}-{row}" for row in range(10)], n), Commit(f"a{number}", n))
        pause()


def keep():
    print("ready", flush=True)
    while not stop.exists():
        dataset = store.open("posts")
        dataset.compact()
        dataset.vacuum(1)
        pause()


def read():
    seen = 0
    while not stop.exists():
        dataset = store.open("posts")
        first = check(dataset)
        pause()
        assert check(dataset) == first, "one version, two answers"
        assert len(first) >= seen, "rows vanished"
        seen = len(first)


def check(dataset):
    found = pa.Table.from_batches(dataset.read(batch_rows=50), dataset.schema).to_pylist()
    by_id = {row["id"]: row for row in found}
    assert len(by_id) == len(found), "rows repeated"
    for writer in {row["writer"] for row in found}:
        own = [row for row in found if row["writer"] == writer]
        if writer.startswith("append"):
            assert len(own) % 10 == 0, "half a commit"
        else:
            assert len({row["n"] for row in own if "new" not in row["id"]}) == 1, "half a commit"
    return by_id


globals()[task]()
"""


@pytest.fixture
def store(tmp_path: Path) -> DatasetStore:
    store = open_store(str(tmp_path), OPTIONS)
    store.create(DatasetSpec("posts", SCHEMA, keys=("id",)))
    return store


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    running: list[subprocess.Popen[str]] = []

    def started(task: str, number: int, rounds: int, seed: int) -> subprocess.Popen[str]:
        words = [str(tmp_path), task, str(number), str(rounds), str(seed)]
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield started
    for process in running:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str]) -> tuple[str, int]:
    return process.communicate(timeout=600)[1], process.returncode


@pytest.mark.parametrize(
    ("rounds", "seed"),
    [
        pytest.param(6, 0, id="short"),
        *(
            pytest.param(
                100, seed, id=f"long {seed}", marks=[pytest.mark.torture, pytest.mark.timeout(900)]
            )
            for seed in range(1, 6)
        ),
    ],
)
def test_writers_readers_and_upkeep_work_beside_each_other(
    rounds: int,
    seed: int,
    tmp_path: Path,
    store: DatasetStore,
    start: Callable[..., subprocess.Popen[str]],
) -> None:
    beside = [start(task, 0, rounds, seed) for task in ("read", "keep")]
    writers = [start(*role, rounds, seed) for role in (("upsert", 0), ("upsert", 1), ("append", 0))]
    outcomes = [ended(process) for process in writers]
    (tmp_path / "stop").touch()
    outcomes += [ended(process) for process in beside]

    assert outcomes == [("", 0)] * 5
    expected = {
        **{f"u{k}-{row}": rounds - 1 for k in range(2) for row in range(20)},
        **{f"u{k}-new-{n}": n for k in range(2) for n in range(rounds)},
        **{f"a0-{n}-{row}": n for n in range(rounds) for row in range(10)},
    }
    assert stored(store.open("posts")) == expected


def stored(dataset: Dataset) -> dict[str, int | float]:
    rows = pa.Table.from_batches(dataset.read(), dataset.schema).to_pylist()
    found = {row["id"]: row["n"] for row in rows}
    assert len(found) == len(rows)
    return found


def row(name: str, n: int) -> pa.Table:
    return pa.table({"id": [name], "n": pa.array([n], pa.int32())})


RIVALS: dict[str, tuple[Callable[[Dataset], object], dict[str, int]]] = {
    "append": (lambda dataset: dataset.append(row("3", 3)), {"1": 1, "2": 2, "3": 3}),
    "upsert": (lambda dataset: dataset.upsert(row("2", 5), ["id"]), {"1": 1, "2": 5}),
    "delete": (lambda dataset: dataset.delete(Below("n", 2)), {"2": 2}),
    "compact": (lambda dataset: dataset.compact(), {"1": 1, "2": 2}),
}


@pytest.fixture(params=list(RIVALS.values()), ids=list(RIVALS))
def rival(request: pytest.FixtureRequest) -> tuple[Callable[[Dataset], object], dict[str, int]]:
    found: tuple[Callable[[Dataset], object], dict[str, int]] = request.param
    return found


@pytest.fixture
def two_files(store: DatasetStore) -> DatasetStore:
    for number in (1, 2):
        store.open("posts").append(row(str(number), number))
    return store


class Overtaken(DeltaDataset):
    """Lets another writer commit when it begins to read the rows of a rewrite."""

    rival: Callable[[], object] | None = None

    def read(self, columns: object = None, *, batch_rows: int = 65_536) -> Iterator[pa.RecordBatch]:
        rival, self.rival = self.rival, None
        if rival:
            rival()
        return super().read(batch_rows=batch_rows)


def test_a_type_is_widened_for_the_rows_of_a_faster_writer_too(
    two_files: DatasetStore, rival: tuple[Callable[[Dataset], object], dict[str, int]]
) -> None:
    write, expected = rival
    opened = two_files.open("posts")
    assert isinstance(opened, DeltaDataset)
    dataset = Overtaken(opened._folder, opened.table, opened._upkeep)
    dataset.rival = lambda: write(two_files.open("posts"))
    dataset.evolve(pa.schema([("n", pa.float64())]))

    assert stored(two_files.open("posts")) == expected
    for uri in opened.table.file_uris():
        assert pq.read_schema(uri.removeprefix("file://")).field("n").type == pa.float64()


def test_an_overwrite_is_never_mixed_with_the_rows_of_a_faster_writer(
    two_files: DatasetStore, rival: tuple[Callable[[Dataset], object], dict[str, int]]
) -> None:
    write, expected = rival

    def overtaken() -> Iterator[pa.RecordBatch]:
        write(two_files.open("posts"))
        yield from row("9", 9).to_batches()

    rows = pa.RecordBatchReader.from_batches(row("9", 9).schema, overtaken())
    with pytest.raises(DatasetError, match="run again"):
        two_files.open("posts").overwrite(rows)
    assert stored(two_files.open("posts")) == expected


def test_an_append_follows_a_type_that_was_widened_since(two_files: DatasetStore) -> None:
    late = two_files.open("posts")
    two_files.open("posts").evolve(pa.schema([("n", pa.float64())]))
    late.append(row("3", 3))

    assert stored(late) == {"1": 1.0, "2": 2.0, "3": 3.0}


def test_one_compaction_waits_for_another_and_upkeep_for_its_next_turn(
    tmp_path: Path, two_files: DatasetStore, start: Callable[..., subprocess.Popen[str]]
) -> None:
    dataset = two_files.open("posts")
    with LocalFolder(tmp_path).folder(dataset.id).compaction_lock():
        keeper = start("keep", 0, 0, 0)
        assert keeper.stdout is not None
        assert keeper.stdout.readline() == "ready\n"
        dataset.append(row("3", 3))
        time.sleep(0.3)
        assert keeper.poll() is None
        (tmp_path / "stop").touch()
        version = two_files.open("posts").version

    assert ended(keeper) == ("", 0)
    assert version == dataset.version == "3"
    assert stored(two_files.open("posts")) == {"1": 1, "2": 2, "3": 3}
