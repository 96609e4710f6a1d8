"""Any series of writes leaves what the same series leaves in a plain Python list."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataset_store import Below, DatasetSpec, dataset_id, open_store
from dataset_store.schema import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dataset_store import Dataset

GUID = dataset_id("rows")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEY_VALUES: dict[str, tuple[pa.DataType, list[Any]]] = {
    "text": (pa.string(), ["", "a", "é", "it's", "x" * 40, "x" * 40 + "y", "\U0010ffff" * 33]),
    "integer": (pa.int64(), [-(2**63), -1, 0, 1, 2**53 + 1, 2**63 - 1]),
    "short": (pa.int16(), [-(2**15), -1, 0, 2**15 - 1]),
    "double": (pa.float64(), [0.0, -0.0, math.nan, math.inf, -math.inf, 0.1, 1e300, -5e-324]),
    "float": (pa.float32(), [0.0, -0.0, math.nan, 1.5, -(2.0**100)]),
    "boolean": (pa.bool_(), [True, False]),
    "date": (pa.date32(), [date.min, date(1969, 12, 31), date(2024, 2, 29), date.max]),
    "time": (
        TIMESTAMP,
        [EPOCH + timedelta(microseconds=n) for n in (-1001, -1, 0, 1, 999, 1000, 1700000000999999)],
    ),
    "decimal": (
        pa.decimal128(38, 2),
        [Decimal("1.10"), Decimal("-3.00"), Decimal("9" * 36 + ".99")],
    ),
    "bytes": (pa.binary(), [b"", b"\xff", b"a\x00b"]),
}
WHOLE = st.integers(-3, 3)


@dataclass
class Model:
    """Rows as (key, key, n, mark), where equal keys are the same object or text."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)

    def append(self, new: list[tuple[Any, ...]]) -> None:
        self.rows += new

    def upsert(self, new: list[tuple[Any, ...]], width: int) -> None:
        last = {row[:width]: row for row in new}
        self.rows = [row for row in self.rows if row[:width] not in last] + list(last.values())

    def overwrite(self, new: list[tuple[Any, ...]]) -> None:
        self.rows = new

    def delete(self, bound: int, or_null: bool) -> None:
        self.rows = [row for row in self.rows if not is_below(row, bound, or_null)]

    def mark(self, bound: int, or_null: bool, value: int) -> None:
        self.rows = [
            (*row[:3], value) if row[3] is None and is_below(row, bound, or_null) else row
            for row in self.rows
        ]


def is_below(row: tuple[Any, ...], bound: int, or_null: bool) -> bool:
    return or_null if row[2] is None else bool(row[2] < bound)


def same(key: Any) -> Any:
    """A key in the one form of those that equal it."""
    if isinstance(key, float):
        return "nan" if math.isnan(key) else key + 0.0
    return key.isoformat() if isinstance(key, date) else key


Step = tuple[Any, ...]


PLACE = st.one_of(st.none(), st.integers(0, 7))
ROWS = st.lists(st.tuples(PLACE, PLACE, st.one_of(st.none(), WHOLE), st.none()), max_size=9)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), ROWS),
        st.tuples(st.just("upsert"), ROWS, st.sampled_from([1, 2])),
        st.tuples(st.just("delete"), WHOLE, st.booleans()),
        st.tuples(st.just("mark"), WHOLE, st.booleans(), WHOLE),
        st.tuples(st.just("overwrite"), ROWS),
        st.tuples(st.just("compact")),
    ),
    max_size=6,
)
"""Writes; keys are told by their place among the values of their type."""

TYPES = st.tuples(st.sampled_from(list(KEY_VALUES)), st.sampled_from(list(KEY_VALUES)))


DOES: dict[str, Callable[..., object]] = {
    "append": lambda dataset, rows: dataset.append(rows),
    "overwrite": lambda dataset, rows: dataset.overwrite(rows.to_reader()),
    "upsert": lambda dataset, rows, width: dataset.upsert(rows, ["k1", "k2"][:width]),
    "delete": lambda dataset, bound, or_null: dataset.delete(Below("n", bound, or_null)),
    "mark": lambda dataset, bound, or_null, value: dataset.mark(
        Below("n", bound, or_null), "mark", value
    ),
    "compact": lambda dataset: dataset.compact(),
}


def apply(step: Step, types: tuple[str, str], dataset: Dataset, model: Model) -> None:
    kind, *arguments = step
    if kind in {"append", "upsert", "overwrite"}:
        rows = [(*map(value, types, row), *row[2:]) for row in arguments[0]]
        names = dataset.schema.names
        new = [dict(zip(names, row, strict=True)) for row in rows]
        DOES[kind](dataset, pa.Table.from_pylist(new, dataset.schema), *arguments[1:])
        rows = [(same(row[0]), same(row[1]), *row[2:]) for row in rows]
        getattr(model, kind)(rows, *arguments[1:])
    else:
        DOES[kind](dataset, *arguments)
        if kind != "compact":
            getattr(model, kind)(*arguments)


def value(type_name: str, place: int | None) -> Any:
    values = KEY_VALUES[type_name][1]
    return None if place is None else values[place % len(values)]


def contents(dataset: Dataset) -> list[str]:
    rows = pa.Table.from_batches(dataset.read(), dataset.schema).to_pylist()
    return sorted(repr((same(row["k1"]), same(row["k2"]), row["n"], row["mark"])) for row in rows)


def check(folder: Path, types: tuple[str, str], steps: list[Step], *, vectors: bool) -> None:
    store = open_store(str(folder), {"compact_after_commits": 4, "deletion_vectors": vectors})
    if store.find(GUID):
        store.remove(GUID)
    first, second = (KEY_VALUES[name][0] for name in types)
    schema = pa.schema([("k1", first), ("k2", second), ("n", pa.int64()), ("mark", pa.int64())])
    dataset, model = store.create(DatasetSpec("rows", schema)), Model()
    for step in steps:
        apply(step, types, dataset, model)
    assert contents(dataset) == sorted(map(repr, model.rows))
    assert dataset.info().rows == len(model.rows)
    for uri in DeltaTable(folder / GUID).file_uris():
        stored_types = pq.read_schema(uri).types
        assert not {pa.string_view(), pa.binary_view()} & set(stored_types)


@given(TYPES, STEPS, st.booleans())
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_writes_do_what_they_do_to_a_list(
    tmp_path: Path, types: tuple[str, str], steps: list[Step], vectors: bool
) -> None:
    check(tmp_path, types, steps, vectors=vectors)


@pytest.mark.torture
@pytest.mark.timeout(1800)
@given(TYPES, STEPS, st.booleans())
@settings(max_examples=3000, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_many_writes_do_what_they_do_to_a_list(
    tmp_path: Path, types: tuple[str, str], steps: list[Step], vectors: bool
) -> None:
    check(tmp_path, types, steps, vectors=vectors)
