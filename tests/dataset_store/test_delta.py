"""What holds for Delta Lake tables alone: their folders, damage, other programs, other processes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError

from dataset_store import (
    DatasetError,
    DatasetNotFoundError,
    DatasetSpec,
    StoreError,
    dataset_id,
    open_store,
)
from dataset_store.delta.failures import translated
from dataset_store.schema import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dataset_store import Dataset, DatasetStore

SCHEMA = pa.schema([("id", pa.string()), ("n", pa.int64())])
GUID = dataset_id("posts")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "datasets"


@pytest.fixture
def store(folder: Path) -> DatasetStore:
    return open_store(str(folder))


@pytest.fixture
def posts(store: DatasetStore) -> Dataset:
    return store.create(DatasetSpec("posts", SCHEMA, keys=("id",), description="all of them"))


def numbers(dataset: Dataset) -> dict[str, int]:
    rows = pa.Table.from_batches(dataset.read(), dataset.schema)
    found = dict(zip(rows["id"].to_pylist(), rows["n"].to_pylist(), strict=True))
    assert len(found) == rows.num_rows
    return found


def test_nothing_is_made_before_the_first_dataset(folder: Path, store: DatasetStore) -> None:
    assert store.find(GUID) is None
    assert not folder.exists()
    store.create(DatasetSpec("posts", SCHEMA))
    assert [path.name for path in folder.iterdir()] == [GUID]


@pytest.mark.parametrize("deeper", ["", "/deeper"])
def test_a_file_in_the_place_of_the_store_is_refused(tmp_path: Path, deeper: str) -> None:
    (tmp_path / "file").touch()
    store = open_store(f"{tmp_path}/file{deeper}")

    with pytest.raises(StoreError, match=r"not a folder|Not a directory"):
        store.create(DatasetSpec("posts", SCHEMA))
    with pytest.raises(StoreError, match=r"not a folder|does not exist"):
        list(store.list())


def test_what_a_removal_left_behind_when_it_was_cut_off_is_cleared(
    folder: Path, store: DatasetStore, posts: Dataset
) -> None:
    (folder / f".{posts.id}.removed" / "_delta_log").mkdir(parents=True)
    store.remove(posts.id)

    assert list(folder.iterdir()) == []


def test_other_programs_see_what_the_table_is(folder: Path, posts: Dataset) -> None:
    metadata = DeltaTable(folder / posts.id).metadata()

    assert (metadata.name, metadata.description) == ("posts", "all of them")
    assert metadata.configuration["dataset.keys"] == '["id"]'
    assert DeltaTable(folder / posts.id).protocol().min_reader_version == 1


def test_a_table_of_another_program_is_a_dataset_too(folder: Path, store: DatasetStore) -> None:
    foreign = pa.schema([pa.field("id", pa.string(), nullable=False), pa.field("n", pa.int64())])
    write_deltalake(str(folder / GUID), pa.table({"id": ["1", "2"], "n": [1, 2]}, schema=foreign))
    dataset = store.open(GUID)
    dataset.upsert(pa.table({"id": ["2", "3"], "n": [20, 30]}), ["id"])

    assert numbers(dataset) == {"1": 1, "2": 20, "3": 30}
    assert (dataset.keys, dataset.info().name) == ((), GUID)
    assert [info.rows for info in store.list()] == [3]


def test_what_another_program_said_of_its_columns_stays(folder: Path, store: DatasetStore) -> None:
    foreign = pa.schema(
        [
            pa.field("id", pa.string(), nullable=False, metadata={"comment": "who"}),
            pa.field("at", pa.timestamp("us")),
            pa.field("n", pa.int32()),
        ]
    )
    write_deltalake(str(folder / GUID), foreign.empty_table())
    dataset = store.open(GUID)
    version = dataset.version
    dataset.evolve(pa.schema([("id", pa.string()), ("at", TIMESTAMP), ("n", pa.int16())]))
    assert dataset.version == version

    dataset.evolve(pa.schema([("n", pa.int64())]))
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    dataset.append(pa.table({"id": ["1"], "at": pa.array([moment], TIMESTAMP), "n": [2**40]}))
    assert dataset.schema.field("id").metadata == {b"comment": b"who"}
    assert not dataset.schema.field("id").nullable
    assert next(dataset.read()).to_pylist() == [
        {"id": "1", "at": moment.replace(tzinfo=None), "n": 2**40}
    ]


@pytest.mark.parametrize(
    "other",
    ["notes", f"{GUID[:-1]}x", f".{GUID}.removed", GUID.upper()],
    ids=["name", "no guid", "condemned", "upper case"],
)
def test_other_folders_are_passed_by(other: str, folder: Path, store: DatasetStore) -> None:
    (folder / other / "_delta_log").mkdir(parents=True)

    assert list(store.list()) == []


@pytest.mark.parametrize(
    "left",
    ["", "_delta_log", f"_delta_log/{0:020}.json#1", "_delta_log/_commit_0.json.tmp"],
    ids=["nothing", "log", "half commit", "other half commit"],
)
def test_what_a_creation_left_behind_when_it_was_cut_off_is_no_dataset(
    left: str, folder: Path, store: DatasetStore
) -> None:
    leftover = folder / GUID / left
    (leftover.parent if leftover.suffix else leftover).mkdir(parents=True)
    if leftover.suffix:
        leftover.write_text("{")

    assert store.find(GUID) is None
    assert list(store.list()) == []
    assert store.named("posts") == []
    assert store.create(DatasetSpec("posts", SCHEMA)).id == GUID


def test_what_a_creation_left_behind_when_it_was_cut_off_is_removable(
    folder: Path, store: DatasetStore
) -> None:
    (folder / GUID / "_delta_log").mkdir(parents=True)
    with pytest.raises(DatasetError, match=f"{GUID}.*interrupted.*load its rows again"):
        store.open(GUID)
    store.remove(GUID)

    assert not (folder / GUID).exists()
    with pytest.raises(DatasetNotFoundError, match=GUID):
        store.remove(GUID)


def test_a_table_of_checkpoints_alone_is_a_dataset(folder: Path, posts: Dataset) -> None:
    posts.compact()
    log = folder / posts.id / "_delta_log"
    for commit in log.glob("*.json"):
        commit.unlink()

    assert open_store(str(folder)).open(posts.id).info().name == "posts"


@pytest.mark.parametrize(
    "log", ["", "garbage{", '{"metaData":{"id":'], ids=["empty", "text", "cut"]
)
def test_a_damaged_table_is_told_left_out_and_removable(
    log: str, folder: Path, store: DatasetStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.create(DatasetSpec("fine", SCHEMA))
    (folder / GUID / "_delta_log").mkdir(parents=True)
    (folder / GUID / "_delta_log" / f"{0:020}.json").write_text(log)

    with pytest.raises(DatasetError, match=f"{GUID}.*log is damaged.*restore"):
        store.open(GUID)
    assert [info.name for info in store.list()] == ["fine"]
    assert GUID in caplog.text
    store.remove(GUID)
    assert not (folder / GUID).exists()


def test_a_lost_data_file_is_told(folder: Path, posts: Dataset) -> None:
    posts.append(pa.table({"id": ["1"], "n": [1]}))
    (part,) = (folder / GUID).glob("*.parquet")
    part.unlink()

    with pytest.raises(DatasetError, match=GUID):
        list(posts.read())


def test_a_table_removed_while_open_is_told(store: DatasetStore, posts: Dataset) -> None:
    store.remove(posts.id)

    with pytest.raises(DatasetError, match=GUID):
        posts.append(pa.table({"id": ["1"], "n": [1]}))
    assert store.find(posts.id) is None


FAILURES = [
    (OSError(13, "Permission denied"), StoreError, "Permission denied"),
    (
        OSError("Generic LocalFileSystem error: denied (os error 13)"),
        StoreError,
        "Permission denied",
    ),
    (DeltaError("Unable to write: (os error 28)"), StoreError, "No space left on device; free"),
    (
        pa.ArrowInvalid("Object at location /secret/part-1.parquet not found: (os error 2)"),
        DatasetError,
        "one of its data files is missing",
    ),
    (CommitFailedError("Metadata changed"), DatasetError, "run again"),
    (TableNotFoundError("No files"), DatasetNotFoundError, "no Delta table"),
    (DeltaError("Kernel error: Json error: secret"), DatasetError, "log is damaged"),
    (Exception("Cast error: Cannot cast string 'secret' to Int64"), DatasetError, "Cast error"),
    (pa.ArrowInvalid("Failed to parse 'secret'"), DatasetError, "ArrowInvalid"),
]


@pytest.mark.parametrize(("error", "kind", "said"), FAILURES, ids=[f[2] for f in FAILURES])
def test_an_engine_error_is_told_without_its_data(
    error: Exception, kind: type[DatasetError], said: str
) -> None:
    told = translated(error, "Dataset posts")

    assert type(told) is kind
    assert str(told).startswith("Dataset posts: ")
    assert said in str(told)
    assert "secret" not in str(told)
    assert "\n" not in str(told)


def test_a_dataset_can_be_copied_into_another(store: DatasetStore, posts: Dataset) -> None:
    rows = 30_000
    posts.append(pa.table({"id": list(map(str, range(rows))), "n": list(range(rows))}))
    copy = store.create(DatasetSpec("copy", SCHEMA))
    copy.overwrite(pa.RecordBatchReader.from_batches(SCHEMA, posts.read(batch_rows=1000)))

    assert numbers(copy) == numbers(posts)


WORKER = """
import resource
import sys
import pyarrow as pa
from dataset_store import *

