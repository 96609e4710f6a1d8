from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataset_store import DatasetSpec, dataset_id, open_store
from dataset_store.delta.merge import last_of_each_key, predicate
from dataset_store.schema import TIMESTAMP

if TYPE_CHECKING:
    from pathlib import Path

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


def model(batches: list[list[Row]]) -> dict[tuple[str | None, int | None], int]:
    return {(a, b): value for batch in batches for a, b, value in batch}


@given(ROWS)
@settings(deadline=None)
def test_the_last_row_of_a_key_stays_in_its_place(rows: list[Row]) -> None:
    kept = last_of_each_key(table(rows), ["a", "b"]).to_pylist()

    keys = [row[:2] for row in rows]
    last = [row for place, row in enumerate(rows) if row[:2] not in keys[place + 1 :]]
    assert [tuple(row.values()) for row in kept] == last


@given(st.lists(ROWS, max_size=4))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_upserts_do_what_a_dict_does(tmp_path: Path, batches: list[list[Row]]) -> None:
    store = open_store(str(tmp_path / "model"))
    if store.find(dataset_id("rows")):
        store.remove(dataset_id("rows"))
    dataset = store.create(DatasetSpec("rows", SCHEMA, keys=("a", "b")))
    for batch in batches:
        dataset.upsert(table(batch), ["a", "b"])

    rows = pa.Table.from_batches(dataset.read(), SCHEMA).to_pylist()
    assert len(rows) == len(model(batches))
    assert {(row["a"], row["b"]): row["value"] for row in rows} == model(batches)


MOMENT = datetime(2024, 1, 1, 0, 0, 0, 1, UTC)
PREDICATES: list[tuple[str, pa.DataType, list[Any], str]] = [
    ("text", pa.string(), ["b", "a'"], " AND target.\"k\" >= 'a''' AND target.\"k\" <= 'b'"),
    ("integer", pa.int64(), [2, -1], ' AND target."k" >= -1 AND target."k" <= 2'),
    (
        "date",
        pa.date32(),
        [date(2024, 1, 2)],
        " AND target.\"k\" >= DATE '2024-01-02' AND target.\"k\" <= DATE '2024-01-02'",
    ),
    (
        "timestamp",
        TIMESTAMP,
        [MOMENT],
        "".join(
            f" AND target.\"k\" {sign} arrow_cast('2024-01-01T00:00:00.000001+00:00', "
            "'Timestamp(Microsecond, Some(\"UTC\"))')"
            for sign in (">=", "<=")
        ),
    ),
    ("double", pa.float64(), [1.5], ""),
    ("boolean", pa.bool_(), [True], ""),
]


@pytest.mark.parametrize(
    ("data_type", "values", "bounds"), [p[1:] for p in PREDICATES], ids=[p[0] for p in PREDICATES]
)
def test_the_range_of_the_keys_stands_beside_their_equality(
    data_type: pa.DataType, values: list[Any], bounds: str
) -> None:
    rows = pa.table({"k": pa.array(values, data_type)})

    assert predicate(rows, ["k"]) == f'target."k" = source."k"{bounds}'


def test_null_keys_are_compared_as_equal_and_without_a_range() -> None:
    rows = pa.table({"a": ["x", None], 'b"': [1, 1]})

    assert predicate(rows, ["a", 'b"']) == (
        '(target."a" IS NOT DISTINCT FROM source."a") AND target."b""" = source."b"""'
        ' AND target."b""" >= 1 AND target."b""" <= 1'
    )


def test_an_upsert_of_recent_keys_leaves_old_files_alone(tmp_path: Path) -> None:
    dataset = open_store(str(tmp_path)).create(DatasetSpec("rows", SCHEMA))
    for start in range(0, 400, 100):
        dataset.append(table([(f"{number:04}", 0, 0) for number in range(start, start + 100)]))
    before = set(tmp_path.glob("*/*.parquet"))
    dataset.upsert(table([("0350", 0, 1), ("0450", 0, 1)]), ["a"])

    # the new file holds the rows of the one file touched, and those inserted
    (new,) = set(tmp_path.glob("*/*.parquet")) - before
    assert pq.read_metadata(new).num_rows == 101
    assert dataset.info().rows == 401
