"""Access tokens from client credentials, renewed before they expire."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

import requests

from dataset_store.domo.refusals import refusal_of
from dataset_store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

_USED_SHARE: Final = 0.8
"""The share of a token's lifetime after which it is renewed, so that no request is too late."""


class Bearer(requests.auth.AuthBase):
    """Adds the token to a request; as `auth`, so that no entry of a `.netrc` replaces it.

    Args:
        token: The access token.
    """

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"bearer {self.token}"
        return request


class Tokens:
    """The access token of a client.

    Args:
        ask: Requests a token with the client's id and secret.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        ask: Callable[[], requests.Response],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._bearer: Bearer | None = None
        self._renew_at = 0.0

    def bearer(self, refused: Bearer | None = None) -> Bearer:
        """A valid token, other than one that Domo has rejected.

        Raises:
            StoreError: Domo does not accept the client, or the client may not access datasets.
        """
        with self._lock:
            if self._bearer is None or self._bearer is refused or self._clock() >= self._renew_at:
                self._bearer = self._new()
            return self._bearer

    def _new(self) -> Bearer:
        asked_at = self._clock()
        response = self._ask()
        if not response.ok:
            raise _refused_client(response)
        try:
            body = response.json()
            token, seconds = str(body["access_token"]), float(body.get("expires_in", 0))
            scopes = str(body.get("scope", "data")).split()
        except (ValueError, KeyError, TypeError):
            message = "store: Domo's response to the request for an access token has no token"
            raise StoreError(message) from None
        if "data" not in scopes:
            raise StoreError(_WITHOUT_SCOPE)
        self._renew_at = asked_at + seconds * _USED_SHARE
        return Bearer(token)


_WITHOUT_SCOPE: Final = (
    "store_options: the client lacks the scope `data`; add it to the client "
    "(Domo: Admin > Authentication > API Clients), or use another client"
)


def _refused_client(response: requests.Response) -> StoreError:
    refusal = refusal_of(response)
    if refusal.mentions("scope"):
        return StoreError(_WITHOUT_SCOPE)
    return StoreError(
        "store_options: Domo does not accept this `client_id` with this `client_secret` "
        f"({refusal}); copy both from Domo's Admin > Authentication > API Clients"
    )
