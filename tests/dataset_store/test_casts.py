"""Values in the column of another type keep everything."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset_store import SchemaConflictError
from dataset_store.casts import cast
from dataset_store.schema import JSON_TEXT, MIXED_TEXT, NULL_ONLY, TIMESTAMP

TEXT, INT = pa.string(), pa.int64()
MOMENT = datetime(2024, 1, 1, 12, 0, 0, 1, UTC)
DEEP = pa.list_(pa.struct([("n", pa.float64()), pa.field("j", TEXT, metadata=JSON_TEXT)]))

VALUES: list[tuple[pa.DataType, Any, str, str]] = [
    (pa.bool_(), True, "true", "true"),
    (INT, -(2**63), "-9223372036854775808", "-9223372036854775808"),
    (pa.float64(), 0.1, "0.1", "0.1"),
    (pa.float64(), 5.0, "5", "5"),
    (pa.float64(), -0.0, "0", "0"),
    (pa.float64(), 1e22, "1e22", "1e22"),
    (pa.decimal128(5, 2), Decimal("1.10"), "1.10", "1.10"),
    (pa.date32(), date(1, 2, 3), "0001-02-03", '"0001-02-03"'),
    (TIMESTAMP, MOMENT, "2024-01-01T12:00:00.000001Z", '"2024-01-01T12:00:00.000001Z"'),
    (TIMESTAMP, datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z", '"0001-01-01T00:00:00Z"'),
    (TEXT, 'a "b"\n', 'a "b"\n', '"a \\"b\\"\\n"'),
    (pa.binary(), b"\x00\xff", "AP8=", '"AP8="'),
    (pa.struct([("é", INT)]), {"é": None}, '{"é":null}', '{"é":null}'),
    (pa.list_(TIMESTAMP), [MOMENT, None], *['["2024-01-01T12:00:00.000001Z",null]'] * 2),
    (pa.map_(TEXT, INT), [("a", 1)], '{"a":1}', '{"a":1}'),
    (DEEP, [{"n": 1.0, "j": '{"x":1.10}'}, None], *['[{"n":1,"j":{"x":1.10}},null]'] * 2),
]  # fmt: skip


def column(values: list[Any], field: pa.Field) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values, field.type)])


@pytest.mark.parametrize(
    ("data_type", "value", "text", "as_json"), VALUES, ids=[str(v[0]) for v in VALUES]
)
def test_values_become_text(data_type: pa.DataType, value: Any, text: str, as_json: str) -> None:
    source = pa.field("c", data_type)
    for metadata, wanted in ((MIXED_TEXT, text), (JSON_TEXT, as_json)):
        target = pa.field("c", TEXT, metadata=metadata)
        assert cast(column([None, value], source), source, target).to_pylist() == [None, wanted]
    json.loads(as_json)


def test_json_becomes_plain_text() -> None:
    source, target = pa.field("c", TEXT, metadata=JSON_TEXT), pa.field("c", TEXT)
    given = ['"a\\"é"', "1.10", "null", '{"a":"b"}', None]
    assert cast(column(given, source), source, target).to_pylist() == ['a"é', *given[1:]]


def test_numbers_that_json_does_not_have_are_null_there() -> None:
    source, target = pa.field("c", pa.float64()), pa.field("c", TEXT, metadata=JSON_TEXT)
    given = column([float("inf"), float("nan"), 1.5], source)
    assert cast(given, source, target).to_pylist() == [None, None, "1.5"]


@pytest.mark.parametrize(
    "data_type",
    [INT, TIMESTAMP, pa.list_(INT), pa.struct([("a", INT)]), pa.map_(TEXT, INT)],
    ids=str,
)
def test_nulls_become_any_type(data_type: pa.DataType) -> None:
    source, target = pa.field("c", TEXT, metadata=NULL_ONLY), pa.field("c", data_type)
    found = cast(column([None, None], source), source, target)
    assert (found.type, found.to_pylist()) == (data_type, [None, None])


def test_text_that_another_program_wrote_where_nulls_were_is_no_value_of_the_type() -> None:
    source, target = pa.field("c", TEXT, metadata=NULL_ONLY), pa.field("c", INT)
    with pytest.raises(SchemaConflictError, match="'c' holds int64") as caught:
        cast(column(["secret"], source), source, target)
    assert "secret" not in str(caught.value)
    assert cast(column(["x"], source), source, pa.field("c", TEXT)).to_pylist() == ["x"]


JSON_FIELD = pa.field("j", TEXT, metadata=JSON_TEXT)
NESTED: list[tuple[pa.DataType, pa.DataType, Any, Any]] = [
    (pa.struct([JSON_FIELD, ("n", INT)]), pa.struct([("n", pa.float64()), ("j", TEXT), ("x", INT)]),
     {"j": '"a"', "n": 1}, {"n": 1.0, "j": "a", "x": None}),
    (pa.list_(pa.struct([JSON_FIELD])), pa.list_(pa.struct([("j", TEXT)])),
     [{"j": '"a"'}, None], [{"j": "a"}, None]),
    (pa.map_(TEXT, JSON_FIELD.with_name("value")), pa.map_(TEXT, pa.field("value", TEXT)),
     [("k", '"a"'), ("l", None)], [("k", "a"), ("l", None)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "value", "wanted"), NESTED, ids=["struct", "list of structs", "map"]
)
def test_values_inside_of_others(
    old: pa.DataType, new: pa.DataType, value: Any, wanted: Any
) -> None:
    values = pa.chunked_array([pa.array([None, None, value, value, None], old).slice(1, 3)])
    found = cast(values, pa.field("c", old), pa.field("c", new))
    assert found.to_pylist() == [None, wanted, wanted]
    found.validate(full=True)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_doubles_keep_every_digit(value: float) -> None:
    source = pa.field("c", pa.float64())
    for metadata in (MIXED_TEXT, JSON_TEXT):
        target = pa.field("c", TEXT, metadata=metadata)
        [text] = cast(column([value], source), source, target).to_pylist()
        assert json.loads(text) == value


@given(st.datetimes().map(lambda moment: moment.replace(tzinfo=UTC)))
def test_times_keep_every_microsecond(moment: datetime) -> None:
    source, target = pa.field("c", TIMESTAMP), pa.field("c", TEXT, metadata=MIXED_TEXT)
    [text] = cast(column([moment], source), source, target).to_pylist()
    assert datetime.fromisoformat(text) == moment
