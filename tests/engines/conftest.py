from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from engines.engine import PYTHON, Engine, recipes, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session", params=["daft", "deltalake", "duckdb", "polars"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """Each of the engines, with the recipe of the README."""
    if not PYTHON.exists():
        pytest.skip("the engines are not installed; `make engines` installs them")
    name = request.param
    with running(name, recipes()[name], tmp_path_factory.mktemp("home")) as started:
        yield started
