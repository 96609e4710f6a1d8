"""Decimals that no double holds: what deltalake's own writer says of them in the log is rounded."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from deltalake import write_deltalake

from dataset_store import Dataset, DatasetSpec, open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("digits", ["9007199254740993.00", "-9007199254740993.00", "0.10"])
def test_a_decimal_key_is_found_where_its_range_was_rounded(digits: str, tmp_path: Path) -> None:
    """deltalake's own writer puts decimals into the log as doubles."""
    key = pa.array([Decimal(digits)], pa.decimal128(18, 2))
    guid = str(uuid4())
    write_deltalake(tmp_path / guid, pa.table({"key": key, "n": [0]}))
    dataset = open_store(str(tmp_path)).open(guid)
    dataset.upsert(pa.table({"key": key, "n": [1]}), ["key"])
    assert [row["n"] for batch in dataset.read() for row in batch.to_pylist()] == [1]


def overwrite(dataset: Dataset, rows: pa.Table) -> None:
    dataset.overwrite(rows.to_reader())


def append(dataset: Dataset, rows: pa.Table) -> None:
    dataset.append(rows)


def append_and_join(dataset: Dataset, rows: pa.Table) -> None:
    dataset.append(rows)
    dataset.append(rows.slice(0, 0))
    dataset.append(rows.set_column(0, "value", pc.negate(rows["value"])))
    assert dataset.compact() > 0


@pytest.mark.parametrize("write", [append, overwrite, append_and_join])
def test_queries_find_decimals_that_no_double_holds(
    write: Callable[[Dataset, pa.Table], None], tmp_path: Path
) -> None:
    value = Decimal("9007199254740993.00")
    rows = pa.table({"value": pa.array([value], pa.decimal128(18, 2))})
    store = open_store(str(tmp_path))
    write(store.create(DatasetSpec("values", rows.schema)), rows)
    for query in (
        'select max(value) as value from "values" where value > 0',
        f"select value from \"values\" where value = cast('{value}' as decimal(18, 2))",
    ):
        assert store.query(query).read_all().to_pylist() == [{"value": value}]
