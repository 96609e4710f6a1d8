"""What other engines read in local datasets is what was stored."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.dataset as files
import pytest
from engines.engine import recipes
from engines.reader import plain
from engines.tables import (
    TABLES,
    Made,
    Make,
    long_decimals_joined,
    oddly_named_folder,
    upserted,
    with_vectors,
    with_vectors_and_a_checkpoint,
    with_vectors_of_many_writes,
    without_their_vectors,
)
from support.singer_messages import read

from dataset_store import open_store
from dataset_store.queries import quoted

if TYPE_CHECKING:
    from engines.engine import Engine
    from support.singer_messages import Rows

    from dataset_store import Dataset

pytestmark = [pytest.mark.engines, pytest.mark.timeout(600)]

WITH_VECTORS = (with_vectors, with_vectors_and_a_checkpoint, without_their_vectors)

UNREADABLE = {("daft", oddly_named_folder), ("polars", oddly_named_folder)}
"""What an engine is known not to read, and the README says so: these open the folder of the URL's
spelling, `my%20data`, which is not there.
"""

REFUSED = {(name, make) for name in ("daft", "deltalake") for make in WITH_VECTORS}
"""What an engine refuses to read, and the README says so: tables that have had deletion vectors."""

UNREADABLE |= REFUSED

NOT_FOUND = UNREADABLE | {("deltalake", long_decimals_joined)}
"""What it is known not to find: PyArrow's dataset skips files without statistics of a column."""


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Make], Made]:
    """Makes each table once for all engines."""
    return cache(lambda make: make(tmp_path_factory.mktemp(make.__name__)))


def ordered(rows: list[Any]) -> list[Any]:
    """Rows without their order: no engine promises one."""
    return sorted(rows, key=json.dumps)


@pytest.mark.parametrize("make", TABLES, ids=lambda make: make.__name__)
def test_an_engine_reads_what_was_stored(
    engine: Engine, make: Make, made: Callable[[Make], Made], request: pytest.FixtureRequest
) -> None:
    if (engine.name, make) in UNREADABLE:
        request.applymarker(pytest.mark.xfail(strict=True, reason="a limit of this engine"))
    dataset, expected = made(make)
    columns, rows = engine.read(dataset.info().location)
    assert columns == dataset.schema.names
    assert ordered(rows) == ordered([plain(row) for row in expected])


Find = Callable[[str, str | None], list[Any]]
"""The rows that have a value in a column."""


def lost(dataset: Dataset, expected: Rows, find: Find) -> list[tuple[str, str | None]]:
    """The columns and values by which rows are not found, or others are."""
    rows = [plain(row) for row in expected]
    columns = [field.name for field in dataset.schema if not pa.types.is_nested(field.type)]
    searches = {(column, row[column]) for row in rows for column in columns}
    return [
        (column, value)
        for column, value in sorted(searches, key=str)
        if ordered(find(column, value)) != ordered([row for row in rows if row[column] == value])
    ]


@pytest.mark.parametrize("make", TABLES, ids=lambda make: make.__name__)
def test_an_engine_finds_every_row_by_every_value(
    engine: Engine, make: Make, made: Callable[[Make], Made], request: pytest.FixtureRequest
) -> None:
    """Engines skip files and row groups by the statistics that the log and the files have."""
    if (engine.name, make) in NOT_FOUND:
        request.applymarker(pytest.mark.xfail(strict=True, reason="a limit of this engine"))
    dataset, expected = made(make)
    location = dataset.info().location
    assert lost(dataset, expected, partial(engine.find, location)) == []


@pytest.mark.parametrize("make", TABLES, ids=lambda make: make.__name__)
def test_the_store_finds_every_row_by_every_value(make: Make, made: Callable[[Make], Made]) -> None:
    dataset, expected = made(make)
    store = open_store(str(Path(dataset.info().location).parent))

    def find(column: str, value: str | None) -> list[Any]:
        kind, _, text = (value or "").partition(" ")
        literal = sql_literal(kind, text) if value else "null"
        query = f"select * from {quoted(dataset.id)} where {quoted(column)} is not distinct from {literal}"
        return [plain(row) for row in store.query(query).read_all().to_pylist()]

    assert lost(dataset, expected, find) == []


def sql_literal(kind: str, text: str) -> str:
    if kind == "bytes":
        return f"X'{ast.literal_eval(text).hex()}'"
    if kind in {"int", "bool"}:
        return text
    name = {"str": "string", "Decimal": "decimal(38, 10)", "float": "double"}.get(kind, kind)
    written = "'" + text.replace("'", "''") + "'"
    if kind == "datetime":
        return f"arrow_cast({written}, 'Timestamp(Microsecond, Some(\"UTC\"))')"
    return f"cast({written} as {name})"


@pytest.mark.parametrize("make", TABLES, ids=lambda make: make.__name__)
def test_the_store_itself_reads_what_was_stored(make: Make, made: Callable[[Make], Made]) -> None:
    dataset, expected = made(make)
    assert ordered([plain(row) for row in read(dataset)]) == ordered(
        [plain(row) for row in expected]
    )


@pytest.mark.parametrize(("name", "make"), sorted(REFUSED, key=str))
def test_a_refusal_of_vectors_names_them(
    engine: Engine, name: str, make: Make, made: Callable[[Make], Made]
) -> None:
    if engine.name != name:
        pytest.skip("another engine")
    with pytest.raises(AssertionError, match=r"(?i)deletion.?vectors"):
        engine.read(made(make)[0].info().location)


def test_vectors_of_many_writes_are_read(engine: Engine, made: Callable[[Make], Made]) -> None:
    if engine.name not in {"duckdb", "polars"}:
        pytest.skip("it refuses vectors")
    dataset, expected = made(with_vectors_of_many_writes)
    _, rows = engine.read(dataset.info().location)
    assert ordered(rows) == ordered([plain(row) for row in expected])
    assert ordered([plain(row) for row in read(dataset)]) == ordered(rows)


def test_files_that_are_read_without_the_log_hold_more_than_the_table(tmp_path: Path) -> None:
    dataset, expected = upserted(tmp_path)
    assert files.dataset(dataset.info().location, format="parquet").count_rows() > len(expected)


def test_the_readme_has_a_recipe_for_each_engine() -> None:
    assert sorted(recipes()) == ["daft", "deltalake", "duckdb", "polars"]