folder, task, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = open_store(folder)
spec = DatasetSpec("posts", pa.schema([("id", pa.string()), ("n", pa.int64())]), keys=("id",))


def opened():
    try:
        return store.create(spec)
    except DatasetExistsError:
        return store.open("posts")


def upsert_disjoint():
    dataset = opened()
    for n in range(5):
        ids = [f"{number}-{n}-{row}" for row in range(50)] + ["shared"]
        dataset.upsert(pa.table({"id": ids, "n": [number] * 51}), ["id"])


def commit_the_same():
    dataset = opened()
    for n in range(5):
        dataset.append(pa.table({"id": [f"{n}-{row}" for row in range(50)], "n": [number] * 50}), Commit("run", n))


def upsert_for_ever():
    dataset = opened()
    n = number
    while True:
        n += 1
        dataset.upsert(pa.table({"id": list(map(str, range(20_000))), "n": [n] * 20_000}), ["id"])
        print(n, flush=True)


def measure_reading():
    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

    dataset = store.open("posts")
    next(dataset.read(batch_rows=1000))
    before = peak()
    total = sum(batch.nbytes for batch in dataset.read(batch_rows=1000))
    print(total // 2**20, peak() - before)


def read_and_leave():
    assert sum(batch.num_rows for batch in store.open("posts").read())


globals()[task]()
"""


def started(folder: Path, task: str, number: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORKER, str(folder), task, str(number)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def workers(folder: Path) -> Iterator[list[subprocess.Popen[str]]]:
    running: list[subprocess.Popen[str]] = []
    yield running
    for worker in running:
        worker.kill()
        worker.communicate()


@pytest.mark.parametrize(
    ("task", "rows"), [("upsert_disjoint", 3 * 250 + 1), ("commit_the_same", 250)]
)
def test_processes_write_at_once_and_lose_nothing(
    task: str, rows: int, folder: Path, workers: list[subprocess.Popen[str]], store: DatasetStore
) -> None:
    workers += [started(folder, task, number) for number in range(3)]
    outcomes = [(worker.communicate(timeout=60)[1], worker.returncode) for worker in workers]

    assert outcomes == [("", 0)] * 3
    assert len(numbers(store.open("posts"))) == rows


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.03, 0.06])
def test_a_kill_leaves_the_old_or_the_new_rows(
    delay: float, folder: Path, workers: list[subprocess.Popen[str]], store: DatasetStore
) -> None:
    for attempt in (0, 1000):
        worker = started(folder, "upsert_for_ever", attempt)
        workers.append(worker)
        assert worker.stdout is not None
        reported = int(worker.stdout.readline())
        time.sleep(delay)
        worker.send_signal(signal.SIGKILL)
        reported = max([reported, *map(int, worker.stdout.read().split())])
        found = numbers(store.open("posts"))

        assert len(found) == 20_000
        assert set(found.values()) <= {reported, reported + 1}
        assert len(set(found.values())) == 1


def test_many_rows_are_read_in_little_memory(
    folder: Path, posts: Dataset, workers: list[subprocess.Popen[str]]
) -> None:
    for _ in range(6):
        posts.append(pa.table({"id": ["x" * 1000] * 50_000, "n": [1] * 50_000}))
    workers.append(started(folder, "measure_reading", 0))
    total_mb, grown_mb = map(int, workers[0].communicate(timeout=60)[0].split())

    assert total_mb > 280
    assert grown_mb < 60


def test_a_process_that_reads_and_ends_at_once_succeeds(
    folder: Path, posts: Dataset, workers: list[subprocess.Popen[str]]
) -> None:
    for _ in range(5):
        posts.append(pa.table({"id": list(map(str, range(1000))), "n": [1] * 1000}))
    workers += [started(folder, "read_and_leave", number) for number in range(3)]

    assert [(worker.communicate(timeout=60)[1], worker.returncode) for worker in workers] == [
        ("", 0)
    ] * 3


def test_nothing_can_be_read_from_a_store_that_is_not_there(folder: Path) -> None:
    store = open_store(str(folder))
    with pytest.raises(StoreError, match="does not exist"):
        store.open("posts")
    with pytest.raises(StoreError, match="does not exist"):
        list(store.list())
    assert store.find(GUID) is None


def test_names_and_descriptions_have_a_length(folder: Path) -> None:
    dataset = open_store(str(folder)).create(DatasetSpec("posts", SCHEMA))
    with pytest.raises(DatasetError, match="256 characters"):
        dataset.rename("n" * 256)
    with pytest.raises(DatasetError, match="4,001 characters; the limit is 4,000"):
        dataset.describe("d" * 4_001)
    assert dataset.info().name == "posts"
