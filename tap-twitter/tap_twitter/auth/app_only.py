"""OAuth 2.0 application-only access: a bearer token, given or fetched with the consumer pair."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from tap_twitter.auth.credentials import AuthKind, Credential
from tap_twitter.errors import AuthError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

TIMEOUT_SECONDS = 30


class BearerAuth(AuthBase):
    """Adds a bearer token; it is asked for at the first request and then kept."""

    def __init__(self, get_token: Callable[[], str]) -> None:
        self._get_token = get_token
        self._token: str | None = None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request."""
        if self._token is None:
            self._token = self._get_token()
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def bearer_credential(bearer_token: str) -> Credential:
    """App-only access with a bearer token at hand."""
    return Credential(AuthKind.APP_ONLY, BearerAuth(lambda: bearer_token))


def consumer_credential(consumer_key: str, consumer_secret: str, oauth_url: str) -> Credential:
    """App-only access with the bearer token that X gives for the app's consumer pair."""
    return Credential(
        AuthKind.APP_ONLY,
        BearerAuth(lambda: fetch_bearer_token(consumer_key, consumer_secret, oauth_url)),
    )


def fetch_bearer_token(consumer_key: str, consumer_secret: str, oauth_url: str) -> str:
    """Ask X for the app's bearer token; X gives the same one until it is invalidated.

    See https://docs.x.com/fundamentals/authentication/oauth-2-0/application-only: key and secret
    are percent-encoded before they become a Basic header.

    Raises:
        AuthError: X refuses the pair.
        UnreachableError: X did not answer.
    """
    try:
        response = requests.post(
            f"{oauth_url.rstrip('/')}/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=HTTPBasicAuth(quote(consumer_key, safe=""), quote(consumer_secret, safe="")),
            timeout=TIMEOUT_SECONDS,
        )
        body = response.json()
    except requests.RequestException as error:
        msg = f"X gave no bearer token at {oauth_url} ({type(error).__name__}); try again later."
        raise UnreachableError(msg) from None
    token = body.get("access_token") if isinstance(body, dict) else None
    if not response.ok or not token:
        msg = (
            f"X gave no bearer token (HTTP {response.status_code}): check the settings "
            "'auth.consumer_key' and 'auth.consumer_secret'."
        )
        raise AuthError(msg)
    return str(token)
