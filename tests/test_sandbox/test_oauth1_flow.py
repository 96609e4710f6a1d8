"""OAuth 1.0a in three legs, by callback and by PIN."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from requests_oauthlib import OAuth1
from test_sandbox.consenting import Page, press

from sandbox.credentials import APP, OWNER, SECOND_USER

if TYPE_CHECKING:
    from contextlib import ExitStack

    from test_sandbox.asking import Start

    from sandbox import Sandbox

CALLBACK = "http://127.0.0.1:8481/callback"


@pytest.fixture
def browser(stack: ExitStack) -> requests.Session:
    return stack.enter_context(requests.Session())


def signed(
    sandbox: Sandbox, path: str, auth: OAuth1, data: dict[str, str] | None = None
) -> requests.Response:
    return requests.post(sandbox.url + path, auth=auth, data=data, timeout=10)


def begin(sandbox: Sandbox, callback: str | None = CALLBACK, query: str = "") -> requests.Response:
    auth = OAuth1(APP.consumer_key, APP.consumer_secret, callback_uri=callback)
    return signed(sandbox, f"/oauth/request_token{query}", auth)


def begun(sandbox: Sandbox, callback: str = CALLBACK, query: str = "") -> dict[str, str]:
    answer = begin(sandbox, callback, query)
    assert answer.status_code == 200
    return dict(parse_qsl(answer.text, strict_parsing=True))


def finish(sandbox: Sandbox, token: dict[str, str], verifier: str) -> requests.Response:
    auth = OAuth1(
        APP.consumer_key,
        APP.consumer_secret,
        token["oauth_token"],
        token["oauth_token_secret"],
        verifier=verifier,
    )
    return signed(sandbox, "/oauth/access_token", auth)


def me(sandbox: Sandbox, token: dict[str, str]) -> requests.Response:
    auth = OAuth1(
        APP.consumer_key,
        APP.consumer_secret,
        token["oauth_token"],
        token["oauth_token_secret"],
    )
    return requests.get(f"{sandbox.url}/2/users/me", auth=auth, timeout=10)


def page(sandbox: Sandbox, token: dict[str, str], name: str = "authorize", more: str = "") -> str:
    return f"{sandbox.url}/oauth/{name}?oauth_token={token['oauth_token']}{more}"


def sent_back(response: requests.Response) -> dict[str, str]:
    assert response.status_code == 302
    assert response.headers["location"].startswith(f"{CALLBACK}?")
    return dict(parse_qsl(urlsplit(response.headers["location"]).query, strict_parsing=True))


@pytest.mark.parametrize("name", ["authorize", "authenticate"])
def test_a_callback_brings_a_verifier_that_buys_a_token(
    sandbox: Sandbox, browser: requests.Session, name: str
) -> None:
    token = begun(sandbox)
    back = sent_back(press(browser, page(sandbox, token, name), user_id=SECOND_USER.user_id))
    bought = finish(sandbox, token, back["oauth_verifier"])
    access = dict(parse_qsl(bought.text, strict_parsing=True))

    assert token["oauth_callback_confirmed"] == "true"
    assert back["oauth_token"] == token["oauth_token"]
    assert access.keys() == {"oauth_token", "oauth_token_secret", "user_id", "screen_name"}
    assert access["user_id"] == SECOND_USER.user_id
    assert access["screen_name"] == "harbour_books"
    assert access["oauth_token"].startswith(f"{SECOND_USER.user_id}-")
    assert me(sandbox, access).json()["data"]["id"] == SECOND_USER.user_id


def test_a_pin_on_the_screen_does_the_same_once(
    sandbox: Sandbox, browser: requests.Session
) -> None:
    token = begun(sandbox, "oob")
    pin = Page(press(browser, page(sandbox, token)).text).texts["pin"]
    wrong = f"{(int(pin) + 1) % 10**7:07}"

    assert re.fullmatch("[0-9]{7}", pin)
    assert [finish(sandbox, token, text).status_code for text in (wrong, pin, pin)] == [
        401,
        200,
        401,
    ]


def test_the_verifier_may_stand_in_the_form(sandbox: Sandbox, browser: requests.Session) -> None:
    token = begun(sandbox, "oob")
    pin = Page(press(browser, page(sandbox, token)).text).texts["pin"]
    auth = OAuth1(
        APP.consumer_key, APP.consumer_secret, token["oauth_token"], token["oauth_token_secret"]
    )
    assert signed(sandbox, "/oauth/access_token", auth, {"oauth_verifier": pin}).status_code == 200


def test_a_token_nobody_agreed_to_buys_nothing(sandbox: Sandbox) -> None:
    assert finish(sandbox, begun(sandbox), "1234567").status_code == 401


@pytest.mark.parametrize("callback", [CALLBACK, "oob"], ids=["callback", "pin"])
def test_a_denial_ends_the_handshake(
    sandbox: Sandbox, browser: requests.Session, callback: str
) -> None:
    token = begun(sandbox, callback)
    answer = press(browser, page(sandbox, token), "deny")
    if callback == "oob":
        assert "denied" in Page(answer.text).texts["reason"]
    else:
        assert sent_back(answer) == {"denied": token["oauth_token"]}
    assert browser.get(page(sandbox, token), timeout=10).status_code == 403


@pytest.mark.parametrize(
    ("callback", "status", "code"),
    [(f"{CALLBACK}/", 403, 415), ("http://127.0.0.1:8482/callback", 403, 415), (None, 403, 415)],
    ids=["longer", "other-port", "none"],
)
def test_a_callback_must_be_registered(
    sandbox: Sandbox, callback: str | None, status: int, code: int
) -> None:
    answer = begin(sandbox, callback)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)


def test_a_desktop_app_may_use_pins_alone(start: Start) -> None:
    sandbox = start(callbacks=())
    refused = begin(sandbox)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, 417)
    assert begin(sandbox, "oob").status_code == 200


@pytest.mark.parametrize(
    ("path", "auth"),
    [
        ("/oauth/request_token", OAuth1(APP.consumer_key, "x", callback_uri="oob")),
        ("/oauth/request_token", OAuth1("x", APP.consumer_secret, callback_uri="oob")),
        ("/oauth/access_token", OAuth1(APP.consumer_key, APP.consumer_secret, "x", "y")),
        ("/1.1/oauth/invalidate_token.json", OAuth1(APP.consumer_key, APP.consumer_secret)),
    ],
    ids=["wrong-secret", "wrong-key", "unknown-token", "nothing-to-kill"],
)
def test_every_leg_is_signed(sandbox: Sandbox, path: str, auth: OAuth1) -> None:
    assert signed(sandbox, path, auth).status_code == 401


@pytest.mark.parametrize(
    ("query", "level"),
    [
        ("", "read-write-directmessages"),
        ("?x_auth_access_type=read", "read"),
        ("?x_auth_access_type=write", "read-write"),
    ],
    ids=["all", "read", "write"],
)
def test_less_than_the_apps_permission_can_be_asked_for(
    sandbox: Sandbox, browser: requests.Session, query: str, level: str
) -> None:
    token = begun(sandbox, query=query)
    back = sent_back(press(browser, page(sandbox, token)))
    access = dict(parse_qsl(finish(sandbox, token, back["oauth_verifier"]).text))
    assert me(sandbox, access).headers["x-access-level"] == level


def test_a_login_can_be_suggested(sandbox: Sandbox, browser: requests.Session) -> None:
    url = page(sandbox, begun(sandbox), more="&screen_name=Harbour_Books")
    assert Page(browser.get(url, timeout=10).text).chosen == SECOND_USER.user_id


@pytest.mark.parametrize(
    ("name", "more", "status"),
    [("authenticate", "", 302), ("authorize", "", 200), ("authenticate", "&force_login=true", 200)],
    ids=["skipped", "always-asks", "forced"],
)
def test_who_has_agreed_before_may_pass_at_once(
    sandbox: Sandbox, browser: requests.Session, name: str, more: str, status: int
) -> None:
    press(browser, page(sandbox, begun(sandbox), name))
    again = begun(sandbox)
    answer = browser.get(page(sandbox, again, name, more), allow_redirects=False, timeout=10)
    assert answer.status_code == status
    assert ("oauth_verifier" in answer.headers.get("location", "")) is (status == 302)


def test_a_request_token_that_was_answered_has_no_page(
    sandbox: Sandbox, browser: requests.Session
) -> None:
    token = begun(sandbox)
    press(browser, page(sandbox, token))
    assert browser.get(page(sandbox, token), timeout=10).status_code == 403


def test_a_user_can_end_it(sandbox: Sandbox) -> None:
    auth = OAuth1(
        APP.consumer_key, APP.consumer_secret, OWNER.access_token, OWNER.access_token_secret
    )
    ended = signed(sandbox, "/1.1/oauth/invalidate_token.json", auth)
    after = requests.get(f"{sandbox.url}/2/users/me", auth=auth, timeout=10)
    assert ended.json() == {"access_token": OWNER.access_token}
    assert after.status_code == 401
