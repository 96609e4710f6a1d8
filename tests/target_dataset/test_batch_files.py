"""What is wrong in a file of a BATCH message is told with the file and the place in it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from singer_messages import Loaded, Message, schema, state

from target_dataset.batch_files import batch_records
from target_dataset.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

POSTS = schema("posts", {"id": {"type": "string"}, "likes": {"type": "integer"}}, ["id"])
GOOD = '{"id": "1", "likes": 1}\n\n'

Load = Callable[..., Loaded]


def batch(path: Path, kind: str = "jsonl", compression: str = "none") -> Message:
    encoding = {"format": kind, "compression": compression}
    return {"type": "BATCH", "stream": "posts", "encoding": encoding, "manifest": [str(path)]}


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('{"id": "2", "likes": "sesame"}',
         ", stream 'posts': column 'likes': the value is not of type \"integer\""),
        ('{"likes": 2}', ", stream 'posts': the record lacks the key property 'id'"),
        ('{"id": "2", "likes": 9223372036854775808}',
         ", stream 'posts': column 'likes' holds a value that is no integer of at most 64 bits"),
        ('{"id": "2", "li', ": it is not valid JSON; was the input cut off?"),
        ('["sesame"]', ": it is not a JSON object"),
        ('{"id": "2", "likes": 1e999}', ": it holds a number that is too large for a double"),
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
         "its stream map fails on the record (ValueError)"),
    ],
    ids=["plain", "mapped"],
)  # fmt: skip
def test_a_bad_row_is_named(
    config: dict[str, Any], reason: str, tmp_path: Path, load: Load
) -> None:
    path = tmp_path / "records.parquet"
    pq.write_table(pa.table({"id": ["1", "2", "3"], "likes": ["1", "sesame", "3"]}), path)
    posts = schema("posts", {"id": {"type": "string"}, "likes": {"type": "integer"}}, ["id"])
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
    message = {"encoding": {"format": "jsonl"}, "manifest": [url]}
    with pytest.raises(InputError) as caught:
        list(batch_records(message))
    assert str(caught.value) == f"A file of a BATCH message cannot be read (ValueError): {shown}"


NANOSECONDS = pa.timestamp("ns", "UTC")


@pytest.mark.parametrize(
    ("data_type", "value"),
    [
        (NANOSECONDS, 1_001),
        (pa.struct([("at", NANOSECONDS)]), {"at": 1_001}),
        (pa.list_(NANOSECONDS), [1_001]),
    ],
    ids=["plain", "in a struct", "in a list"],
)
def test_nanoseconds_are_cut_to_microseconds(
    data_type: pa.DataType, value: object, tmp_path: Path
) -> None:
    path = tmp_path / "records.parquet"
    pq.write_table(pa.table({"v": pa.array([value], data_type)}), path)
    [(_, text)] = batch_records(batch(path, "parquet"))
    assert b'"1970-01-01T00:00:00.000001Z"' in bytes(text)


def test_records_keep_their_place(tmp_path: Path) -> None:
    path = tmp_path / "records"
    path.write_text(f'{GOOD}{{"id": "2"}}')
    found = [(place, json.loads(bytes(text))) for place, text in batch_records(batch(path))]
    assert found == [
        (f"Line 1 of {path}", {"id": "1", "likes": 1}),
        (f"Line 3 of {path}", {"id": "2"}),
    ]
