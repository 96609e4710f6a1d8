"""What the log says of the values in a file, by which every reader skips files."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, QueryBuilder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataset_store import DatasetSpec, dataset_id, open_store
from dataset_store.schema import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

GUID = dataset_id("rows")
LAST = "\U0010ffff"


def logged(folder: Path, rows: pa.Table, options: dict[str, Any] | None = None) -> dict[str, Any]:
    """The statistics of a file with these rows."""
    open_store(str(folder)).create(DatasetSpec("rows", rows.schema))
    if options:
        DeltaTable(folder / GUID).alter.set_table_properties(options)
    open_store(str(folder)).open("rows").append(rows)
    newest = max((folder / GUID / "_delta_log").glob("*.json"))
    (add,) = (
        entry["add"] for entry in map(json.loads, newest.read_text().splitlines()) if "add" in entry
    )
    found: dict[str, Any] = json.loads(add["stats"], parse_float=Decimal)
    return found


TEXT = "é" * 33
MOMENT = datetime(1960, 1, 1, 0, 0, 0, 123456, UTC)
RANGES: dict[str, tuple[pa.DataType, list[Any], tuple[Any, Any]]] = {
    "integer": (pa.int64(), [2**63 - 1, -(2**63), None], (-(2**63), 2**63 - 1)),
    "short integer": (pa.int8(), [-3], (-3, -3)),
    "text": (pa.string(), ["b", "a", ""], ("", "b")),
    "long text": (pa.string(), [TEXT], (TEXT[:32], TEXT[:32] + LAST)),
    "text that ends last": (pa.string(), [LAST * 34], (LAST * 32, LAST * 34 + LAST)),
    "date": (pa.date32(), [date.max, date.min], ("0001-01-01", "9999-12-31")),
    "time": (TIMESTAMP, [MOMENT], ("1960-01-01T00:00:00.123Z", "1960-01-01T00:00:00.124Z")),
    "whole time": (
        TIMESTAMP,
        [MOMENT.replace(microsecond=0)],
        ("1960-01-01T00:00:00.000Z", "1960-01-01T00:00:00.000Z"),
    ),
    "last time": (
        TIMESTAMP,
        [datetime.max.replace(tzinfo=UTC)],
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    ),
    "double": (pa.float64(), [0.1, -5e-324], (Decimal("-5e-324"), Decimal("0.1"))),
    "float": (pa.float32(), [1.5], (Decimal("1.5"), Decimal("1.5"))),
    "boolean": (pa.bool_(), [True, False], (False, True)),
    "decimal": (
        pa.decimal128(38, 3),
        [Decimal("9" * 35 + ".001"), Decimal("0E-3")],
        (Decimal("0.000"), Decimal("9" * 35 + ".001")),
    ),
}


@pytest.mark.parametrize(("data_type", "values", "bounds"), list(RANGES.values()), ids=list(RANGES))
def test_the_log_says_the_range_of(
    data_type: pa.DataType, values: list[Any], bounds: tuple[Any, Any], tmp_path: Path
) -> None:
    found = logged(tmp_path, pa.table({"c": pa.array(values, data_type)}))

    assert found["numRecords"] == len(values)
    assert (found["minValues"]["c"], found["maxValues"]["c"]) == bounds
    assert found["nullCount"] == {"c": values.count(None)}


WITHOUT: dict[str, tuple[pa.DataType, list[Any]]] = {
    "not a number": (pa.float64(), [1.0, math.nan]),
    "infinity": (pa.float64(), [1.0, math.inf]),
    "bytes": (pa.binary(), [b"\xff"]),
    "nulls": (pa.int64(), [None]),
    "times before the year 1": (TIMESTAMP, pa.array([-(2**62)], pa.int64()).cast(TIMESTAMP)),
    "text too long for a footer": (pa.string(), ["x" * 100_000]),
}


@pytest.mark.parametrize(("data_type", "values"), list(WITHOUT.values()), ids=list(WITHOUT))
def test_the_log_says_no_range_of(
    data_type: pa.DataType, values: Sequence[Any], tmp_path: Path
) -> None:
    found = logged(tmp_path, pa.table({"c": pa.array(values, data_type)}))

    assert (found["minValues"], found["maxValues"]) == ({}, {})


def test_fields_of_structs_stand_in_structs_and_lists_nowhere(tmp_path: Path) -> None:
    inner = pa.struct([("z", pa.string()), ("tags", pa.list_(pa.int64()))])
    outer = pa.struct([("x", pa.int64()), ("y", inner)])
    schema = pa.schema([("map", pa.map_(pa.string(), outer)), ("a.b", pa.int64()), ("a", outer)])
    rows = [{"a": {"x": 1, "y": {"z": "q", "tags": [1]}}, "a.b": 5, "map": [("k", None)]}, {}]
    found = logged(tmp_path, pa.Table.from_pylist(rows, schema))

    values = {"a.b": 5, "a": {"x": 1, "y": {"z": "q"}}}
    assert found["minValues"] == found["maxValues"] == values
    assert found["nullCount"] == {"a.b": 1, "a": {"x": 1, "y": {"z": 1}}}


@pytest.mark.parametrize(("wanted", "columns"), [(None, 32), ("2", 2), ("-1", 40), ("0", 0)])
def test_the_first_columns_are_described(wanted: str | None, columns: int, tmp_path: Path) -> None:
    options = {"delta.dataSkippingNumIndexedCols": wanted} if wanted else None
    found = logged(tmp_path, pa.table({f"c{n}": [n] for n in range(40)}), options)

    assert list(found["nullCount"]) == [f"c{n}" for n in range(columns)]


@given(st.lists(st.text(st.sampled_from(["a", "é", LAST]), max_size=70), min_size=1, max_size=3))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_readers_find_texts_however_they_are_cut(tmp_path: Path, texts: list[str]) -> None:
    store = open_store(str(tmp_path))
    if store.find(GUID):
        store.remove(GUID)
    dataset = store.create(DatasetSpec("rows", pa.schema([("c", pa.string())])))
    dataset.append(pa.table({"c": texts}))
    table = DeltaTable(tmp_path / GUID)

    for text in texts:
        query = f"select c from t where c >= '{text}' and c <= '{text}'"
        found = pa.table(QueryBuilder().register("t", table).execute(query).read_all())
        assert found.num_rows == texts.count(text)
