"""Parquet files of BATCH messages: every type loads, or one line names file, row and column."""

from __future__ import annotations

import datetime as dt
import decimal
import io
import json
import random
import uuid
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support import parquet_files
from support.singer_messages import Loaded, schema
from support.target_cases import CASES

from target_dataset.batch_files import batch_records
from target_dataset.errors import InputError
from target_dataset.parquet_rows import ParquetError, ParquetRows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NS = pa.timestamp("ns", "UTC")
INSTANT = "1970-01-01T00:00:00.000001Z"
FAR = 2**62
FAR_REASON = (
    "column 'v': it holds a date outside the years 1 to 9999, or a time outside a day; "
    "`invalid_dates` can null it"
)


def rows(column: pa.Array, *, null_dates: bool = False, max_bytes: int = 1_000_000) -> list[Any]:
    """What a file with one column `v` is read as."""
    file = io.BytesIO()
    pq.write_table(pa.table({"v": column}), file)
    found = ParquetRows(file, max_bytes=max_bytes, null_dates=null_dates)
    return [json.loads(text, parse_float=decimal.Decimal)["v"] for text in found]


@pytest.mark.parametrize(
    ("data_type", "value", "read"),
    [
        (NS, 1_001, INSTANT),
        (pa.timestamp("ns"), 1_001, INSTANT[:-1]),
        (pa.timestamp("us", "Mars/Phobos"), 1, INSTANT),
        (pa.timestamp("us", "Europe/Berlin"), 1, INSTANT),
        (pa.struct([("at", NS)]), {"at": 1_001}, {"at": INSTANT}),
        (pa.list_(NS), [1_001, None], [INSTANT, None]),
        (pa.large_list(NS), [1_001], [INSTANT]),
        (pa.list_(NS, 1), [1_001], [INSTANT]),
        (pa.list_(pa.list_(NS)), [[1_001]], [[INSTANT]]),
        (pa.map_(pa.string(), NS), [("a", 1_001)], {"a": INSTANT}),
        (pa.map_(pa.int32(), NS), [(5, 1_001)], [{"key": 5, "value": INSTANT}]),
        (pa.map_(pa.date32(), pa.null()), [(0, None)], [{"key": "1970-01-01", "value": None}]),
        (pa.date32(), -719_162, "0001-01-01"),
        (pa.date32(), 2_932_896, "9999-12-31"),
        (pa.date64(), 86_400_000, "1970-01-02"),
        (pa.time32("s"), 3_661, "01:01:01"),
        (pa.time64("us"), 1, "00:00:00.000001"),
        (pa.time64("ns"), 86_399_999_999_999, "23:59:59.999999"),
        (pa.duration("ns"), 1, "PT0.000000001S"),
        (pa.duration("ms"), -1_500, "-PT1.5S"),
        (pa.duration("s"), 2**62, f"PT{2**62}S"),
        (pa.decimal128(30, 2), decimal.Decimal("1.10"), decimal.Decimal("1.10")),
        (pa.decimal256(60, 0), decimal.Decimal(10**55 + 1), 10**55 + 1),
        (pa.uint64(), 2**64 - 1, 2**64 - 1),
        (pa.float64(), float("nan"), None),
        (pa.binary(), b"x", "eA=="),
        (pa.binary(2), b"xy", "eHk="),
        (pa.large_string(), "é", "é"),
        (pa.string_view(), "é", "é"),
        (pa.null(), None, None),
        (pa.uuid(), uuid.UUID(int=1).bytes, str(uuid.UUID(int=1))),
        (pa.json_(), '{"a":1}', '{"a":1}'),
    ],
    ids=str,
)  # fmt: skip
def test_every_type_loads(data_type: pa.DataType, value: Any, read: Any) -> None:
    assert rows(pa.array([value, None], data_type)) == [read, None]


def test_values_of_a_dictionary_load() -> None:
    assert rows(pa.array(["a", "b", "a"]).dictionary_encode()) == ["a", "b", "a"]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([0, FAR], pa.timestamp("us")),
        pa.array([0, FAR], pa.timestamp("ms", "Mars/Phobos")),
        pa.array([0, -719_163], pa.date32()),
        pa.array([0, 2_932_897], pa.date32()),
        pa.array([[0], [FAR]], pa.list_(pa.timestamp("us"))),
        pa.array([{"a": 0}, {"a": FAR}], pa.struct([("a", pa.timestamp("us"))])),
        pa.array([[("a", 0)], [("a", FAR)]], pa.map_(pa.string(), pa.timestamp("us"))),
        pa.array([0, 86_400_000_000], pa.time64("us")),
    ],
    ids=lambda column: str(column.type),
)
def test_dates_that_python_does_not_know_are_one_line_or_null(column: pa.Array) -> None:
    with pytest.raises(ParquetError) as caught:
        rows(column)
    assert (str(caught.value), caught.value.row) == (FAR_REASON, 2)
    text = json.dumps(rows(column, null_dates=True))
    assert "null" in text


