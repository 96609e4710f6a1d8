"""A headless Chromium, the one that the machine has: nothing is downloaded."""

from __future__ import annotations

import logging
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

MISSING = "needs chromium and chromedriver"
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")


def quiet_driver() -> None:
    """Keep the browser's driver quiet: its addresses hold what the scan of logs takes for a token.

    The scan listens to all loggers again in the next test.
    """
    logging.getLogger("urllib3").setLevel(logging.INFO)


class NoBrowserError(Exception):
    """The machine has no Chromium, or no driver for it."""


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """Start the browser and end it.

    Raises:
        NoBrowserError: There is none.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        raise NoBrowserError(MISSING)
    quiet_driver()
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for word in OPTIONS:
        options.add_argument(word)
    with webdriver.Chrome(options, Service(driver)) as chrome:
        chrome.set_page_load_timeout(30)
        yield chrome
