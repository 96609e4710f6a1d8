"""The app as an OAuth 2.0 client: its authentication, and X's responses with tokens.

Source: https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from requests.auth import AuthBase, HTTPBasicAuth

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import requests

    from tap_twitter.auth.token_store import Login

MAX_LIFE_SECONDS: Final = 365 * 86_400
"""Longer than any access token lives; keeps an absurd value from overflowing the date."""


class ClientAuth(AuthBase):
    """Authenticates the app: a confidential one by a Basic header, a public one by its id.

    Args:
        client_id: The app's.
        client_secret: The app's; None for a public client.
    """

    def __init__(self, client_id: str | None, client_secret: str | None) -> None:
        self._client_id = client_id or ""
        self._client_secret = client_secret

    def completed(self, form: Mapping[str, str]) -> dict[str, str]:
        """A form with what identifies the app."""
        return {**form} if self._client_secret else {**form, "client_id": self._client_id}

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request."""
        if self._client_secret:
            HTTPBasicAuth(self._client_id, self._client_secret)(request)
        return request


def with_tokens(login: Login, body: Mapping[str, Any], now: datetime) -> Login | None:
    """A login with the tokens in X's response; None if there is no access token.

    What X leaves out stays unchanged: the refresh token, which is only sent with the scope
    `offline.access`, and the scopes.
    """
    access, refresh = body.get("access_token"), body.get("refresh_token") or login.refresh_token
    if not (isinstance(access, str) and access and isinstance(refresh, str | None)):
        return None
    scope = body.get("scope")
    return replace(
        login,
        access_token=access,
        refresh_token=refresh,
        expires_at=_expiry(body.get("expires_in"), now),
        scopes=frozenset(scope.split()) if isinstance(scope, str) else login.scopes,
        refreshing_since=None,
    )


def _expiry(seconds: object, now: datetime) -> datetime | None:
    if not isinstance(seconds, int):
        return None
    return now + timedelta(seconds=max(0, min(seconds, MAX_LIFE_SECONDS)))