@pytest.mark.parametrize("name", ["date", "ts"])
def test_dates_as_they_came(name: str, load: Callable[..., Loaded]) -> None:
    path = CASES / "p_parquet_dates" / f"{name}.parquet"
    message = batch(path)
    posts = schema("s", {"id": {"type": "integer"}, "d": {}}, ["id"])
    with pytest.raises(InputError) as caught:
        load(posts, message)
    reason = FAR_REASON.replace("'v'", "'d'")
    assert str(caught.value) == f"Row 1 of {path}, stream 's': {reason}"
    assert load(posts, message, invalid_dates="null").rows("s") == [{"id": 1, "d": None}]


def test_a_zone_as_it_came(load: Callable[..., Loaded]) -> None:
    path = CASES / "p_parquet_dates" / "tz.parquet"
    posts = schema("s", {"id": {"type": "integer"}, "d": {"format": "date-time", "type": "string"}})
    [row] = load(posts, batch(path)).rows("s")
    assert row["d"] == dt.datetime(1970, 1, 1, 0, 0, 0, 1, dt.UTC)


def batch(path: Path) -> dict[str, Any]:
    return {
        "type": "BATCH",
        "stream": "s",
        "encoding": {"format": "parquet"},
        "manifest": [str(path)],
    }


def test_text_that_is_no_utf_8_is_named() -> None:
    column = pa.array([b"good", b"\xff"]).view(pa.string())
    with pytest.raises(ParquetError, match=r"^column 'v': it is not UTF-8 text$") as caught:
        rows(column)
    assert caught.value.row == 2


def test_two_columns_of_one_name_are_refused() -> None:
    file = io.BytesIO()
    pq.write_table(pa.table([pa.array([1]), pa.array([2])], names=["v", "v"]), file)
    with pytest.raises(ParquetError, match=r"^two columns are named 'v'$"):
        ParquetRows(file, max_bytes=1_000, null_dates=False)


@pytest.mark.parametrize(
    ("column", "row"),
    [
        (pa.array(["a", "a" * 10_000_000]), None),
        (pa.array([["a"] * 3_000_000]), None),
        (pa.array(["a", "a" * 200_000]), 2),
        (pa.array([["a" * 1_000] * 1_000]), 1),
    ],
    ids=["page", "list", "row", "dictionary"],
)
def test_what_unpacks_to_too_much_is_refused(column: pa.Array, row: int | None) -> None:
    with pytest.raises(ParquetError, match="the setting 'batch_max_line_mb' allows") as caught:
        rows(column, max_bytes=100_000)
    assert caught.value.row == row
    if row is None:
        assert str(caught.value).startswith("a part of column 'v")


def test_pages_of_many_long_rows_are_read() -> None:
    texts = [random.Random(1).randbytes(20_000).hex()] * 600  # fmt: skip
    assert rows(pa.array(texts), max_bytes=100_000) == texts


def outcome(content: bytes, path: Path, *, null_dates: bool) -> list[Any] | str:
    """What a file is read as, or how it is refused."""
    path.write_bytes(content)
    try:
        records = batch_records(batch(path), ["id"], max_bytes=64_000_000, null_dates=null_dates)
        return [json.loads(bytes(message.record)) for _, message in records]
    except InputError as error:
        return str(error)


def read_or_refuse(seed: int, path: Path) -> None:
    rng = random.Random(seed)
    table = parquet_files.odd_table(rng)
    try:
        content = parquet_files.written(table, rng)
    except pa.ArrowException:
        return  # Arrow cannot write it
    lenient, strict = (outcome(content, path, null_dates=null) for null in (True, False))
    assert [row["id"] for row in lenient if isinstance(row, dict)] == table["id"].to_pylist()
    assert strict == lenient or (isinstance(strict, str) and ": column 'c" in strict)
    found = outcome(parquet_files.damaged(content, rng), path, null_dates=False)
    assert isinstance(found, list) or ("\n" not in found and str(path) in found)


def test_odd_and_damaged_files_are_read_or_refused_in_one_line(tmp_path: Path) -> None:
    for seed in range(60):
        read_or_refuse(seed, tmp_path / f"{seed}.parquet")


@pytest.mark.torture
def test_many_odd_and_damaged_files_are_read_or_refused_in_one_line(tmp_path: Path) -> None:
    for seed in range(300):
        read_or_refuse(seed, tmp_path / "part.parquet")
