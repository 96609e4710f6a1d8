from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataset_store import DatasetSpec, SchemaConflictError, open_store
from dataset_store.evolution import align, storable
from dataset_store.schema import JSON_TEXT, TIMESTAMP, is_json_text
from dataset_store.widening import widen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT, DATE, DOUBLE, INT = pa.string(), pa.date32(), pa.float64(), pa.int64()


def one(data_type: pa.DataType, metadata: dict[bytes, bytes] | None = None) -> pa.Schema:
    return pa.schema([pa.field("c", data_type, metadata=metadata)])


WIDER: list[tuple[pa.DataType, pa.DataType, pa.DataType]] = [
    (pa.int32(), INT, INT),
    (pa.int8(), pa.int16(), pa.int16()),
    (INT, DOUBLE, DOUBLE),
    (pa.float32(), DOUBLE, DOUBLE),
    (DATE, TIMESTAMP, TIMESTAMP),
    (pa.decimal128(5, 2), pa.decimal128(6, 4), pa.decimal128(7, 4)),
    (INT, pa.decimal128(5, 2), pa.decimal128(21, 2)),
    (pa.int8(), pa.decimal128(5, 2), pa.decimal128(5, 2)),
    (
        pa.struct([("a", INT)]),
        pa.struct([("b", TEXT), ("a", DOUBLE)]),
        pa.struct([("a", DOUBLE), ("b", TEXT)]),
    ),
    (pa.list_(INT), pa.list_(DOUBLE), pa.list_(DOUBLE)),
]


@pytest.mark.parametrize(("old", "new", "expected"), WIDER, ids=str)
def test_two_types_become_the_one_that_holds_both(
    old: pa.DataType, new: pa.DataType, expected: pa.DataType
) -> None:
    assert widen(one(old), one(new)) == one(expected)
    assert {field.name for field in _fields(widen(one(new), one(old)))} == {
        field.name for field in _fields(one(expected))
    }


def _fields(schema: pa.Schema) -> list[pa.Field]:
    data_type = schema.field(0).type
    return list(data_type) if pa.types.is_struct(data_type) else [schema.field(0)]


CONTRADICTIONS: list[tuple[pa.DataType, pa.DataType]] = [
    (TEXT, INT),
    (pa.bool_(), INT),
    (TEXT, TIMESTAMP),
    (DATE, INT),
    (TEXT, pa.struct([("a", INT)])),
    (pa.list_(TEXT), pa.struct([("a", INT)])),
    (pa.list_(TEXT), pa.list_(INT)),
    (pa.decimal128(38, 0), pa.decimal128(38, 38)),
    (INT, pa.decimal128(38, 20)),
    (DOUBLE, pa.decimal128(5, 2)),
    (TEXT, pa.decimal128(5, 2)),
    (pa.struct([("a", INT)]), pa.struct([("A", INT)])),
]


@pytest.mark.parametrize(("old", "new"), CONTRADICTIONS, ids=str)
def test_types_that_share_nothing_contradict(old: pa.DataType, new: pa.DataType) -> None:
    for pair in ((old, new), (new, old)):
        with pytest.raises(SchemaConflictError, match="'c"):
            widen(one(pair[0]), one(pair[1]))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, None, False),
        (JSON_TEXT, JSON_TEXT, True),
        (JSON_TEXT, None, True),
        (None, JSON_TEXT, False),
    ],
)
def test_stored_text_keeps_its_spelling(old: Any, new: Any, expected: bool) -> None:
    assert is_json_text(widen(one(TEXT, old), one(TEXT, new)).field("c")) is expected


def test_new_columns_come_last_and_old_ones_stay() -> None:
    old = pa.schema([("b", TEXT), ("a", INT)])
    new = pa.schema([("z", TEXT), ("a", INT), ("y", DATE)])

    assert widen(old, new).names == ["b", "a", "z", "y"]


def test_a_column_that_differs_by_case_alone_is_refused() -> None:
    with pytest.raises(SchemaConflictError, match="'C'"):
        widen(one(TEXT), pa.schema([("C", TEXT)]))


TYPES = st.sampled_from([INT, pa.int32(), DOUBLE, pa.float32(), TEXT, DATE, TIMESTAMP, pa.bool_()])
SCHEMAS = st.dictionaries(st.sampled_from("abcdef"), TYPES, min_size=1).map(
    lambda types: pa.schema(list(types.items()))
)


