"""What the messages of the Singer protocol, and the SDK's transformations, do to the rows."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.singer_messages import Loaded, Message, read, record, schema

from dataset_store import writeback_id

if TYPE_CHECKING:
    from pathlib import Path

TEXT = {"type": ["string", "null"]}
NUMBER = {"type": ["number", "null"]}
POSTS = schema("posts", {"id": TEXT, "text": TEXT}, ["id"])
NESTED = schema(
    "posts", {"id": TEXT, "user": {"type": "object", "properties": {"name": TEXT}}}, ["id"]
)

Load = Callable[..., Loaded]


@pytest.mark.parametrize(
    ("line", "stored"),
    [
        ('{"id": "1", "n": NaN}', {"id": "1", "n": None}),
        ('{"id": "1", "n": -Infinity}', {"id": "1", "n": None}),
        ('{"id": "half \\ud83d", "n": 1}', {"id": "half ?", "n": 1.0}),
        ('{"id": "whole \\ud83d\\ude00", "n": 1}', {"id": "whole 😀", "n": 1.0}),
        ('{"id": "first", "id": "last"}', {"id": "last", "n": None}),
        ('{"id": "1", "more": {"x": NaN}}', {"id": "1", "n": None}),
    ],
)
def test_json_that_only_some_readers_take(line: str, stored: Message, load: Load) -> None:
    posts = schema("posts", {"id": TEXT, "n": NUMBER})
    loaded = load(posts, f'{{"type": "RECORD", "stream": "posts", "record": {line}}}')
    assert loaded.rows("posts") == [stored]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\n\n", " \n"], ids=repr)
def test_line_endings(ending: str, load: Load) -> None:
    text = ending.join(json.dumps(message) for message in (POSTS, record("posts", id="1")))
    assert load(text + ending).rows("posts") == [{"id": "1", "text": None}]


def test_a_line_longer_than_what_is_read_at_once(load: Load) -> None:
    long = "x" * 3_000_000
    loaded = load(POSTS, record("posts", id="1", text=long), record("posts", id="2"))
    assert sorted(row["id"] for row in loaded.rows("posts")) == ["1", "2"]
    assert long in {row["text"] for row in loaded.rows("posts")}


def test_columns_that_the_schema_does_not_name_are_dropped(load: Load) -> None:
    loaded = load(POSTS, record("posts", id="1", text="t", extra=5))
    assert loaded.rows("posts") == [{"id": "1", "text": "t"}]


def test_the_last_record_of_a_key_wins_across_a_change_of_schema(load: Load) -> None:
    wider = schema("posts", {"id": TEXT, "text": TEXT, "lang": TEXT}, ["id"])
    loaded = load(
        POSTS,
        record("posts", id="1", text="old"),
        wider,
        record("posts", id="1", text="new", lang="en"),
        POSTS,
        record("posts", id="1", text="newest"),
    )
    assert loaded.rows("posts") == [{"id": "1", "text": "newest", "lang": None}]


@pytest.mark.parametrize(
    ("stream_map", "stored"),
    [
        ({"text": "text.upper()"}, {"posts": [{"id": "1", "text": "HI"}]}),
        ({"text": None}, {"posts": [{"id": "1"}]}),
        ({"more": "int(id) + 1"}, {"posts": [{"id": "1", "text": "hi", "more": 2}]}),
        ({"__alias__": "tweets"}, {"tweets": [{"id": "1", "text": "hi"}]}),
        ({"__filter__": "id != '1'"}, {"posts": []}),
        (None, {}),
    ],
    ids=["changed", "removed", "added", "alias", "filter", "stream-removed"],
)
def test_stream_maps(stream_map: Any, stored: dict[str, Any], load: Load) -> None:
    load(schema("other", {"id": TEXT}))
    loaded = load(POSTS, record("posts", id="1", text="hi"), stream_maps={"posts": stream_map})
    names = {info.name for info in loaded.store.list()} - {"other"}
    assert {name: loaded.rows(name) for name in names} == stored


def test_a_stream_may_become_two(load: Load) -> None:
    loaded = load(
        POSTS,
        record("posts", id="1", text="hi"),
        stream_maps={"copies": {"__source__": "posts", "text": "md5(text)"}},
    )
    assert loaded.rows("posts") == [{"id": "1", "text": "hi"}]
    assert loaded.rows("copies") == [{"id": "1", "text": "49f68a5c8493ec2c0bf489821c21fc3b"}]


def test_flattening(load: Load) -> None:
    loaded = load(
        NESTED,
        record("posts", id="1", user={"name": "ann"}),
        flattening_enabled=True,
        flattening_max_depth=1,
    )
    assert loaded.rows("posts") == [{"id": "1", "user__name": "ann"}]


def test_nested_values_as_structs(load: Load) -> None:
    loaded = load(NESTED, record("posts", id="1", user={"name": "ann"}), nested="struct")
    assert loaded.rows("posts") == [{"id": "1", "user": {"name": "ann"}}]


@pytest.mark.parametrize("wanted", [True, False])
def test_record_metadata(wanted: bool, load: Load) -> None:
    message = record("posts", id="1", _sdc_sequence=1, _sdc_batched_at="never")
    message |= {"time_extracted": "2024-01-02T03:04:05+00:00", "version": 7}
    posts = schema("posts", {"id": TEXT, "_sdc_sequence": {"type": "integer"}}, ["id"])
    [row] = load(posts, message, add_record_metadata=wanted).rows("posts")
    assert row["id"] == "1"
    assert (len(row) == 8) is wanted
    if wanted:
        assert row["_sdc_extracted_at"].isoformat() == "2024-01-02T03:04:05+00:00"
        assert row["_sdc_table_version"] == 7
        assert row["_sdc_deleted_at"] is None
        assert row["_sdc_sequence"] > 1
        assert row["_sdc_batched_at"] <= row["_sdc_received_at"]


def version(number: int) -> Message:
    return {"type": "ACTIVATE_VERSION", "stream": "posts", "version": number}


@pytest.mark.parametrize("metadata", [True, False], ids=["metadata", "versions alone"])
@pytest.mark.parametrize("hard_delete", [True, False], ids=["hard", "soft"])
def test_a_new_version_retires_older_rows(hard_delete: bool, metadata: bool, load: Load) -> None:
    config = {"add_record_metadata": metadata, "hard_delete": hard_delete}
    load(
        POSTS,
        record("posts", id="1") | {"version": 1},
        record("posts", id="2") | {"version": 1},
        record("posts", id="unversioned"),
        version(1),
        **config,
    )
    loaded = load(
        POSTS,
        record("posts", id="2") | {"version": 2},
        record("posts", id="3") | {"version": 2},
        version(2),
        **config,
    )
    rows = {row["id"]: row["_sdc_deleted_at"] is not None for row in loaded.rows("posts")}
    kept = {"2": False, "3": False, "unversioned": False}
    assert rows == (kept if hard_delete else {"1": True, **kept})
    commits = len(loaded.dataset("posts").versions())
    assert len(load(POSTS, version(2), **config).dataset("posts").versions()) == commits


def test_records_held_back_are_retired_too(load: Load) -> None:
    loaded = load(
        POSTS,
        record("posts", id="1") | {"version": 1},
        record("posts", id="2") | {"version": 2},
        version(2),
        add_record_metadata=True,
        hard_delete=True,
    )
    assert [row["id"] for row in loaded.rows("posts")] == ["2"]


def test_a_version_reaches_datasets_written_before_the_schema_changed(load: Load) -> None:
    inputs = [f"aaaaaaaa-0000-4000-8000-00000000000{number}" for number in range(3)]
    keys = {"input_dataset_id": TEXT, "id": TEXT}

    def row(input_id: str, number: int) -> Message:
        return record("lookup", input_dataset_id=input_id, id=str(number)) | {"version": number}

    loaded = load(
        schema("lookup", keys, keys),
        row(inputs[0], 1),
        row(inputs[1], 1),
        schema("lookup", keys | {"name": TEXT}, keys),
        row(inputs[1], 2),
        row(inputs[2], 2),
        {"type": "ACTIVATE_VERSION", "stream": "lookup", "version": 2},
        add_record_metadata=True,
        hard_delete=True,
    )
    found = [loaded.store.open(writeback_id("lookup", input_id)) for input_id in inputs]
    assert [[row["id"] for row in read(dataset)] for dataset in found] == [[], ["2"], ["2"]]


def versioned(number: int | None, *ids: str) -> list[Message]:
    """RECORDs with a version, or without one."""
    extra = {} if number is None else {"version": number}
    return [record("posts", id=each, text="a") | extra for each in ids]


MANY = [str(number) for number in range(200)]
VERSIONED: dict[str, tuple[list[Message], dict[str, Any]]] = {
    "few": (versioned(1, "1", "2"), {}),
    "many": (versioned(1, *MANY), {}),
    "after some without": ([*versioned(None, "1"), *versioned(1, "2")], {}),
    "beside some without": ([*versioned(1, "2"), *versioned(None, "1")], {}),
    "of several versions": ([*versioned(1, *MANY), *versioned(2, *MANY[:100])], {}),
    "mapped": (versioned(1, "1"), {"stream_maps": {"posts": {"text": "text.upper()"}}}),
    "filtered": (versioned(1, "1", "2"), {"stream_maps": {"posts": {"__filter__": "id != '2'"}}}),
    "unchecked": (versioned(1, "1"), {"validate_records": False}),
    "appended": (versioned(1, "1"), {"load_method": "append-only"}),
    "paced": (versioned(1, "1"), {"commit_interval": 0.05}),
}


@pytest.mark.parametrize(("messages", "config"), VERSIONED.values(), ids=VERSIONED)
def test_rows_keep_the_versions_of_their_messages(
    messages: list[Message], config: dict[str, Any], load: Load
) -> None:
    rows = load(POSTS, *messages, **config).rows("posts")
    found = {row["id"]: row["_sdc_table_version"] for row in rows}
    wanted = {each["record"]["id"]: each.get("version") for each in messages}
    if "stream_maps" in config:
        wanted = {key: wanted[key] for key in found}
    assert found == wanted
    assert {row["_sdc_deleted_at"] for row in rows} == {None}
    assert rows[0].keys() == {"id", "text", "_sdc_deleted_at", "_sdc_table_version"}


KEEPS_NONE: dict[str, tuple[list[Message], dict[str, Any]]] = {
    "no version": (versioned(None, *MANY), {}),
    "the word in a text": ([record("posts", id="1", text='"version":1')], {}),
    "not processed": (versioned(1, "1"), {"process_activate_version_messages": False}),
    "overwritten": (versioned(1, "1"), {"load_method": "overwrite"}),
}


@pytest.mark.parametrize(("messages", "config"), KEEPS_NONE.values(), ids=KEEPS_NONE)
def test_rows_without_versions_get_no_column(
    messages: list[Message], config: dict[str, Any], load: Load
) -> None:
    loaded = load(POSTS, *messages, version(2), **config)
    assert {name for row in loaded.rows("posts") for name in row} == {"id", "text"}


def test_a_row_that_comes_back_is_no_longer_deleted(load: Load) -> None:
    load(POSTS, *versioned(1, "1", "2"), version(1))
    load(POSTS, *versioned(2, "1"), version(2))
    rows = load(POSTS, *versioned(3, "1", "2"), version(3)).rows("posts")
    assert [row["_sdc_deleted_at"] for row in rows] == [None, None]


def test_a_source_without_any_row_left_retires_all(load: Load) -> None:
    load(POSTS, *versioned(1, "1", "2"), version(1))
    rows = load(POSTS, version(2)).rows("posts")
    assert all(row["_sdc_deleted_at"] for row in rows)


def test_fivetrans_column_follows(load: Load) -> None:
    stamp = {"type": "string", "format": "date-time"}
    posts = schema(
        "posts", {"id": TEXT, "_fivetran_deleted": {"type": "boolean"}, "_fivetran_synced": stamp},
        ["id"],
    )  # fmt: skip

    def row(key: str, number: int) -> Message:
        synced = f"2026-01-0{number}T00:00:00Z"
        columns = {"_fivetran_deleted": False, "_fivetran_synced": synced}
        return record("posts", id=key, **columns) | {"version": number}

    load(posts, row("1", 1), row("2", 1), version(1))
    rows = {each["id"]: each for each in load(posts, row("1", 2), version(2)).rows("posts")}
    assert {key: each["_fivetran_deleted"] for key, each in rows.items()} == {"1": False, "2": True}
    assert rows["2"]["_fivetran_synced"] == rows["2"]["_sdc_deleted_at"]
    assert rows["1"]["_fivetran_synced"].isoformat() == "2026-01-02T00:00:00+00:00"


FILES: dict[str, Callable[[Path], object]] = {
    "jsonl": lambda path: path.write_text('{"id": "1", "text": "a"}\n\n{"id": "2", "text": NaN}\n'),
    "jsonl-gzip": lambda path: path.write_bytes(
        gzip.compress(b'{"id": "1", "text": "a"}\n{"id": "2"}')
    ),
    "parquet": lambda path: pq.write_table(pa.table({"id": ["1", "2"], "text": ["a", None]}), path),
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("config", [{}, {"stream_maps": {"posts": {"text": "id + '!'"}}}],
                         ids=["plain", "mapped"])  # fmt: skip
def test_batch_files_are_loaded_like_records(
    kind: str, config: Message, tmp_path: Path, load: Load
) -> None:
    path = tmp_path / "records"
    FILES[kind](path)
    name, _, compression = kind.partition("-")
    message = {
        "type": "BATCH",
        "stream": "posts",
        "encoding": {"format": name, "compression": compression or "none"},
        "manifest": [path.as_uri()],
    }
    loaded = load(POSTS, record("posts", id="0"), message, **config)
    rows = {row["id"]: row["text"] for row in loaded.rows("posts")}
    assert rows == (
        {"0": "0!", "1": "1!", "2": "2!"} if config else {"0": None, "1": "a", "2": None}
    )


def test_records_need_not_be_valid_if_the_user_says_so(load: Load) -> None:
    posts = schema("posts", {"lang": {"type": "string", "enum": ["en"]}}, required=["id"])
    loaded = load(posts, record("posts", lang="tlh"), validate_records=False)
    assert loaded.rows("posts") == [{"lang": "tlh"}]
