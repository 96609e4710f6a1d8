"""Input that is wrong ends the command with one line, and nothing is written."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.singer_messages import Message, lines, record, schema, state
from target_command import GOOD, POSTS, SECRET, Command, Run, process

from dataset_store import dataset_id, open_store


@pytest.mark.parametrize(
    ("messages", "error"),
    [
        (
            [POSTS, GOOD, '{"type": "RECORD", "str'],
            "Line 3 of the input: it is not valid JSON; was the input cut off?",
        ),
        ([POSTS, GOOD, "[1]"], "Line 3 of the input: it is not a JSON object"),
        ([POSTS, "", "7"], "Line 3 of the input: it is not a JSON object"),
        ([{"stream": "posts"}], "Line 1 of the input: the message type None is not known"),
        ([{"type": 5}], "Line 1 of the input: the message type 5 is not known"),
        ([{"type": "GREETING"}], "Line 1 of the input: the message type 'GREETING' is not known"),
        (
            [GOOD],
            "Line 1 of the input: the stream 'posts' has no SCHEMA yet; the tap must send it "
            "first",
        ),
        (
            [POSTS, {"type": "ACTIVATE_VERSION", "stream": "users", "version": 1}],
            "Line 2 of the input: the stream 'users' has no SCHEMA yet; the tap must send it "
            "first",
        ),
        (
            [POSTS, {"type": "RECORD", "stream": "posts"}],
            "Line 2 of the input: the RECORD message is not valid: Object missing required field `record`",
        ),
        (
            [POSTS, {"type": "RECORD", "stream": "posts", "record": [SECRET]}],
            "Line 2, stream 'posts': the record is not valid: Expected `object`, got `array`",
        ),
        (
            [POSTS, {"type": "RECORD", "stream": "posts", "record": {}, "version": SECRET}],
            "Line 2 of the input: the RECORD message is not valid: Expected `int | null`, got `str` - at `$.version`",
        ),
        (
            [POSTS, GOOD, record("posts", id="2", likes=SECRET)],
            "Line 3, stream 'posts': column 'likes': the value is not of type \"integer\"",
        ),
        (
            [POSTS, GOOD, record("posts", likes=2)],
            "Line 3, stream 'posts': the record lacks the key property 'id'",
        ),
        (
            [POSTS, GOOD, record("posts", id="2", likes=2**63)],
            "Line 3, stream 'posts': column 'likes' holds a value that is not a 64-bit integer",
        ),
        (
            [schema("posts", {"id": {"type": "strin"}})],
            "Stream 'posts': its SCHEMA is not a valid JSON schema at 'properties.id.type'",
        ),
        (
            [schema("posts", {"id": {"$ref": "http://127.0.0.1:9/x"}})],
            "Stream 'posts': its SCHEMA is not a valid JSON schema (Resource "
            "'http://127.0.0.1:9/x' is not present in a registry and retrieving it failed: "
            "ValueError: external schemas are not fetched)",
        ),
        ([{"type": "SCHEMA", "stream": "posts"}], "Line 1 of the input: the SCHEMA message is not valid: Object missing required field `schema`"),
        (
            [{"type": "SCHEMA", "stream": "posts", "schema": {"properties": [SECRET]}}],
            "Line 1 of the input: the SCHEMA message is not valid: Expected `object`, got `array` "
            "- at `$.schema.properties`",
        ),
        (
            [POSTS, '{"type": "RECORD", "stream": "posts", "record": {"id": "1", "likes": 1e999}}'],
            "Line 2, stream 'posts': column 'likes' holds a value that is not a 64-bit integer",
        ),
        ([{"type": "STATE"}], "Line 1 of the input: the STATE message is not valid: Object missing required field `value`"),
        (
            [POSTS, schema("posts", {"id": {"type": "integer"}}, ["id"])],
            f"Stream 'posts', dataset {dataset_id('posts')}: Column 'id' holds "
            "string, but the new rows hold int64; neither type can become the other; set "
            "`type_conflicts` to text to store both as text",
        ),
        (
            [POSTS, {"type": "BATCH", "stream": "posts", "encoding": {"format": "csv"},
                     "manifest": []}],
            "The encoding of a BATCH message is not supported; it can be: jsonl (none), jsonl (gzip), "
            "parquet (none), parquet (gzip)",
        ),
        (
            [POSTS, {"type": "BATCH", "stream": "posts", "encoding": {"format": "jsonl"},
                     "manifest": ["nowhere/a.jsonl"]}],
            "A file of a BATCH message cannot be read (No such file or directory): nowhere/a.jsonl",
        ),
        (
            [POSTS, {"type": "BATCH", "stream": "posts", "encoding": {"format": "jsonl"},
                     "manifest": ["foo://a.jsonl"]}],
            "A file of a BATCH message cannot be read (it is not on this machine): foo://a.jsonl",
        ),
        (
            [POSTS, {"type": "BATCH", "stream": "posts", "encoding": {"format": "jsonl"},
                     "manifest": ["s3://bucket/a.jsonl"]}],
            "A file of a BATCH message cannot be read (it is not on this machine): s3://bucket/a.jsonl",
        ),
        (
            [schema("posts", {"input_dataset_id": {"type": "integer"}}, ["input_dataset_id"])],
            "Stream 'posts': its key 'input_dataset_id' is not text; it must hold the GUID of a "
            "dataset (or set `id` in `datasets` for the stream)",
        ),
        (
            [schema("posts", {"n": {"type": "number", "maximum": 5, "exclusiveMaximum": True}}),
             record("posts", n=4), record("posts", n=5)],
            "Line 3, stream 'posts': column 'n': the value is greater than or equal to the maximum "
            "of 5",
        ),
        (
            [schema("posts", {"id": {"type": "string"}, "n": {"type": "integer"}}, ["id"]),
             record("posts", id="1", n=2**60 + 1),
             schema("posts", {"id": {"type": "string"}, "n": {"type": "number"}}, ["id"])],
            f"Stream 'posts', dataset {dataset_id('posts')}: Column 'n' holds double, which cannot hold "
            "a value of type int64 exactly",
        ),
    ],
    ids=lambda value: None if isinstance(value, str) else " ".join(
        message if isinstance(message, str) else str(message.get("type")) for message in value
    ),
)  # fmt: skip
def test_bad_input_is_one_line_and_no_row(
    messages: list[Message | str], error: str, tmp_path: Path, command: Command
) -> None:
    assert command(*messages, state({"done": True})) == Run(1, "", [error])
    folder = tmp_path / "datasets"
    assert not folder.exists() or not any(info.rows for info in open_store(str(folder)).list())


@pytest.mark.parametrize(
    ("likes", "error"),
    [
        (SECRET, "Line 2, stream 'posts': its stream map failed on the record (ValueError)"),
        (None, "Line 2, stream 'posts': its stream map failed on the record (TypeError)"),
    ],
    ids=["text", "null"],
)
def test_a_stream_map_that_fails_is_one_line(likes: Any, error: str, command: Command) -> None:
    posts = schema("posts", {"likes": {}})
    maps = {"posts": {"likes": "int(likes)"}}
    assert command(posts, record("posts", likes=likes), stream_maps=maps) == Run(1, "", [error])


def test_a_mapped_record_that_is_no_object_is_one_line(command: Command) -> None:
    message = {"type": "RECORD", "stream": "posts", "record": [SECRET]}
    error = "Line 2, stream 'posts': the record is not valid: it is not a JSON object"
    assert command(POSTS, message, add_record_metadata=True) == Run(1, "", [error])


def test_schemas_that_disagree_in_an_overwrite_are_one_line(command: Command) -> None:
    messages = [
        POSTS,
        GOOD,
        schema("posts", {"id": {"type": "string"}, "likes": {"type": "string"}}),
        state({}),
    ]
    run = command(*messages, load_method="overwrite")
    [error] = run.errors
    assert (run.code, run.out) == (1, "")
    assert error.endswith(
        "Column 'likes' holds int64, but the new rows hold string; neither type can become the "
        "other; set `type_conflicts` to text to store both as text"
    )


@pytest.mark.parametrize("version", [2**63, -(2**63) - 1, "1"])
def test_a_version_that_no_column_holds_is_one_line(version: Any, command: Command) -> None:
    run = command(POSTS, {**GOOD, "version": version})
    [error] = run.errors
    assert (run.code, run.out) == (1, "")
    assert error.startswith("Line 2 of the input: the RECORD message is not valid: Expected `int")


def test_no_room_for_rows_that_wait_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"load_method": "overwrite"}')
    noise = [record("posts", id=os.urandom(50_000).hex()) for _ in range(5)]
    done = subprocess.run(
        [sys.executable, "-m", "target_dataset", "--config", "config.json"],
        input=lines([POSTS, *noise, state({"n": 5})]),
        text=True,
        capture_output=True,
        cwd=tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    assert "TMPDIR" in done.stderr.splitlines()[-1]


def test_no_room_for_the_state_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "target_dataset", "--config", "config.json"],
            input=lines([POSTS, GOOD, state({"n": 1})]),
            text=True,
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].endswith(
        "The STATE cannot be written to standard output: No space left on device"
    )


def test_a_process_ends_bad_input_with_one_line(tmp_path: Path) -> None:
    messages = [POSTS, GOOD, record("posts", id="2", likes=SECRET)]
    error = "Line 3, stream 'posts': column 'likes': the value is not of type \"integer\""
    assert process(messages=messages, cwd=tmp_path) == Run(1, "", [error])
