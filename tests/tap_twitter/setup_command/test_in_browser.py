"""The set-up in a terminal, and its consent in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import title_contains
from selenium.webdriver.support.ui import Select, WebDriverWait
from support.setting_up import (
    BROWSER_1,
    BROWSER_2,
    CLIENT_KEYS,
    CONSUMER,
    LOOKUP,
    address,
    give,
    reports,
    told,
    way,
)

from sandbox.credentials import CITY

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from support.setting_up import SettingUp

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.xdist_group("browser"),
    pytest.mark.tells_secrets("ids of browsers look like secrets; the command is scanned apart"),
]


def decide(browser: Chrome, page: str, button: str) -> str:
    """Press a button on X's page; gives the text of the page behind it."""
    browser.get(page)
    Select(browser.find_element(By.ID, "account")).select_by_value(CITY.user_id)
    browser.find_element(By.ID, button).click()
    WebDriverWait(browser, 60, 0.05).until(title_contains("tap-twitter"))
    return browser.find_element(By.TAG_NAME, "main").text


@pytest.mark.parametrize(
    "oauth", [BROWSER_2, pytest.param(BROWSER_1, marks=pytest.mark.torture)], ids=["2.0", "1.0a"]
)
def test_denied_allowed_and_stopped(browser: Chrome, setting_up: SettingUp, oauth: str) -> None:
    keys = CLIENT_KEYS if oauth == BROWSER_2 else CONSUMER
    before = setting_up.files
    with setting_up.start() as at:
        give(at, [reports("1"), way(oauth), *keys])
        denied = decide(browser, address(at), "deny")
        give(at, [("Try again?", "")])
        allowed = decide(browser, address(at), "allow")
        give(at, LOOKUP)
        assert at.stop("Write this?") == 130
    assert denied.startswith("Not connected\nAccess was denied at X")
    assert allowed.startswith("Connected as @CityOfElsewhere\nAccount")
    assert "Go back to the terminal, where the set-up continues." in allowed
    assert "Direct messages of the account, received and sent" not in allowed
    shown = told(at)
    assert "tokens.json: login 'CityOfElsewhere'" in shown
    assert shown.rstrip().endswith("Stopped. Nothing was written.")
    assert setting_up.files == before
