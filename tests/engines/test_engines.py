"""What other engines read in local datasets is what was stored."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as files
import pytest
from engines.engine import recipes
from engines.reader import plain
from engines.tables import TABLES, Made, Make, oddly_named_folder, upserted
from singer_messages import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engines.engine import Engine

pytestmark = pytest.mark.engines

UNREADABLE = {("daft", oddly_named_folder), ("polars", oddly_named_folder)}
"""What an engine is known not to read, and the README says so: these open the folder of the URL's
spelling, `my%20data`, which is not there.
"""


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


@pytest.mark.parametrize("make", TABLES, ids=lambda make: make.__name__)
def test_the_store_itself_reads_what_was_stored(make: Make, made: Callable[[Make], Made]) -> None:
    dataset, expected = made(make)
    assert ordered([plain(row) for row in read(dataset)]) == ordered(
        [plain(row) for row in expected]
    )


def test_files_that_are_read_without_the_log_hold_more_than_the_table(tmp_path: Path) -> None:
    dataset, expected = upserted(tmp_path)
    assert files.dataset(dataset.info().location, format="parquet").count_rows() > len(expected)


def test_the_readme_has_a_recipe_for_each_engine() -> None:
    assert sorted(recipes()) == ["daft", "deltalake", "duckdb", "polars"]
