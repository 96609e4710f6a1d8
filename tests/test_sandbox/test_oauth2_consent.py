"""OAuth 2.0 for users: the consent page, and the codes that it gives."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import requests
from test_sandbox.authorizing import (
    CALLBACK,
    READING,
    S256,
    VERIFIER,
    me,
    page,
    sent_back,
    with_code,
)
from test_sandbox.consenting import Page, press

from sandbox.credentials import CLIENT, OWNER, PUBLIC_CLIENT, SECOND_USER
from sandbox.x import oauth2_authorize

if TYPE_CHECKING:
    from test_sandbox.asking import Start

    from sandbox import Sandbox
    from sandbox.credentials import Client

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("path", oauth2_authorize.PATHS)
@pytest.mark.parametrize("method", ["S256", "plain"])
@pytest.mark.parametrize("client", [CLIENT, PUBLIC_CLIENT], ids=["confidential", "public"])
def test_consent_becomes_a_token_that_works(
    sandbox: Sandbox, browser: requests.Session, path: str, method: str, client: Client
) -> None:
    challenge = {"S256": S256, "plain": VERIFIER}[method]
    url = page(
        sandbox,
        path,
        client_id=client.client_id,
        code_challenge=challenge,
        code_challenge_method=method,
    )
    back = sent_back(press(browser, url, user_id=SECOND_USER.user_id))
    tokens = with_code(sandbox, back["code"], client).json()

    assert back.keys() == {"state", "code"}
    assert back["state"] == "s t&te"
    assert tokens.keys() == {"token_type", "expires_in", "access_token", "scope", "refresh_token"}
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == (
        "bearer",
        7200,
        READING,
    )
    assert me(sandbox, tokens["access_token"]).json()["data"]["id"] == SECOND_USER.user_id


def test_a_denial_is_sent_back_with_the_state(sandbox: Sandbox, browser: requests.Session) -> None:
    back = sent_back(press(browser, page(sandbox), "deny"))
    assert back == {"error": "access_denied", "state": "s t&te"}


def test_the_page_shows_what_is_asked_for_and_escapes_it(sandbox: Sandbox) -> None:
    shown = requests.get(page(sandbox), timeout=10)
    assert shown.headers["content-type"].startswith("text/html")
    assert "<li>offline.access</li>" in shown.text
    assert Page(shown.text).attributes["consent"]["method"] == "post"


WRONG: dict[str, tuple[dict[str, str | None], str]] = {
    "other-response": ({"response_type": "token"}, "response_type"),
    "no-client": ({"client_id": None}, "client_id"),
    "unknown-client": ({"client_id": "x"}, "client_id"),
    "other-redirect": ({"redirect_uri": f"{CALLBACK}/"}, "redirect_uri"),
    "no-scope": ({"scope": ""}, "scope"),
    "unknown-scope": ({"scope": "users.read users.eat"}, "scope"),
    "no-state": ({"state": None}, "state"),
    "long-state": ({"state": "s" * 501}, "state"),
    "no-challenge": ({"code_challenge": None}, "code_challenge"),
    "long-challenge": ({"code_challenge": "c" * 129}, "code_challenge"),
    "other-method": ({"code_challenge_method": "S512"}, "code_challenge_method"),
}


@pytest.mark.parametrize(("change", "named"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_wrong_request_gets_no_page_and_no_redirect(
    sandbox: Sandbox, change: dict[str, str | None], named: str, method: str
) -> None:
    form = {"user_id": OWNER.user_id, "decision": "allow"} if method == "POST" else None
    answer = requests.request(method, page(sandbox, **change), data=form, timeout=10)
    assert answer.status_code == 400
    assert Page(answer.text).texts["reason"].startswith(named)


def test_a_parameter_twice_is_refused(sandbox: Sandbox) -> None:
    answer = requests.get(f"{page(sandbox)}&state=again", timeout=10)
    assert "state is given twice" in answer.text


@pytest.mark.parametrize(
    "form",
    [{"decision": "allow", "user_id": "1"}, {"decision": "maybe", "user_id": OWNER.user_id}, {}],
    ids=["stranger", "no-button", "nothing"],
)
def test_only_an_answer_of_the_page_counts(sandbox: Sandbox, form: dict[str, str]) -> None:
    assert requests.post(page(sandbox), data=form, timeout=10).status_code == 400


def test_a_suspended_account_cannot_be_chosen(sandbox: Sandbox) -> None:
    sandbox.world.set_status(OWNER.user_id, "suspended")
    form = {"decision": "allow", "user_id": OWNER.user_id}
    assert OWNER.user_id not in requests.get(page(sandbox), timeout=10).text
    assert requests.post(page(sandbox), data=form, timeout=10).status_code == 400


@pytest.mark.parametrize(("seconds", "status"), [(29, 200), (30, 400)], ids=["in-time", "late"])
def test_a_code_lives_for_thirty_seconds(
    start: Start, browser: requests.Session, seconds: int, status: int
) -> None:
    sandbox = start(clock_start=START, clock_ticking=False)
    code = sent_back(press(browser, page(sandbox)))["code"]
    sandbox.clock.advance(seconds)
    assert with_code(sandbox, code).status_code == status


BAD_EXCHANGES: dict[str, tuple[dict[str, str], str]] = {
    "other-verifier": ({"code_verifier": "x" * 43}, "the code verifier"),
    "other-redirect": ({"redirect_uri": "http://localhost:8481/callback"}, "the redirect uri"),
    "other-code": ({"code": "code-x"}, "the authorization code"),
    "other-grant": ({"grant_type": "password"}, "the grant type"),
    "no-verifier": ({"code_verifier": ""}, "[code_verifier]"),
}


@pytest.mark.parametrize(("change", "named"), BAD_EXCHANGES.values(), ids=BAD_EXCHANGES)
def test_a_code_is_given_to_none_but_who_asked_for_it(
    sandbox: Sandbox, browser: requests.Session, change: dict[str, str], named: str
) -> None:
    code = sent_back(press(browser, page(sandbox)))["code"]
    answer = with_code(sandbox, code, **change)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"
    assert named in answer.json()["error_description"]


def test_a_code_works_once(sandbox: Sandbox, browser: requests.Session) -> None:
    code = sent_back(press(browser, page(sandbox)))["code"]
    assert [with_code(sandbox, code).status_code for _ in range(2)] == [200, 400]


def test_a_code_is_its_own_clients(sandbox: Sandbox, browser: requests.Session) -> None:
    code = sent_back(press(browser, page(sandbox)))["code"]
    assert with_code(sandbox, code, PUBLIC_CLIENT).status_code == 400


def test_other_callbacks_can_be_registered(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/sandbox/credentials/callbacks"
    for urls, status in ([["http://127.0.0.1:1/"], 200], [[CALLBACK] * 11, 400]):
        assert requests.post(url, json={"urls": urls}, timeout=10).status_code == status
    assert requests.get(page(sandbox), timeout=10).status_code == 400
    registered = page(sandbox, redirect_uri="http://127.0.0.1:1/")
    assert requests.get(registered, timeout=10).status_code == 200
