"""Loads through executions: all rows once, or none; one writer at a time; nothing left open."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from support.domo_stores import connected, domo_store, rows_of, states

from dataset_store import DatasetSpec, SchemaConflictError, StoreError
from dataset_store.domo.executions import Executions
from dataset_store.domo.journal import state_folder
from sandbox.domo.clients import CLIENT
from sandbox.domo.columns import Column

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dataset_store import Dataset, DatasetStore
    from sandbox import Sandbox

SCHEMA = pa.schema([("id", pa.string()), ("likes", pa.int64())])


def posts(*ids: int, likes: int = 1) -> pa.Table:
    return pa.table({"id": list(map(str, ids)), "likes": [likes] * len(ids)}, schema=SCHEMA)


def held(*ids: int, likes: int = 1) -> list[tuple[str, str]]:
    return sorted((str(each), str(likes)) for each in ids)


@pytest.fixture
def small(domo: Sandbox, tmp_path: Path) -> Dataset:
    """A dataset whose loads have many parts."""
    return domo_store(domo, tmp_path, part_rows=10).create(
        DatasetSpec("posts", SCHEMA, keys=("id",))
    )


def test_parts_have_contiguous_ids_and_go_up_together(small: Dataset, domo: Sandbox) -> None:
    small.upsert(posts(*range(95)), ["id"])
    paths = [each.path for each in domo.requests if "/part/" in each.path]
    assert sorted(int(path.rpartition("/")[2]) for path in paths) == list(range(1, 11))
    assert rows_of(domo, small.id) == held(*range(95))
    assert small.info().rows == 95


@pytest.mark.parametrize(
    ("size", "parts"), [({"part_rows": 2_500}, 3), ({"part_mb": 0.05}, 3)], ids=["rows", "bytes"]
)
def test_the_size_of_parts_is_bounded(
    size: dict[str, Any], parts: int, domo: Sandbox, tmp_path: Path
) -> None:
    rng = random.Random(1)
    rows = pa.table({"id": [rng.randbytes(40).hex() for _ in range(5_000)]})
    dataset = domo_store(domo, tmp_path, **size).create(DatasetSpec("posts", rows.schema))
    dataset.append(rows)
    assert len([each for each in domo.requests if "/part/" in each.path]) == parts
    assert len(rows_of(domo, dataset.id)) == 5_000


def test_a_part_that_fails_is_sent_again(
    small: Dataset, domo: Sandbox, skipped: list[float]
) -> None:
    for nth in (2, 5):
        domo.faults.add("service_unavailable", path="*/part/*", nth=nth)
    small.upsert(posts(*range(95)), ["id"])
    assert rows_of(domo, small.id) == held(*range(95))
    assert states(domo) == ["SUCCESS"]


@pytest.mark.parametrize("repeated", ["overwrite", "append"])
@pytest.mark.parametrize("method", ["append", "upsert", "overwrite"])
def test_a_part_whose_answer_is_lost_is_stored_once(
    method: str, repeated: Any, domo: Sandbox, tmp_path: Path
) -> None:
    """Whether a part that is sent again replaces the first is unconfirmed: it is not sent again."""
    domo.domo.set(repeated_parts=repeated)
    keys = ("id",) if method == "upsert" else ()
    store = domo_store(domo, tmp_path, part_rows=10)
    dataset = store.create(DatasetSpec("posts", SCHEMA, keys=keys))
    domo.faults.add("answer_lost", path="*/part/*", nth=3)
    writes: dict[str, Callable[[], None]] = {
        "append": lambda: dataset.append(posts(*range(55))),
        "upsert": lambda: dataset.upsert(posts(*range(55)), ["id"]),
        "overwrite": lambda: dataset.overwrite(posts(*range(55)).to_reader()),
    }
    writes[method]()
    assert rows_of(domo, dataset.id) == held(*range(55))
    assert states(domo) == ["ABORTED", "SUCCESS"]


@pytest.mark.parametrize("kind", ["answer_lost", "service_unavailable"])
@pytest.mark.parametrize("polls", [0, 3])
def test_a_commit_whose_answer_is_lost_is_made_once(
    kind: str, polls: int, domo: Sandbox, tmp_path: Path
) -> None:
    domo.domo.set(processing_polls=polls)
    dataset = domo_store(domo, tmp_path).create(DatasetSpec("posts", SCHEMA))
    domo.faults.add(kind, path="*/commit")
    dataset.append(posts(1, 2))
    assert rows_of(domo, dataset.id) == held(1, 2)
    assert states(domo) == ["SUCCESS"]


@pytest.mark.parametrize(
    ("path", "count"), [("*/part/*", 5), ("*/executions/1/commit", None)], ids=["part", "commit"]
)
def test_a_load_that_fails_leaves_no_execution_open(
    path: str, count: int | None, keyed: Dataset, domo: Sandbox, skipped: list[float]
) -> None:
    keyed.upsert(posts(1), ["id"])
    domo.faults.add("service_unavailable", path=path.replace("/1/", "/2/"), count=count)
    with pytest.raises(StoreError, match="Domo"):
        keyed.upsert(posts(1, 2, likes=9), ["id"])
    assert states(domo) == ["SUCCESS", "ABORTED"]
    assert rows_of(domo, keyed.id) == held(1)
    domo.faults.clear()
    keyed.upsert(posts(1, 2, likes=9), ["id"])
    assert rows_of(domo, keyed.id) == held(1, 2, likes=9)


def test_an_aborted_load_is_no_new_version(
    keyed: Dataset, domo: Sandbox, monkeypatch: pytest.MonkeyPatch, skipped: list[float]
) -> None:
    """The tap begins its pass anew, and buys anew, where its input has another version."""
    keyed.upsert(posts(1), ["id"])
    before = keyed.version
    domo.clock.advance(60)
    domo.faults.add("service_unavailable", path="*/part/*", count=5)
    with pytest.raises(StoreError):
        keyed.upsert(posts(2), ["id"])
    keyed.rename("renamed")
    assert keyed.version == before
    keyed.upsert(posts(2), ["id"])
    assert keyed.version != before


@pytest.mark.parametrize(
    ("when", "said", "state"),
    [
        ("index", r"rejected the rows \(execution 1 is INVALID\)", "INVALID"),
        ("upload", "rejects the rows: a value does not fit its column", "ABORTED"),
    ],
)
def test_rows_that_domo_does_not_take_are_told(
    when: Any,
    said: str,
    state: str,
    keyed: Dataset,
    domo: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    upload = Executions._upload

    def late(executions: Executions, number: int, parts: Any) -> None:
        domo.domo.datasets[keyed.id].columns[1] = Column("DATE", "likes")
        upload(executions, number, parts)

    monkeypatch.setattr(Executions, "_upload", late)
    domo.domo.set(bad_values=when)
    with pytest.raises(StoreError, match=said):
        keyed.upsert(posts(1), ["id"])
    assert states(domo) == [state]
    assert rows_of(domo, keyed.id) == []


@pytest.mark.usefixtures("waits_pass")
def test_a_commit_interval_is_waited_for(keyed: Dataset, domo: Sandbox) -> None:
    domo.domo.set(commit_interval_seconds=900)
    for number in range(3):
        keyed.upsert(posts(number), ["id"])
    assert rows_of(domo, keyed.id) == held(0, 1, 2)
    assert states(domo) == ["SUCCESS"] * 3


@pytest.mark.parametrize("answer", ["429", "403"])
def test_a_quota_that_is_used_up_is_told_and_nothing_stays_open(
    answer: Any, domo: Sandbox, tmp_path: Path, skipped: list[float]
) -> None:
    domo.domo.set(push_interval_seconds=3600, limit_answer=answer)
    store = domo_store(domo, tmp_path, max_wait_seconds=600)
    dataset = store.create(DatasetSpec("posts", SCHEMA))
    dataset.append(posts(1))
    with pytest.raises(StoreError, match=r"limits is exhausted.*`commit_interval`"):
        dataset.append(posts(2))
    assert states(domo) == ["SUCCESS", "ABORTED"]
    assert rows_of(domo, dataset.id) == held(1)


def test_a_second_run_on_this_machine_is_refused(
    store: DatasetStore, keyed: Dataset, domo: Sandbox, tmp_path: Path
) -> None:
    keyed.claim()
    other = domo_store(domo, tmp_path)
    with pytest.raises(StoreError, match="another run on this machine is writing to it"):
        other.open("posts").claim()
    store.close()
    other.open("posts").claim()
    other.close()


def test_a_run_of_another_machine_is_left_alone(
    keyed: Dataset, domo: Sandbox, tmp_path: Path
) -> None:
    stream = domo.domo.streams[1]
    stream.begin("APPEND", domo.clock.now())
    for act in (keyed.claim, lambda: keyed.upsert(posts(1), ["id"])):
        with pytest.raises(StoreError, match=r"another program has execution 1 open.*abandoned"):
            act()
    assert states(domo) == ["ACTIVE"]
    keyed_by_others = domo_store(domo, tmp_path / "elsewhere", stale_minutes=0).open("posts")
    keyed_by_others.upsert(posts(1), ["id"])
    assert states(domo) == ["ABORTED", "SUCCESS"]


@pytest.mark.parametrize("note", [{"execution": 1}, {"opening_after": 0}], ids=["open", "opening"])
def test_what_a_killed_run_has_left_open_is_aborted(
    note: dict[str, int], keyed: Dataset, domo: Sandbox, tmp_path: Path
) -> None:
    domo.domo.streams[1].begin("APPEND", domo.clock.now())
    folder = state_folder(str(tmp_path / "domo"), domo.url.removeprefix("http://"))
    folder.mkdir(parents=True)
    (folder / f"{keyed.id}.json").write_text(json.dumps(note))
    keyed.claim()
    assert states(domo) == ["ABORTED"]


def test_an_execution_that_another_program_takes_away_is_told(
    keyed: Dataset, domo: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = Executions._upload

    def late(executions: Executions, number: int, parts: Any) -> None:
        upload(executions, number, parts)
        domo.domo.streams[1].begin("APPEND", domo.clock.now())

    monkeypatch.setattr(Executions, "_upload", late)
    with pytest.raises(StoreError, match=r"execution 1 of this run is ABORTED.*one program"):
        keyed.upsert(posts(1), ["id"])
    assert rows_of(domo, keyed.id) == []


@pytest.mark.parametrize("taken", ["keyColumnNames", "keyColumnName"])
@pytest.mark.parametrize("first", ["keyColumnNames", "keyColumnName"])
def test_the_spelling_of_key_columns_is_found(
    first: str, taken: Any, domo: Sandbox, tmp_path: Path
) -> None:
    domo.domo.set(key_properties=[taken])
    store = domo_store(domo, tmp_path, key_columns_property=first)
    dataset = store.create(DatasetSpec("posts", SCHEMA, keys=("id",)))
    for likes in (1, 2):
        dataset.upsert(posts(1, likes=likes), ["id"])
    assert rows_of(domo, dataset.id) == held(1, likes=2)
    assert store.open("posts").keys == ("id",)


def test_keys_that_domo_does_not_show_are_mentioned_once(
    store: DatasetStore, domo: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    domo.domo.set(shows_keys=False)
    dataset = store.create(DatasetSpec("posts", SCHEMA, keys=("id",)))
    for likes in (1, 2):
        dataset.upsert(posts(1, likes=likes), ["id"])
    assert rows_of(domo, dataset.id) == held(1, likes=2)
    assert store.open("posts").keys == ("id",)
    (warning,) = (each.message for each in caplog.records if "does not show them" in each.message)
    assert "enable upserts" in warning


def test_a_dataset_that_no_stream_made_is_refused(store: DatasetStore, domo: Sandbox) -> None:
    guid = connected(domo, "1\n", id="STRING")
    dataset = store.open(guid)
    writes: list[Callable[[], None]] = [
        dataset.claim,
        lambda: dataset.append(pa.table({"id": ["2"]})),
        lambda: dataset.overwrite(pa.table({"id": ["2"]}).to_reader()),
    ]
    for write in writes:
        with pytest.raises(StoreError, match=r"not created by a stream.*omit its `id`"):
            write()
    assert rows_of(domo, guid) == [("1",)]


def test_new_columns_are_added_before_the_execution_is_opened(
    keyed: Dataset, domo: Sandbox
) -> None:
    keyed.upsert(posts(1), ["id"])
    wider = pa.schema([*SCHEMA, ("day", pa.date32()), ("nothing", pa.null())])
    keyed.evolve(wider)
    rows = pa.table({"id": ["2"], "likes": [2], "day": [None], "nothing": [None]}, schema=wider)
    keyed.upsert(rows, ["id"])
    assert keyed.schema.names == ["id", "likes", "day"]
    assert rows_of(domo, keyed.id) == [("1", "1", None), ("2", "2", None)]


def test_an_overwrite_may_change_columns(store: DatasetStore, domo: Sandbox) -> None:
    dataset = store.create(DatasetSpec("posts", SCHEMA))
    dataset.append(posts(1))
    rows = pa.table({"likes": [0.5], "day": pa.array([0], pa.date32())})
    dataset.overwrite(rows.to_reader())
    assert rows_of(domo, dataset.id) == [("0.5", "1970-01-01")]
    assert dataset.schema == rows.schema


def test_one_column_cannot_hold_null(store: DatasetStore, domo: Sandbox) -> None:
    """A row of nothing would be an empty line, which is no row."""
    dataset = store.create(DatasetSpec("ids", pa.schema([("id", pa.string())])))
    dataset.append(pa.table({"id": ["", "1"]}))
    with pytest.raises(SchemaConflictError, match=r"'id' is the only column and null in a row"):
        dataset.append(pa.table({"id": ["2", None]}))
    assert rows_of(domo, dataset.id) == [("",), ("1",)]
    assert sorted(row["id"] for batch in dataset.read() for row in batch.to_pylist()) == ["", "1"]


def test_a_colleagues_dataset_is_not_written_to(domo: Sandbox, tmp_path: Path) -> None:
    store = domo_store(domo, tmp_path)
    dataset = store.create(DatasetSpec("posts", SCHEMA))
    domo.domo.datasets[dataset.id].owner_id = CLIENT.user_id + 1
    with pytest.raises(StoreError, match="access is denied"):
        dataset.append(posts(1))