@given(SCHEMAS, SCHEMAS)
@settings(deadline=None)
def test_widening_again_changes_nothing(old: pa.Schema, new: pa.Schema) -> None:
    try:
        wider = widen(old, new)
    except SchemaConflictError:
        return
    assert wider.names[: len(old)] == old.names
    assert widen(wider, new) == widen(wider, old) == wider


@pytest.mark.parametrize(
    ("given_type", "stored"),
    [
        (pa.large_string(), TEXT),
        (pa.string_view(), TEXT),
        (pa.dictionary(pa.int32(), TEXT), TEXT),
        (pa.null(), TEXT),
        (pa.time64("us"), TEXT),
        (pa.uint32(), INT),
        (pa.timestamp("s"), TIMESTAMP),
        (pa.timestamp("ns", "Europe/Paris"), TIMESTAMP),
        (pa.date64(), DATE),
        (pa.large_list(pa.large_string()), pa.list_(TEXT)),
        (pa.map_(pa.large_string(), pa.uint8()), pa.map_(TEXT, INT)),
        (pa.struct([("a", pa.uint8())]), pa.struct([("a", INT)])),
        (pa.large_binary(), pa.binary()),
    ],
    ids=str,
)
def test_a_type_is_stored_as(given_type: pa.DataType, stored: pa.DataType) -> None:
    assert storable(one(given_type)) == one(stored)


@pytest.mark.parametrize(
    "data_type",
    [pa.duration("s"), pa.month_day_nano_interval(), pa.list_(pa.duration("s"))],
    ids=str,
)
def test_a_type_that_nothing_can_hold_is_refused(data_type: pa.DataType) -> None:
    with pytest.raises(SchemaConflictError, match="'c'"):
        storable(one(data_type))


ALIGNED: list[tuple[str, pa.DataType, pa.DataType, Any, Any]] = [
    (
        "naive is utc",
        pa.timestamp("s"),
        TIMESTAMP,
        datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None),
        datetime(2024, 1, 1, tzinfo=UTC),
    ),
    ("date to timestamp", DATE, TIMESTAMP, date(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC)),
    ("int to double", INT, DOUBLE, 3, 3.0),
    (
        "time to text",
        pa.time64("us"),
        TEXT,
        time(1, 2, 3),
        "01:02:03.000000",
    ),
    ("null to any", pa.null(), INT, None, None),
    (
        "less of a struct",
        pa.struct([("b", INT)]),
        pa.struct([("a", TEXT), ("b", INT)]),
        {"b": 1},
        {"a": None, "b": 1},
    ),
    ("unsigned", pa.uint64(), INT, 2**63 - 1, 2**63 - 1),
]


def nested(depth: int, outer: Callable[[pa.DataType], pa.DataType]) -> pa.DataType:
    found = TEXT
    for _ in range(depth):
        found = outer(found)
    return found


@pytest.mark.parametrize(
    "outer",
    [
        lambda inner: pa.struct([("a", inner)]),
        lambda inner: pa.list_(pa.field("element", inner)),
        lambda inner: pa.map_(TEXT, inner),
    ],
    ids=["structs", "lists", "maps"],
)
def test_values_nested_deeper_than_delta_lake_reads_are_refused(
    outer: Callable[[pa.DataType], pa.DataType], tmp_path: Path
) -> None:
    store = open_store(str(tmp_path))
    assert store.create(DatasetSpec("deep", one(nested(30, outer)))).schema == one(
        nested(30, outer)
    )
    with pytest.raises(SchemaConflictError, match=r"'c': .* more than 30 levels deep"):
        store.create(DatasetSpec("too deep", one(nested(31, outer))))


@pytest.mark.parametrize(
    ("given_type", "stored", "value", "expected"),
    [a[1:] for a in ALIGNED],
    ids=[a[0] for a in ALIGNED],
)
def test_a_value_is_aligned(
    given_type: pa.DataType, stored: pa.DataType, value: Any, expected: Any
) -> None:
    rows = pa.table({"c": pa.array([value], given_type)})

    assert align(rows, one(stored)).to_pylist() == [{"c": expected}]


@pytest.mark.parametrize(
    ("given_type", "stored", "value"),
    [(INT, DOUBLE, 2**53 + 1), (pa.uint64(), INT, 2**63)],
    ids=["integer beyond a double", "unsigned beyond signed"],
)
def test_a_value_that_would_change_is_refused_and_not_shown(
    given_type: pa.DataType, stored: pa.DataType, value: int
) -> None:
    with pytest.raises(SchemaConflictError, match="'c'") as caught:
        align(pa.table({"c": pa.array([value], given_type)}), one(stored))
    assert str(value) not in str(caught.value)
    assert caught.value.__suppress_context__
