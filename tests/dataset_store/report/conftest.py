from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.browsers import quiet_driver
from support.report_store import HOSTILE, empty, filled

from dataset_store import open_store
from dataset_store.commands import report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Reports of several stores, by what is special about them."""
    folder = tmp_path_factory.mktemp("reports")
    stores: dict[str, Callable[[Path], object]] = {
        "filled": filled,
        "empty": empty,
        "hostile": lambda place: filled(place, HOSTILE, "Contoso", text=HOSTILE),
    }
    found = {}
    for name, fill in stores.items():
        fill(folder / name)
        found[name] = folder / f"{name}.html"
        report(open_store(str(folder / name)), found[name], title="X report")
    return found


@pytest.fixture(autouse=True)
def _quiet() -> None:
    quiet_driver()
