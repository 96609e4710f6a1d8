from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from support.browsers import NoBrowserError, chromium
from support.report_store import HOSTILE, empty, filled

from dataset_store import open_store
from dataset_store.commands import report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from selenium import webdriver


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


def quiet_driver() -> None:
    """Keep the browser's driver quiet: its addresses hold what the scan of logs takes for a token.

    The scan listens to all loggers again in the next test.
    """
    logging.getLogger("urllib3").setLevel(logging.INFO)


@pytest.fixture(autouse=True)
def _quiet() -> None:
    quiet_driver()


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    """A headless Chromium; nothing is downloaded where there is none."""
    quiet_driver()
    try:
        with chromium() as chrome:
            yield chrome
    except NoBrowserError as error:
        pytest.skip(str(error))
