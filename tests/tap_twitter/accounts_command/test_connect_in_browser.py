"""Accounts are connected in a real browser, against the sandbox's consent page."""

from __future__ import annotations

import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import title_contains
from selenium.webdriver.support.ui import Select, WebDriverWait

from sandbox.credentials import CITY, OWNER, SECOND_USER
from tap_twitter.auth.credentials import AuthKind

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from support.connecting import Accounts

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.xdist_group("browser"),
    pytest.mark.tells_secrets("ids of browsers look like secrets; the command is scanned apart"),
]

WAYS = ["oauth1", "oauth2", "public"]


def decide(browser: Chrome, address: str, button: str, user_id: str = CITY.user_id) -> str:
    """Choose an account on X's page and press a button; gives the text of the landing page."""
    browser.get(address)
    Select(browser.find_element(By.ID, "account")).select_by_value(user_id)
    browser.find_element(By.ID, button).click()
    return landing(browser)


def landing(browser: Chrome) -> str:
    """The text of the page that we show; it holds nothing of what X has sent."""
    WebDriverWait(browser, 60, 0.05).until(title_contains("tap-twitter"))
    assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en"
    query = parse_qs(urlsplit(browser.current_url).query)
    source = browser.page_source
    assert not any(value in source for values in query.values() for value in values)
    return browser.find_element(By.TAG_NAME, "main").text


@pytest.mark.parametrize("keys", WAYS)
def test_allowed(browser: Chrome, accounts: Accounts, keys: str) -> None:
    with accounts.connecting(keys=keys) as command:
        page = decide(browser, command.address, "allow")
        code, told = command.end()
    assert page.startswith("Connected as @CityOfElsewhere")
    assert code == 0, told
    assert "Connected @CityOfElsewhere as login 'CityOfElsewhere'" in told
    (login,) = accounts.stored().values()
    kind = AuthKind.OAUTH1 if keys == "oauth1" else AuthKind.OAUTH2
    assert (login.name, login.kind) == ("CityOfElsewhere", kind)
    assert (login.user_id, login.username) == (CITY.user_id, "CityOfElsewhere")
    assert login.connected_at is not None
    assert datetime.now(UTC) - login.connected_at < timedelta(minutes=5)
    checked = accounts.run("test", "--json")
    assert json.loads(checked.stdout)[0]["username"] == "CityOfElsewhere"


@pytest.mark.parametrize("keys", WAYS[:2])
def test_denied(browser: Chrome, accounts: Accounts, keys: str) -> None:
    with accounts.connecting(keys=keys) as command:
        page = decide(browser, command.address, "deny")
        code, told = command.end()
    assert page.startswith("Not connected\nAccess was denied at X")
    assert code == 1
    assert told.splitlines()[-1] == (
        "Error: Access was denied at X, so nothing was stored; connect again to allow it. "
        "[docs/errors.md#credentials]"
    )
    assert accounts.stored() == {}


FOREIGN = {
    "oauth1": "oauth_token=of-another&oauth_verifier=theirs",
    "oauth1-denied": "denied=of-another",
    "oauth2": "state=of-another&code=theirs",
    "oauth2-denied": "state=of-another&error=access_denied",
    "oauth2-no-state": "code=theirs",
    "oauth2-letters": "state=%C3%A9&code=theirs",
}


@pytest.mark.parametrize("foreign", FOREIGN)
def test_visits_of_others_are_refused_and_the_wait_goes_on(
    browser: Chrome, accounts: Accounts, foreign: str
) -> None:
    with accounts.connecting(keys=foreign.partition("-")[0]) as command:
        browser.get(f"{accounts.callback}?{FOREIGN[foreign]}")
        refused = landing(browser)
        browser.get(accounts.callback.replace("callback", "favicon.ico"))
        elsewhere = landing(browser)
        assert accounts.stored() == {}
        page = decide(browser, command.address, "allow", SECOND_USER.user_id)
        code, told = command.end()
    assert refused.startswith("This is not the expected response")
    assert elsewhere.startswith("Nothing here")
    assert told.count("Refused: This visit does not belong to the pending connection") == 1
    assert page.startswith("Connected as @harbour_books")
    assert (code, set(accounts.stored())) == (0, {"harbour_books"})


def test_an_answer_that_took_too_long(browser: Chrome, accounts: Accounts) -> None:
    with accounts.connecting(keys="oauth2") as command, ThreadPoolExecutor(1) as user:
        command.process.send_signal(signal.SIGSTOP)
        page = user.submit(decide, browser, command.address, "allow")
        while not any(entry.status == 302 for entry in accounts.sandbox.requests):
            time.sleep(0.01)
        accounts.sandbox.clock.advance(31)
        command.process.send_signal(signal.SIGCONT)
        code, told = command.end()
    assert page.result().startswith("Not connected\nX rejected the code: it works once")
    assert code == 1
    assert "expires after 30 seconds" in told.splitlines()[-1]
    assert accounts.stored() == {}


def test_the_page_shows_texts_as_texts(browser: Chrome, accounts: Accounts) -> None:
    with accounts.connecting("--scope", "tweet.read users.read no.such", keys="oauth2") as command:
        state = parse_qs(urlsplit(command.address).query)["state"][0]
        browser.get(f"{accounts.callback}?state={state}&error=<b id=bold>invalid</b>")
        page = landing(browser)
        code, _ = command.end()
    assert browser.find_elements(By.ID, "bold") == []
    assert page.startswith("Not connected\nX sent neither a code nor a known reason")
    assert code == 1


def test_another_account_takes_a_name_only_after_a_question(
    browser: Chrome, accounts: Accounts
) -> None:
    with accounts.connecting("brand", keys="oauth1") as command:
        decide(browser, command.address, "allow", OWNER.user_id)
        assert command.end()[0] == 0
    for typed, expected in ((None, OWNER), ("n\n", OWNER), ("y\n", CITY)):
        with accounts.connecting("brand", keys="oauth1") as command:
            page = decide(browser, command.address, "allow", CITY.user_id)
            code, told = command.end(typed)
        assert page.startswith("Access granted by @CityOfElsewhere")
        assert "Go back to the terminal" in page
        assert accounts.stored()["brand"].user_id == expected.user_id, told
        assert code == (expected is OWNER)
