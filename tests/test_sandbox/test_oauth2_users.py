"""OAuth 2.0 for users: tokens that rotate, and what they open."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import requests
from test_sandbox.authorizing import USERS, me, refresh, tokens_of

from sandbox import credentials
from sandbox.credentials import CLIENT, OWNER, PUBLIC_CLIENT, SECOND_USER

if TYPE_CHECKING:
    from test_sandbox.asking import Asking, Start

    from sandbox import Sandbox
    from sandbox.credentials import Client

START = datetime(2026, 3, 1, 12, tzinfo=UTC)

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
