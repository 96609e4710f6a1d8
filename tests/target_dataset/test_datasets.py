"""Which dataset takes a stream's rows, how it is loaded, and how it takes on new columns."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from support.singer_messages import Loaded, Message, lines, record, schema

from dataset_store import (
    DatasetNotFoundError,
    DatasetSpec,
    SchemaConflictError,
    StoreError,
    dataset_id,
    open_store,
)
from dataset_store.delta.local_folder import LocalFolder
from dataset_store.delta.store import DeltaStore
from dataset_store.delta.upkeep import Upkeep
from dataset_store.schema import is_json_text
from target_dataset.destinations import Datasets
from target_dataset.errors import InputError, InvalidRecordError
from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from collections.abc import Callable

INTEGER = {"type": ["integer", "null"]}
TEXT = {"type": ["string", "null"]}
POSTS = schema("posts", {"id": TEXT, "likes": INTEGER}, ["id"])
EVENTS = schema("events", {"id": TEXT})


@pytest.mark.parametrize(
    ("config", "name", "description"),
    [
        ({}, "posts", ""),
        ({"schema": "x"}, "x.posts", ""),
        ({"schema": "x", "datasets": {"posts": {"name": "My posts"}}}, "My posts", ""),
        ({"datasets": {"posts": {"description": "All of them"}}}, "posts", "All of them"),
        ({"datasets": {"posts": {"id": None, "name": None, "description": None}}}, "posts", ""),
    ],
    ids=["stream", "schema", "named", "described", "nulls"],
)
def test_the_name_of_a_dataset(
    config: Message, name: str, description: str, load: Callable[..., Loaded]
) -> None:
    loaded = load(POSTS, record("posts", id="1"), **config)
    info = loaded.dataset(name).info()
    assert (info.name, info.description, info.keys, info.rows) == (name, description, ("id",), 1)


def test_an_existing_dataset_is_taken_by_its_id(load: Callable[..., Loaded]) -> None:
    own = load().store.create(DatasetSpec("own", pa.schema([("id", pa.string())])))
    loaded = load(POSTS, record("posts", id="1", likes=2), datasets={"posts": {"id": own.id}})
    assert loaded.rows("own") == [{"id": "1", "likes": 2}]
    assert loaded.store.find(dataset_id("posts")) is None


def test_an_id_that_is_not_in_the_store_is_refused(load: Callable[..., Loaded]) -> None:
    load(EVENTS)
    with pytest.raises(DatasetNotFoundError, match="no-such-dataset"):
        load(POSTS, datasets={"posts": {"id": "no-such-dataset"}})


def test_a_stream_without_records_makes_an_empty_dataset(load: Callable[..., Loaded]) -> None:
    loaded = load(POSTS)
    assert loaded.rows("posts") == []
    assert loaded.dataset("posts").schema.names == ["id", "likes"]


@pytest.mark.parametrize(
    ("method", "keyed", "keyless"),
    [
        (None, ["1b", "2"], ["1a", "2", "1b"]),
        ("upsert", ["1b", "2"], ["1a", "2", "1b"]),
        ("append-only", ["1a", "1b", "2"], ["1a", "2", "1b"]),
        ("overwrite", ["1b"], ["1b"]),
    ],
    ids=["unset", "upsert", "append-only", "overwrite"],
)
def test_load_methods(
    method: str | None, keyed: list[str], keyless: list[str], load: Callable[..., Loaded]
) -> None:
    config = {"load_method": method} if method else {}
    streams = [schema("keyed", {"id": TEXT, "v": TEXT}, ["id"]), schema("keyless", {"v": TEXT})]
    runs = [[("1", "1a"), ("2", "2")], [("1", "1b")]]
    for run in runs:
        messages = [
            message
            for key, value in run
            for message in (record("keyed", id=key, v=value), record("keyless", v=value))
        ]
        loaded = load(*streams, *messages, **config)
    assert sorted(row["v"] for row in loaded.rows("keyed")) == sorted(keyed)
    assert sorted(row["v"] for row in loaded.rows("keyless")) == sorted(keyless)


def test_an_overwrite_that_fails_leaves_the_old_rows(load: Callable[..., Loaded]) -> None:
    loaded = load(POSTS, record("posts", id="1"))
    with pytest.raises(InvalidRecordError):
        load(
            POSTS,
            record("posts", id="2"),
            record("posts", id=3),
            load_method="overwrite",
            batch_size_rows=1,
        )
    assert [row["id"] for row in loaded.rows("posts")] == ["1"]


def test_an_overwrite_takes_on_the_columns_of_all_its_schemas(load: Callable[..., Loaded]) -> None:
    load(schema("posts", {"old": TEXT}), record("posts", old="x"))
    loaded = load(
        schema("posts", {"id": TEXT, "n": INTEGER}),
        record("posts", id="1", n=1),
        schema("posts", {"n": {"type": "number"}, "late": TEXT}),
        record("posts", n=2.5, late="y"),
        load_method="overwrite",
    )
    assert sorted(loaded.rows("posts"), key=lambda row: float(row["n"])) == [
        {"id": "1", "n": 1.0, "late": None},
        {"id": None, "n": 2.5, "late": "y"},
    ]


ANY: Message = {}
DATE = {"type": ["string", "null"], "format": "date"}
TIME = {"type": ["string", "null"], "format": "date-time"}
NUMBER = {"type": ["number", "null"]}
PAIR = {"type": "object", "properties": {"a": INTEGER}}
WIDER_PAIR = {"type": "object", "properties": {"b": TEXT, "a": NUMBER}}
CHANGES: dict[str, tuple[Message, Any, Message, Any]] = {
    "JSON, text": (ANY, {"a": 1}, TEXT, "plain"),
    "text, JSON": (TEXT, "plain", ANY, {"a": 1}),
    "JSON, JSON": (ANY, {"a": 1}, ANY, [1]),
    "date, time": (DATE, "2026-01-01", TIME, "2026-01-01T05:00:00Z"),
    "time, date": (TIME, "2026-01-01T05:00:00Z", DATE, "2026-01-01"),
    "integer, number": (INTEGER, 1, NUMBER, 2.5),
    "number, integer": (NUMBER, 2.5, INTEGER, 1),
    "long integer, number": (INTEGER, 2**60 + 1, NUMBER, 2.5),
    "structs": (PAIR, {"a": 1}, WIDER_PAIR, {"a": 2.5, "b": "x"}),
    "text, integer": (TEXT, "plain", INTEGER, 1),
    "text, date": (TEXT, "plain", DATE, "2026-01-01"),
}


@pytest.mark.parametrize("streams", ["aa", "ab"], ids=["one stream", "two streams"])
@pytest.mark.parametrize(("old", "first", "new", "second"), CHANGES.values(), ids=CHANGES)
def test_an_overwrite_joins_types_as_appending_does(
    old: Message, first: Any, new: Message, second: Any, streams: str, load: Callable[..., Loaded]
) -> None:
    def outcome(method: str) -> object:
        config = {stream: {"name": method} for stream in streams}
        try:
            loaded = load(
                schema(streams[0], {"v": old}),
                record(streams[0], v=first),
                schema(streams[1], {"v": new}),
                record(streams[1], v=second),
                load_method=method,
                datasets=config,
                nested="struct",
            )
        except SchemaConflictError as error:
            return str(error)[str(error).index(": Column") :]
        found = loaded.dataset(method).schema.field("v")
        return found.type, is_json_text(found), sorted(map(str, loaded.rows(method)))

    assert outcome("overwrite") == outcome("append-only")


@pytest.mark.parametrize("runs", [1, 2], ids=["one-run", "two-runs"])
def test_new_columns_are_added_and_types_widen(runs: int, load: Callable[..., Loaded]) -> None:
    first = [POSTS, record("posts", id="1", likes=1)]
    second = [
        schema("posts", {"id": TEXT, "likes": {"type": "number"}, "lang": TEXT}, ["id"]),
        record("posts", id="2", likes=1.5, lang="en"),
    ]
    if runs == 2:
        load(*first)
        loaded = load(*second)
    else:
        loaded = load(*first, *second)
    assert sorted(loaded.rows("posts"), key=lambda row: str(row["id"])) == [
        {"id": "1", "likes": 1.0, "lang": None},
        {"id": "2", "likes": 1.5, "lang": "en"},
    ]


def test_a_contradiction_names_stream_column_and_both_types(load: Callable[..., Loaded]) -> None:
    load(POSTS, record("posts", id="1", likes=1))
    with pytest.raises(SchemaConflictError) as caught:
        load(schema("posts", {"id": TEXT, "likes": TEXT}, ["id"]), record("posts", id="1"))
    for part in ("'posts'", "'likes'", "int64", "string"):
        assert part in str(caught.value)


def test_names_that_differ_by_case_alone_get_columns_of_their_own(
    load: Callable[..., Loaded],
) -> None:
    posts = schema("posts", {"Id": TEXT, "id": INTEGER}, ["Id"])
    loaded = load(posts, record("posts", Id="a", id=1), record("posts", Id="a", id=2))
    assert loaded.rows("posts") == [{"Id": "a", "id_2": 2}]


def test_names_that_differ_by_case_alone_keep_their_columns_in_later_runs(
    load: Callable[..., Loaded],
) -> None:
    load(schema("posts", {"id": TEXT, "Id": INTEGER}, ["id"]), record("posts", id="a", Id=1))
    for _ in range(2):
        loaded = load(
            schema("posts", {"Id": INTEGER, "id": TEXT, "ID": TEXT}, ["id"]),
            record("posts", Id=2, id="a", ID="c"),
        )
    assert loaded.rows("posts") == [{"id": "a", "Id_2": 2, "ID_3": "c"}]


def test_an_overwrite_spells_its_columns_anew(load: Callable[..., Loaded]) -> None:
    load(schema("posts", {"d": TEXT}), record("posts", d="a"))
    loaded = load(schema("posts", {"D": TEXT}), record("posts", D="b"), load_method="overwrite")
    assert loaded.rows("posts") == [{"D": "b"}]


class AppendingStore(DeltaStore):
    capabilities = replace(DeltaStore.capabilities, upsert=False, delete_rows=False)


def appending_target(config: dict[str, Any]) -> TargetDataset:
    target = TargetDataset(config=config)
    target.run.datasets = Datasets(AppendingStore(LocalFolder(Path(config["store"])), Upkeep()))
    return target


def test_a_store_that_cannot_upsert_refuses_keys_at_the_start(tmp_path: Path) -> None:
    config = {"store": str(tmp_path / "datasets")}
    with pytest.raises(StoreError, match=r"'posts'.*append-only"):
        appending_target(config).listen(io.StringIO(lines([POSTS])))
    appending_target({**config, "load_method": "append-only"}).listen(
        io.StringIO(lines([POSTS, record("posts", id="1")]))
    )


@pytest.mark.parametrize(
    ("names", "messages", "warnings"),
    [
        (["posts"], [POSTS], []),
        (["posts", "post"], [POSTS, EVENTS],
         ["Setting 'datasets': no stream of this run is named 'post'; the streams were 'events', "
          "'posts'. Did you mean 'posts'?"]),
        (["a", "b"], [POSTS],
         [f"Setting 'datasets': no stream of this run is named '{name}'; the streams were 'posts'."
          for name in "ab"]),
        (["post"], [], []),
    ],
    ids=["used", "one", "two", "no input"],
)  # fmt: skip
def test_names_in_datasets_that_no_stream_bears_are_told(
    names: list[str],
    messages: list[Message],
    warnings: list[str],
    load: Callable[..., Loaded],
    caplog: pytest.LogCaptureFixture,
) -> None:
    load(*messages, datasets={name: {"name": f"My {name}"} for name in names})
    assert [found.getMessage() for found in caplog.records if found.levelname == "WARNING"] == (
        warnings
    )


def test_a_store_that_cannot_delete_rows_refuses_versions(tmp_path: Path) -> None:
    config = {
        "store": str(tmp_path / "datasets"),
        "load_method": "append-only",
        "add_record_metadata": True,
    }
    activate: Message = {"type": "ACTIVATE_VERSION", "stream": "posts", "version": 1}
    messages = [POSTS, record("posts", id="1"), activate]
    with pytest.raises(StoreError, match=r"'posts'.*`process_activate_version_messages`"):
        appending_target(config).listen(io.StringIO(lines(messages)))
    appending_target({**config, "process_activate_version_messages": False}).listen(
        io.StringIO(lines(messages))
    )


def test_a_store_that_cannot_delete_rows_keeps_them_with_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = {"store": str(tmp_path / "datasets"), "load_method": "append-only"}
    activate: Message = {"type": "ACTIVATE_VERSION", "stream": "posts", "version": 2}
    messages = [POSTS, record("posts", id="1") | {"version": 1}, activate, activate]
    appending_target(config).listen(io.StringIO(lines(messages)))
    warnings = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert [text.partition(",")[0] for text in warnings] == [
        "Stream 'posts': its store cannot mark rows as deleted"
    ]
    [row] = Loaded(open_store(config["store"]), []).rows("posts")
    assert row == {"id": "1", "likes": None}


def test_a_key_that_is_no_property_is_refused(load: Callable[..., Loaded]) -> None:
    with pytest.raises(InputError, match="'posts': its key 'uid' is not among its properties"):
        load(schema("posts", {"id": TEXT}, ["uid"]))


def test_all_columns_may_be_keys(load: Callable[..., Loaded]) -> None:
    pairs = schema("pairs", {"a": TEXT, "b": TEXT}, ["a", "b"])
    loaded = load(pairs, *[record("pairs", a="1", b="2")] * 3, record("pairs", a="1", b=None))
    assert sorted(loaded.rows("pairs"), key=str) == [{"a": "1", "b": "2"}, {"a": "1", "b": None}]


def test_repeated_schemas_do_not_make_new_commits(load: Callable[..., Loaded]) -> None:
    messages = [POSTS, record("posts", id="1")] * 5
    loaded = load(*messages)
    assert len(loaded.dataset("posts").versions()) == 2
