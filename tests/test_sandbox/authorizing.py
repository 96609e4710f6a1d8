"""An app that asks users for access by OAuth 2.0, one address and one request at a time."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from test_sandbox.consenting import press

from sandbox.credentials import CLIENT

if TYPE_CHECKING:
    from sandbox import Sandbox
    from sandbox.credentials import Client

VERIFIER = "a-verifier-of-forty-three-characters-or-more~"
S256 = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "http://127.0.0.1:8481/callback"
READING = "tweet.read users.read offline.access"
USERS = "tweet.read users.read"


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
    """Ask for tokens with a code."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **change,
    }
    return exchange(sandbox, client, **form)


def refresh(sandbox: Sandbox, token: str, client: Client = CLIENT) -> requests.Response:
    """Ask for tokens with a refresh token."""
    return exchange(sandbox, client, grant_type="refresh_token", refresh_token=token)


def me(sandbox: Sandbox, token: str) -> requests.Response:
    """Ask whom an access token is of."""
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{sandbox.url}/2/users/me", headers=headers, timeout=10)


def tokens_of(sandbox: Sandbox, browser: requests.Session, **change: str) -> dict[str, str]:
    """The tokens to which a user consents."""
    code = sent_back(press(browser, page(sandbox, **change)))["code"]
    tokens: dict[str, str] = with_code(sandbox, code).json()
    return tokens
