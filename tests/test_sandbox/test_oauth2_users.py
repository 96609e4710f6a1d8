"""OAuth 2.0 for users: the consent page, codes, tokens that rotate, and what they open."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from test_sandbox.consenting import Page, press

from sandbox import credentials
from sandbox.credentials import CLIENT, OWNER, PUBLIC_CLIENT, SECOND_USER
from sandbox.x import oauth2_authorize

if TYPE_CHECKING:
    from contextlib import ExitStack

    from test_sandbox.asking import Asking, Start

    from sandbox import Sandbox
    from sandbox.credentials import Client

VERIFIER = "a-verifier-of-forty-three-characters-or-more~"
S256 = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "http://127.0.0.1:8481/callback"
READING = "tweet.read users.read offline.access"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
USERS = "tweet.read users.read"


@pytest.fixture
def browser(stack: ExitStack) -> requests.Session:
    return stack.enter_context(requests.Session())


def page(sandbox: Sandbox, path: str = "/i/oauth2/authorize", /, **change: str | None) -> str:
    """The address of the consent page."""
    asked: dict[str, str | None] = {
        "response_type": "code",
        "client_id": CLIENT.client_id,
        "redirect_uri": CALLBACK,
        "scope": READING,
        "state": "s t&te",
        "code_challenge": S256,
        "code_challenge_method": "S256",
        **change,
    }
    return f"{sandbox.url}{path}?{urlencode({k: v for k, v in asked.items() if v is not None})}"


def sent_back(response: requests.Response) -> dict[str, str]:
    """The parameters with which the browser is sent back to the app."""
    assert response.status_code == 302
    location = response.headers["location"]
    assert location.startswith(f"{CALLBACK}?")
    return dict(parse_qsl(urlsplit(location).query, strict_parsing=True))


def exchange(sandbox: Sandbox, client: Client = CLIENT, **form: str) -> requests.Response:
    """Ask for tokens as a client does."""
    if client.client_secret:
        auth = (client.client_id, client.client_secret)
        return requests.post(f"{sandbox.url}/2/oauth2/token", data=form, auth=auth, timeout=10)
    form["client_id"] = client.client_id
    return requests.post(f"{sandbox.url}/2/oauth2/token", data=form, timeout=10)


def with_code(
    sandbox: Sandbox, code: str, client: Client = CLIENT, /, **change: str
) -> requests.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **change,
    }
    return exchange(sandbox, client, **form)


def refresh(sandbox: Sandbox, token: str, client: Client = CLIENT) -> requests.Response:
    return exchange(sandbox, client, grant_type="refresh_token", refresh_token=token)


def me(sandbox: Sandbox, token: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{sandbox.url}/2/users/me", headers=headers, timeout=10)


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


CLIENT_PROOFS: dict[str, dict[str, Any]] = {
    "wrong-secret": {"auth": (CLIENT.client_id, "x")},
    "unknown-client": {"auth": ("x", "y")},
    "secret-missing": {"data": {"client_id": CLIENT.client_id}},
    "nothing": {},
    "public-with-secret": {"auth": (PUBLIC_CLIENT.client_id, "x")},
}


@pytest.mark.parametrize("proof", CLIENT_PROOFS.values(), ids=CLIENT_PROOFS)
@pytest.mark.parametrize("path", ["token", "revoke"])
def test_a_client_must_prove_itself(sandbox: Sandbox, proof: dict[str, Any], path: str) -> None:
    answer = requests.post(f"{sandbox.url}/2/oauth2/{path}", timeout=10, **proof)
    assert answer.status_code == 401
    assert answer.json()["error"] == "unauthorized_client"


def tokens_of(sandbox: Sandbox, browser: requests.Session, **change: str) -> dict[str, str]:
    code = sent_back(press(browser, page(sandbox, **change)))["code"]
    tokens: dict[str, str] = with_code(sandbox, code).json()
    return tokens


def test_without_offline_access_nothing_can_be_refreshed(
    sandbox: Sandbox, browser: requests.Session
) -> None:
    assert "refresh_token" not in tokens_of(sandbox, browser, scope=USERS)


def test_a_refresh_token_works_once_and_brings_the_next(
    sandbox: Sandbox, browser: requests.Session
) -> None:
    first = tokens_of(sandbox, browser)
    second = refresh(sandbox, first["refresh_token"]).json()
    again = refresh(sandbox, first["refresh_token"])

    assert again.status_code == 400
    assert again.json() == {
        "error": "invalid_request",
        "error_description": "Value passed for the token was invalid.",
    }
    assert second.keys() == first.keys()
    assert me(sandbox, second["access_token"]).status_code == 200
    assert refresh(sandbox, second["refresh_token"]).status_code == 200


def test_a_refresh_token_is_its_own_clients(sandbox: Sandbox, browser: requests.Session) -> None:
    token = tokens_of(sandbox, browser)["refresh_token"]
    assert refresh(sandbox, token, PUBLIC_CLIENT).status_code == 400
    assert refresh(sandbox, token).status_code == 200


def test_an_answer_can_be_lost_after_the_rotation(
    sandbox: Sandbox, browser: requests.Session
) -> None:
    token = tokens_of(sandbox, browser)["refresh_token"]
    sandbox.faults.add("answer_lost", path="/2/oauth2/token")
    with pytest.raises(requests.ConnectionError, match="without response"):
        refresh(sandbox, token)
    assert refresh(sandbox, token).status_code == 400
    assert [entry.status for entry in sandbox.requests][-2:] == [200, 400]


@pytest.mark.parametrize(("seconds", "status"), [(7199, 200), (7200, 401)], ids=["before", "after"])
def test_an_access_token_expires_after_two_hours(
    start: Start, browser: requests.Session, seconds: int, status: int
) -> None:
    sandbox = start(clock_start=START, clock_ticking=False)
    tokens = tokens_of(sandbox, browser)
    sandbox.clock.advance(seconds)
    assert me(sandbox, tokens["access_token"]).status_code == status
    assert refresh(sandbox, tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize(
    ("client", "which", "statuses"),
    [
        (CLIENT, "access_token", (401, 200)),
        (CLIENT, "refresh_token", (200, 400)),
        (PUBLIC_CLIENT, "access_token", (200, 200)),
    ],
    ids=["access", "refresh", "of-another-client"],
)
def test_a_token_can_be_revoked_by_its_client(
    sandbox: Sandbox,
    browser: requests.Session,
    client: Client,
    which: str,
    statuses: tuple[int, int],
) -> None:
    tokens = tokens_of(sandbox, browser)
    form = {"token": tokens[which], "client_id": client.client_id}
    auth = (client.client_id, client.client_secret) if client.client_secret else None
    answer = requests.post(f"{sandbox.url}/2/oauth2/revoke", data=form, auth=auth, timeout=10)

    assert answer.status_code == 200
    reached = me(sandbox, tokens["access_token"]).status_code
    assert (reached, refresh(sandbox, tokens["refresh_token"]).status_code) == statuses


@pytest.mark.parametrize(
    ("scopes", "status"),
    [(USERS, 200), ("users.read", 403), ("tweet.read", 403), ("dm.read offline.access", 403)],
)
@pytest.mark.parametrize(
    "path", ["/2/users?ids=12", "/2/users/by?usernames=founder", "/2/users/me"]
)
def test_scopes_open_endpoints(
    sandbox: Sandbox, asking: Asking, path: str, scopes: str, status: int
) -> None:
    answer = asking.granted(sandbox, scopes)(path)
    assert answer.status_code == status
    if status == 403:
        assert answer.json() == {
            "title": "Forbidden",
            "detail": "Forbidden",
            "type": "about:blank",
            "status": 403,
        }


@pytest.mark.parametrize("scopes", [USERS, f"{USERS} users.email"], ids=["without", "with"])
def test_an_address_needs_a_scope_of_its_own(sandbox: Sandbox, asking: Asking, scopes: str) -> None:
    seen = asking.granted(sandbox, scopes)("/2/users/me", user_fields="confirmed_email").json()[
        "data"
    ]
    assert ("confirmed_email" in seen) is ("users.email" in scopes)


def test_a_user_has_one_allowance_however_they_are_authenticated(
    sandbox: Sandbox, asking: Asking
) -> None:
    left = [
        int(ask("/2/users/me").headers["x-rate-limit-remaining"])
        for ask in (
            asking.user(sandbox),
            asking.granted(sandbox, USERS),
            asking.granted(sandbox, USERS),
        )
    ]
    other = asking.granted(sandbox, USERS, SECOND_USER.user_id)("/2/users/me")
    assert left == [74, 73, 72]
    assert other.headers["x-rate-limit-remaining"] == "74"
    assert "x-access-level" not in other.headers


def test_requests_are_noted_with_their_kind_and_without_secrets(
    sandbox: Sandbox, browser: requests.Session, asking: Asking
) -> None:
    tokens_of(sandbox, browser)
    asking.granted(sandbox, USERS)("/2/users/me")
    assert (sandbox.requests[-1].credential, sandbox.requests[-1].user_id) == (
        "oauth2",
        OWNER.user_id,
    )
    assert all(entry.params == {} for entry in sandbox.requests)


def test_tokens_can_be_had_without_a_browser(sandbox: Sandbox) -> None:
    body = {
        "client_id": credentials.CLIENT.client_id,
        "user_id": OWNER.user_id,
        "scopes": USERS.split(),
    }
    granted = requests.post(
        f"{sandbox.url}/sandbox/credentials/oauth2", json=body, timeout=10
    ).json()
    revoked = requests.post(
        f"{sandbox.url}/sandbox/credentials/revoke",
        json={"access_token": granted["access_token"]},
        timeout=10,
    )
    assert granted["refresh_token"] is None
    assert revoked.json() == {"worked_until_now": True}
    assert me(sandbox, granted["access_token"]).status_code == 401


def test_other_callbacks_can_be_registered(sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/sandbox/credentials/callbacks"
    for urls, status in ([["http://127.0.0.1:1/"], 200], [[CALLBACK] * 11, 400]):
        assert requests.post(url, json={"urls": urls}, timeout=10).status_code == status
    assert requests.get(page(sandbox), timeout=10).status_code == 400
    registered = page(sandbox, redirect_uri="http://127.0.0.1:1/")
    assert requests.get(registered, timeout=10).status_code == 200
