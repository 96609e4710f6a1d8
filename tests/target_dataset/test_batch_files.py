"""What is wrong in a file of a BATCH message is told with the file and the place in it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.singer_messages import Loaded, Message, schema, state
from support.target_cases import run_case
from target_command import Command, Run

from target_dataset.batch_files import batch_records
from target_dataset.errors import InputError

POSTS = schema("posts", {"id": {"type": "string"}, "likes": {"type": "integer"}}, ["id"])
NO_PROPERTY = (
    "{}: no record has a property of the SCHEMA, so all values would be null; spell the names as in "
    "the SCHEMA"
)
GOOD = '{"id": "1", "likes": 1}\n\n'

Load = Callable[..., Loaded]


def found(message: Message, **options: Any) -> list[tuple[str, Any]]:
    """The records of a BATCH message with their places, its SCHEMA having the column `v`."""
    properties = options.pop("properties", ("id", "likes", "v"))
    records = batch_records(
        message, properties, **{"max_bytes": 1_000_000, "null_dates": False, **options}
    )
    return [(place, json.loads(bytes(each.record))) for place, each in records]


def batch(path: Path | str, kind: str = "jsonl", compression: str = "none") -> Message:
    encoding = {"format": kind, "compression": compression}
    return {"type": "BATCH", "stream": "posts", "encoding": encoding, "manifest": [str(path)]}


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('{"id": "2", "likes": "sesame"}',
         ", stream 'posts': column 'likes': the value is not of type \"integer\""),
        ('{"likes": 2}', ", stream 'posts': the record lacks the key property 'id'"),
        ('{"id": "2", "likes": 9223372036854775808}',
         ", stream 'posts': column 'likes' holds a value that is not a 64-bit integer"),
        ('{"id": "2", "li', ": it is not valid JSON; was the input cut off?"),
        ('["sesame"]', ": it is not a JSON object"),
        ('{"id": "2", "likes": 1e999}',
         ", stream 'posts': column 'likes' holds a value that is not a 64-bit integer"),
    ],
    ids=["invalid", "keyless", "unfit", "cut off", "no object", "too large"],
)  # fmt: skip
@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_a_bad_line_is_named(
    line: str, error: str, compression: str, tmp_path: Path, load: Load
) -> None:
    path = tmp_path / "records"
    content = f"{GOOD}{line}\n".encode()
    path.write_bytes(gzip.compress(content) if compression == "gzip" else content)
    with pytest.raises(InputError) as caught:
        load(POSTS, batch(path, compression=compression), state({"n": 1}))
    assert str(caught.value) == f"Line 3 of {path}{error}"


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({}, "column 'likes': the value is not of type \"integer\""),
        ({"stream_maps": {"posts": {"likes": "int(likes)"}}},
         "its stream map failed on the record (ValueError)"),
    ],
    ids=["plain", "mapped"],
)  # fmt: skip
def test_a_bad_row_is_named(
    config: dict[str, Any], reason: str, tmp_path: Path, load: Load
) -> None:
    path = tmp_path / "records.parquet"
    pq.write_table(pa.table({"id": ["1", "2", "3"], "likes": ["1", "sesame", "3"]}), path)
    likes = {"type": "string" if config else "integer"}
    posts = schema("posts", {"id": {"type": "string"}, "likes": likes}, ["id"])
    if not config:
        pq.write_table(pa.table({"id": ["1", "2"], "likes": pa.array([1.0, 1.5])}), path)
    with pytest.raises(InputError) as caught:
        load(posts, batch(path, "parquet"), **config)
    assert str(caught.value) == f"Row 2 of {path}, stream 'posts': {reason}"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("nosuch://ann:sesame@host/a.jsonl?signature=sesame", "nosuch://host/a.jsonl"),
        ("nosuch://ann:a/sesame@host/a.jsonl", "nosuch://host/a.jsonl"),
        ("nosuch://ann:ses@me@host/a.jsonl", "nosuch://host/a.jsonl"),
        ("nosuch://host/a.jsonl#access_token=sesame", "nosuch://host/a.jsonl"),
        ("nosuch://host/a.jsonl?by=ann@sesame", "nosuch://…"),
        ("nosuch://ann:ses?me@host/a.jsonl", "nosuch://…"),
        ("nosuch://ann:ses#me@host/a.jsonl", "nosuch://…"),
        ("nosuch://ann:ses@m?e@host/a.jsonl", "nosuch://…"),
    ],
    ids=["user and query", "slash", "at", "fragment", "at in query", "?", "#", "at and ?"],
)
def test_a_url_is_named_without_what_signs_it(url: str, shown: str) -> None:
    with pytest.raises(InputError) as caught:
        found(batch(url))
    assert str(caught.value) == (
        f"A file of a BATCH message cannot be read (it is not on this machine): {shown}"
    )


def test_records_keep_their_place(tmp_path: Path) -> None:
    path = tmp_path / "records"
    path.write_text(f'{GOOD}{{"id": "2"}}')
    assert found(batch(path)) == [
        (f"Line 1 of {path}", {"id": "1", "likes": 1}),
        (f"Line 3 of {path}", {"id": "2"}),
    ]


def test_record_messages_are_read(tmp_path: Path) -> None:
    path = tmp_path / "records"
    message = {"type": "RECORD", "stream": "posts", "record": {"id": "1"}, "version": 7}
    path.write_text(f"{json.dumps(message)}\n{json.dumps({'id': '2'})}\n")
    assert [record for _, record in found(batch(path))] == [{"id": "1"}, {"id": "2"}]
    records = batch_records(batch(path), ["id"], max_bytes=1_000, null_dates=False)
    assert [each.version for _, each in records] == [7, None]


def test_record_messages_as_they_came(tmp_path: Path) -> None:
    case = run_case("b01_record_messages_nokey", tmp_path)
    assert case.codes == [0]
    assert case.rows("k") == [{"id": 1, "v": "x"}] * 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"type": "SCHEMA", "stream": "posts", "schema": {"properties": {}}},
         "Line 1 of {}: it is a SCHEMA message; files of a BATCH message must hold records"),
        ({"type": "RECORD", "stream": "users", "record": {"id": "1"}},
         "Line 1 of {}: it is a RECORD of the stream 'users', not of 'posts'"),
        ({"type": "RECORD", "record": {"id": "1"}},
         "Line 1 of {}: the RECORD message is not valid: Object missing required field `stream`"),
        ({"ID": "1"}, NO_PROPERTY),
        ({}, NO_PROPERTY),
    ],
    ids=["schema", "other stream", "no stream", "other names", "no names"],
)  # fmt: skip
def test_lines_that_are_no_records_of_the_stream(
    line: Message, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "records"
    path.write_text(f"{json.dumps(line)}\n")
    with pytest.raises(InputError) as caught:
        found(batch(path))
    assert str(caught.value) == reason.format(path)


def test_a_column_called_type_is_a_column(tmp_path: Path) -> None:
    path = tmp_path / "records"
    record = {"type": "RECORD", "record": {"a": 1}}
    path.write_text(json.dumps(record))
    assert found(batch(path), properties=["type", "record"]) == [(f"Line 1 of {path}", record)]


def test_empty_records_before_others_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "records"
    path.write_text('{}\n{"id": "1"}\n{}\n')
    assert [record for _, record in found(batch(path))] == [{}, {"id": "1"}, {}]


def test_every_digit_arrives(tmp_path: Path) -> None:
    path = tmp_path / "records"
    path.write_text('{"v": 9007199254740993.10}')
    [(_, message)] = batch_records(batch(path), ["v"], max_bytes=99, null_dates=False)
    assert bytes(message.record) == b'{"v": 9007199254740993.10}'


@pytest.mark.parametrize("declared", ["none", "gzip"])
@pytest.mark.parametrize("is_zipped", [True, False], ids=["zipped", "plain"])
def test_what_a_file_is_counts_not_what_is_said(
    declared: str, is_zipped: bool, tmp_path: Path
) -> None:
    path = tmp_path / "records"
    content = b'{"v": 1}\n{"v": 2}\n'
    path.write_bytes(gzip.compress(content) * 2 if is_zipped else content * 2)
    values = [record["v"] for _, record in found(batch(path, compression=declared))]
    assert values == [1, 2, 1, 2]


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b'{"v": "' + b"a" * 3_000_000, "Line 1 of {}: "),
        (b'{"v": 1}\n{"v": "' + b"a" * 3_000_000 + b'"}\n', "Line 2 of {}: "),
        (gzip.compress(b'{"v": 1}\n' + b" " * 100_000_000), "Line 2 of {}: "),
    ],
    ids=["no end", "long line", "zip bomb"],
)
def test_a_line_that_is_too_long_is_refused_before_it_takes_the_memory(
    content: bytes, shown: str, tmp_path: Path
) -> None:
    path = tmp_path / "records"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        found(batch(path))
    assert str(caught.value) == (
        f"{shown.format(path)}it is longer than 1 MB; if this is not an error of the tap, raise the "
        "setting 'batch_max_line_mb'"
    )


ZIPPED = gzip.compress(b'{"v": 1}\n')


@pytest.mark.parametrize(
    ("content", "form", "reason"),
    [
        (ZIPPED[:-4], "jsonl", "it is truncated"),
        (ZIPPED[:12], "jsonl", "it is truncated"),
        (ZIPPED[:-8] + bytes(8), "jsonl", "its gzip data is corrupt"),
        (ZIPPED[:10] + b"\xff" * 9, "jsonl", "its gzip data is corrupt"),
        (b"PAR1 and no more PAR1", "parquet", "Arrow cannot read it: ArrowInvalid"),
        (b"", "parquet", "Arrow cannot read it: ArrowInvalid"),
    ],
    ids=["cut", "cut early", "checksum", "damaged", "no Parquet", "empty"],
)
def test_a_file_with_damage_is_named_with_the_reason(
    content: bytes, form: str, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "records"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        found(batch(path, form))
    assert str(caught.value) == f"A file of a BATCH message cannot be read ({reason}): {path}"


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_a_file_that_fails_to_be_read_is_named_with_the_reason(form: str) -> None:
    address = "/proc/self/mem"  # the kernel refuses to read its beginning
    if not Path(address).exists():
        pytest.skip("this system has no /proc")
    with pytest.raises(InputError, match=r"cannot be read \(.*\): /proc/self/mem$"):
        found(batch(address, form))


def test_a_line_of_the_input_that_is_too_long_is_one_line(command: Command) -> None:
    message = '{"type": "RECORD", "stream": "posts", "record": {"id": "' + "a" * 2_000_000
    assert command(POSTS, message, batch_max_line_mb=1.5) == Run(
        1,
        "",
        [
            "Line 2 of the input: it is longer than 1.5 MB; if this is not an error of the tap, "
            "raise the setting 'batch_max_line_mb'"
        ],
    )


def test_lines_as_long_as_allowed_are_read(tmp_path: Path) -> None:
    path = tmp_path / "records"
    line = json.dumps({"v": "a" * 91})
    path.write_text(f"{line}\n{line}\n")
    assert len(found(batch(path), max_bytes=100)) == 2
    with pytest.raises(InputError, match=r"^Line 1 of .* longer than"):
        found(batch(path), max_bytes=99)
