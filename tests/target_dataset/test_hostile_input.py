"""Input that is meant to break a reader ends with one line, or is taken for what it says."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.help_addresses import without_help
from support.singer_messages import Loaded, Message, lines, record, schema, state
from target_command import GOOD, POSTS, SECRET, Command, Run

from dataset_store import open_store
from target_dataset.errors import InputError
from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ANY = schema("posts", {"v": {}})


def nested(opening: str, depth: int, closing: str) -> str:
    return opening * depth + '"x"' + closing * depth


def text(message: Message, value: str) -> str:
    """The message as JSON, with `"*"` replaced by a text that `json` would not write."""
    return json.dumps(message).replace('"*"', value)


OBJECT = '{"type": "object", "properties": {"a": '


@pytest.mark.parametrize(
    ("messages", "error"),
    [
        ([ANY, text(record("posts", v="*"), nested("[", 100_000, "]"))],
         "Line 2 of the input: it is nested too deeply"),
        ([ANY, text(state({"v": "*"}), nested("[", 900, "]"))],
         "Line 2 of the input: the STATE message is nested too deeply"),
        ([text(schema("posts", {"v": "*"}), nested(OBJECT, 300, "}}"))],
         "Line 1 of the input: the SCHEMA message is nested too deeply"),
        ([text(schema("*", {"v": {}}), '"\\ud800"')],
         "Line 1 of the input: a string in the SCHEMA message holds half of a surrogate pair"),
        ([text(schema("posts", {"*": {}}), '"\\ud800"')],
         "Line 1 of the input: a string in the SCHEMA message holds half of a surrogate pair"),
        (['{"type": "STATE", "value": {}, "\\ud800": 1}'],
         "Line 1 of the input: a name in the STATE message holds half of a surrogate pair"),
        ([POSTS, {"type": "ACTIVATE_VERSION", "stream": "posts", "version": 2**63}],
         "Line 2 of the input: the ACTIVATE_VERSION message is not valid: Expected `int` <= "
         "9223372036854775807 - at `$.version`"),
        ([{"type": {"id": SECRET}}],
         "Line 1 of the input: the message type (not a string) is not known"),
        ([POSTS, GOOD, "\0\0"],
         "Line 3 of the input: it is not valid JSON; was the input cut off?"),
        ([POSTS, text(state({"v": "*"}), "1e9999999999999999999")],
         "Line 2 of the input: a number is out of range"),
        ([POSTS, text(record("posts", id="2", likes="*"), "1e9999999999999999999")],
         "Line 2, stream 'posts': column 'likes': a number is out of range"),
        ([POSTS, text(record("posts", id="2", likes="*"), "9" * 5_000)],
         "Line 2, stream 'posts': column 'likes': Integer value out of range"),
        ([POSTS, {**GOOD, "stream": "Posts"}],
         "Line 2 of the input: the stream 'Posts' has no SCHEMA yet; the tap must send it first"),
        ([{**POSTS, "key_properties": "id"}],
         "Line 1 of the input: the SCHEMA message is not valid: Expected `array | null`, got `str` "
         "- at `$.key_properties`"),
        ([schema("posts", {})], "Dataset 'posts': it needs at least one column"),
    ],
    ids=["deep record", "deep state", "deep schema", "surrogate stream", "surrogate column",
         "surrogate name", "version", "type", "NUL",
         "exponent of a state", "exponent", "digits", "case of a stream", "keys as text", "no columns"],
)  # fmt: skip
def test_what_cannot_be_taken_is_one_line(
    messages: list[Message | str], error: str, tmp_path: Path, command: Command
) -> None:
    assert command(*messages) == Run(1, "", [error])
    folder = tmp_path / "datasets"
    assert not folder.exists() or not any(info.rows for info in open_store(str(folder)).list())


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b'{"type":"RECORD","stream":"posts","record":{"id":"\xff"}}',
         "Line 2, stream 'posts': column 'id': it is not UTF-8 text"),
        (b'{"type":"RECORD","stream":"posts","record":{"\xff":1}}',
         "Line 2, stream 'posts': the record is not valid: it is not UTF-8 text"),
        (b'{"type":"RECORD","stream":"\xff","record":{"id":"1"}}',
         "Line 2 of the input: it is not valid JSON; was the input cut off?"),
    ],
    ids=["value", "name", "stream"],
)  # fmt: skip
def test_bytes_that_are_no_text_are_one_line(line: bytes, error: str, tmp_path: Path) -> None:
    done = run(json.dumps(POSTS).encode() + b"\n" + line, tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    last = done.stderr.decode().splitlines()[-1]
    assert without_help(last).endswith(f" | {error}")
    assert b"Traceback" not in done.stderr


def run(content: bytes, folder: Path, redirected: str = "") -> subprocess.CompletedProcess[bytes]:
    """Run the target by a shell, which can also close its standard streams."""
    return subprocess.run(
        ["/bin/sh", "-c", f'"$0" -m target_dataset {redirected}', sys.executable],
        input=content,
        capture_output=True,
        cwd=folder,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("redirected", "error"),
    [
        ("<&-", "There is no standard input to read; pipe a tap into the target"),
        (">&-", "The STATE cannot be written: standard output is closed"),
    ],
    ids=["input", "output"],
)
def test_a_closed_stream_is_one_line(redirected: str, error: str, tmp_path: Path) -> None:
    content = lines([POSTS, GOOD, state({"n": 1})]).encode()
    done = run(content, tmp_path, redirected)
    assert done.returncode == 1
    last = done.stderr.decode().splitlines()[-1]
    assert without_help(last).endswith(f" | {error}")
    assert b"Traceback" not in done.stderr


def test_nothing_that_can_be_taken_changes(load: Callable[..., Loaded]) -> None:
    names = ["a.b", "a b", 'q"q', "x'y", "n\nl", "ä", "t\tt", "a,b;{}()=", "%s", "../x", "\u202e"]
    wild = schema("wild", {name: {"type": ["string", "null"]} for name in names}, names[:3])
    first = {name: f"{name}\0 -- 'first' \"{{}}\" \u2028 😀" for name in names}
    second = {**first, names[-1]: "x" * 1_000_000}
    for _ in range(2):
        loaded = load(wild, record("wild", **first), record("wild", **second))
    assert loaded.rows("wild") == [second]


@pytest.mark.parametrize(
    "config", [{}, {"stream_maps": {"posts": {"w": "'1'"}}}], ids=["plain", "mapped"]
)
def test_deep_values_are_kept(config: dict[str, Any], load: Callable[..., Loaded]) -> None:
    deep = nested("[", 300, "]")
    loaded = load(ANY, text(record("posts", v="*"), deep), **config)
    assert [row["v"] for row in loaded.rows("posts")] == [deep]


def test_keys_may_change_amid_the_input(load: Callable[..., Loaded]) -> None:
    loaded = load(
        POSTS,
        *[GOOD] * 2,
        {**POSTS, "key_properties": ["id", "likes"]},
        record("posts", id="1", likes=2),
        {**POSTS, "key_properties": ["likes"]},
        record("posts", id="2", likes=2),
        state({"n": 4}),
    )
    rows = sorted((row["id"], row["likes"]) for row in loaded.rows("posts"))
    assert rows == [("1", 1), ("2", 2)]
    assert loaded.states == [{"n": 4}]


KEYWORDS = ("type", "properties", "items", "anyOf", "allOf", "enum", "const", "$ref", "pattern")

FREE: dict[str, Any] = {
    "additional": {"type": "object", "additionalProperties": {"type": "integer"}},
    "pattern": {"type": "object", "patternProperties": {"^s": {"type": "integer"}}},
    "names": {"type": "object", "propertyNames": {"maxLength": 3}},
    "closed": {"type": "object", "additionalProperties": False},
    "list": {"type": "array", "items": {"additionalProperties": {"type": "integer"}}},
}


@pytest.mark.parametrize("kind", FREE)
def test_the_keys_of_free_objects_are_not_shown(kind: str, command: Command) -> None:
    value: Any = {SECRET: SECRET}
    message = record("posts", v=[value] if kind == "list" else value)
    found = command(schema("posts", {"v": FREE[kind]}), message)
    [error] = found.errors
    assert error.startswith("Line 2, stream 'posts': column 'v")
    assert SECRET not in error


def test_a_declared_name_is_shown(command: Command) -> None:
    posts = schema("posts", {"v": {"items": {"properties": {"n": {"type": "integer"}}}}})
    error = "Line 2, stream 'posts': column 'v.1.n': the value is not of type \"integer\""
    assert command(posts, record("posts", v=[{}, {"n": SECRET}])) == Run(1, "", [error])


def test_a_number_beyond_integers_is_refused_where_records_are_mapped(command: Command) -> None:
    message = text(record("posts", id="1", likes="*"), "1e999")
    error = "Line 2, stream 'posts': column 'likes' holds a value that is not a 64-bit integer"
    maps = {"posts": {"id": "id + '!'"}}
    assert command(POSTS, message, stream_maps=maps) == Run(1, "", [error])


def test_an_input_that_is_cut_off_anywhere_is_refused_or_whole(load: Callable[..., Loaded]) -> None:
    content = lines([POSTS, GOOD, state({"n": 1}), record("posts", id="é", likes=2)])
    ends = {end for end, character in enumerate(content) if character == "\n"}
    whole = ends | {end + 1 for end in ends} | {0}
    for end in range(0, len(content) + 1, 3):
        if end in whole:
            load(content[:end])
        else:
            with pytest.raises(InputError, match="cut off"):
                load(content[:end])


odd = st.sampled_from(
    [2**63, 2**65, 10**400, 1e308, float("nan"), "\0", "\ud800", "#", "2024-13-01"]
)
# integers of 24, 27 or 32 digits look to the scan of logs like secrets of the sandbox
anything = st.recursive(
    odd
    | st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3) | st.sampled_from([*KEYWORDS]), inner, max_size=3)
    ),
    max_leaves=6,
)
CONFIGS: list[dict[str, Any]] = [
    {},
    {"nested": "struct", "validate_records": False, "invalid_dates": "null"},
    {"add_record_metadata": True, "hard_delete": True},
    {"flattening_enabled": True, "flattening_max_depth": 2},
    {"stream_maps": {"posts": {"w": "str(v)"}}, "load_method": "overwrite"},
]


@settings(max_examples=80, deadline=None)
@given(
    parts=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(("type", "schema", "keys", "row", "version", "state"), anything),
    ),
    config=st.sampled_from(CONFIGS),
)
@example(parts={"schema": {"anyOf": 5}}, config=CONFIGS[3])
@example(parts={"schema": {"type": 5}}, config=CONFIGS[1])
def test_whatever_a_message_holds_is_taken_or_refused_in_one_line(
    parts: dict[str, Any], config: dict[str, Any]
) -> None:
    posts = schema("posts", {"id": {"type": "string"}, "v": parts.get("schema", {})}, ["id"])
    messages = [
        posts | ({"key_properties": parts["keys"]} if "keys" in parts else {}),
        record("posts", id="1", v=parts.get("row")),
        record("posts", id="2") | {"record": parts.get("row", {"id": "2"})},
        {"type": "ACTIVATE_VERSION", "stream": "posts", "version": parts.get("version", 1)},
        state(parts.get("state", {"n": 1})),
        *([{"type": parts["type"]}] if "type" in parts else []),
    ]
    with tempfile.TemporaryDirectory() as folder:
        target = TargetDataset(config={"store": folder, **config})
        refusal = ""
        try:
            target.listen(io.StringIO(lines(messages)))
        except TargetDataset.known_errors as error:
            refusal = str(error)
    assert "\n" not in refusal
