"""A sandbox that sends browsers back to a free port, the command, and a real browser."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from support.connecting import Accounts, free_port

from tap_twitter.auth.token_store import TokenStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox import Sandbox


@pytest.fixture
def accounts(sandbox: Sandbox, tmp_path: Path) -> Accounts:
    path = tmp_path / "private" / "tokens.json"
    settings = {
        "HOME": str(tmp_path),
        "TAP_TWITTER_API_BASE_URL": sandbox.url,
        "TAP_TWITTER_AUTH_TOKEN_STORE": str(path),
    }
    accounts = Accounts(sandbox, TokenStore(path), free_port(), settings)
    sandbox.register_callbacks(accounts.callback)
    return accounts


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    """A headless Chromium; nothing is downloaded where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("needs chromium and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(word)
    with webdriver.Chrome(options, Service(driver)) as chrome:
        chrome.set_page_load_timeout(30)
        yield chrome
