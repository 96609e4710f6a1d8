from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataset_store.delta.keys import KeySet, last_of_each_key
from dataset_store.delta.statistics import Spread, in_order
from dataset_store.schema import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEMA = pa.schema([("a", pa.string()), ("b", pa.int64()), ("value", pa.int64())])
ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.text("aé'\"\U0001f600", max_size=2)),
        st.one_of(st.none(), st.integers(-2, 2)),
        st.integers(0, 99),
    ),
    max_size=8,
)

Row = tuple[str | None, int | None, int]


def table(rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist(
        [dict(zip("ab", row, strict=False), value=row[2]) for row in rows], SCHEMA
    )


def columns(*values: Sequence[Any], data_type: pa.DataType | None = None) -> list[pa.ChunkedArray]:
    return [pa.chunked_array([pa.array(column, data_type)]) for column in values]


@given(ROWS)
@settings(deadline=None)
def test_the_last_row_of_a_key_stays_in_its_place(rows: list[Row]) -> None:
    kept, _ = last_of_each_key(table(rows), ["a", "b"])

    keys = [row[:2] for row in rows]
    last = [row for place, row in enumerate(rows) if row[:2] not in keys[place + 1 :]]
    assert [tuple(row.values()) for row in kept.to_pylist()] == last


@given(ROWS, ROWS)
@settings(deadline=None)
def test_stored_rows_are_found_by_their_whole_key(new: list[Row], old: list[Row]) -> None:
    _, keys = last_of_each_key(table(new), ["a", "b"])
    found = keys.numbers([table(old).column(name) for name in "ab"])

    wanted = {row[:2] for row in new}
    assert [number is not None for number in found.to_pylist()] == [
        row[:2] in wanted for row in old
    ]


@pytest.mark.parametrize("data_type", [pa.float64(), pa.float32()], ids=str)
def test_floats_that_are_equal_are_one_key(data_type: pa.DataType) -> None:
    values = [0.0, math.nan, -0.0, None, -math.nan, 1.5, None]
    rows = pa.table({"k": pa.array(values, data_type), "n": range(len(values))})
    kept, keys = last_of_each_key(rows, ["k"])

    assert kept["n"].to_pylist() == [2, 4, 5, 6]
    assert math.copysign(1, kept["k"][0].as_py()) == 1
    found = keys.numbers([pa.chunked_array([values[::-1]], data_type)]).to_pylist()
    assert len(set(found)) == 4
    assert None not in found


def test_numbers_of_pairs_do_not_collide() -> None:
    given_keys = columns(["a", "a", "b"], [1, 2, 1], [True, True, None])
    other = columns(["b", "a", "a", "b"], [2, 2, 1, 1], [None, None, True, None])
    keys = KeySet(given_keys)

    assert keys.numbers(given_keys).to_pylist() == [0, 1, 2]
    assert keys.numbers(other).to_pylist() == [None, None, 0, 2]


MOMENT = datetime(2024, 1, 1, 0, 0, 0, 500, UTC)
RANGES: dict[str, tuple[pa.DataType, Sequence[Any], tuple[Any, Any], bool]] = {
    "below": (pa.int64(), [1, 2], (3, 9), False),
    "above": (pa.int64(), [10, 12], (3, 9), False),
    "at the least": (pa.int64(), [3], (3, 9), True),
    "at the greatest": (pa.int64(), [9], (3, 9), True),
    "on both sides": (pa.int64(), [1, 10], (3, 9), False),
    "many on both sides": (pa.int64(), [*range(3), *range(10, 20_000)], (3, 9), True),
    "many above": (pa.int64(), range(10, 20_000), (3, 9), False),
    "null": (pa.int64(), [None], (3, 9), True),
    "no bounds": (pa.int64(), [1], (None, None), True),
    "text": (pa.string(), ["é"], ("e", "z"), False),
    "text within": (pa.string(), ["it's"], ("e", "z"), True),
    "text beyond a cut": (pa.string(), ["x" * 40], ("a", "x" * 32), True),
    "text above a cut": (pa.string(), ["y"], ("a", "x" * 32), False),
    "bytes": (pa.binary(), [b"\xff"], (None, b"\xfe"), False),
    "date": (pa.date32(), [date(2024, 1, 2)], (date(2024, 1, 3), None), False),
    "time": (TIMESTAMP, [MOMENT], (None, MOMENT.replace(microsecond=499)), False),
    "time within": (TIMESTAMP, [MOMENT], (None, MOMENT), True),
    "double": (pa.float64(), [-0.0], (0.0, 0.5), True),
    "double above": (pa.float64(), [0.75], (0.0, 0.5), False),
    "no number": (pa.float64(), [math.nan], (0.0, 0.5), True),
    "boolean": (pa.bool_(), [True], (False, False), False),
    "decimal": (pa.decimal128(9, 2), [Decimal("1.10")], (None, Decimal("1.09")), False),
}


@pytest.mark.parametrize(
    ("data_type", "values", "bounds", "may_be"), list(RANGES.values()), ids=list(RANGES)
)
def test_a_range_rules_keys_out(
    data_type: pa.DataType, values: Sequence[Any], bounds: tuple[Any, Any], may_be: bool
) -> None:
    low, high = in_order(pa.array(bounds, data_type)).to_pylist()
    keys = KeySet(columns(values, data_type=data_type))

    assert keys.may_be_in(0, Spread(low, high)) == may_be
    assert not keys.may_be_in(0, Spread(low, high, 0, 5)) or may_be
    assert keys.may_be_in(0, Spread(nulls=5, rows=5)) == (values[0] is None or may_be_nan(values))


def may_be_nan(values: Sequence[Any]) -> bool:
    return isinstance(values[0], float) and math.isnan(values[0])


@pytest.mark.parametrize("nulls", [0, 1, None])
def test_a_null_key_is_where_nulls_may_be(nulls: int | None) -> None:
    keys = KeySet(columns([None, 5]))

    assert keys.may_be_in(0, Spread(7, 8, nulls, 9)) == (nulls != 0)
