"""Requests, and the answers that a sandbox gives to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import requests
from requests_oauthlib import OAuth1

from sandbox.credentials import APP, CLIENT, OWNER
from sandbox.grants import Grant
from sandbox.x.oauth2_authorize import SCOPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox import Sandbox

_TIMEOUT_SECONDS: Final = 60


@dataclass(frozen=True)
class Request:
    """A GET request.

    Attributes:
        path: Path, filled in.
        params: Query parameters.
        credential: `app_only`, `oauth1`, `oauth2` or `none`.
        expected: Statuses that it may get.
        fault: A fault that strikes it.
        scopes: What an `oauth2` user has granted.
        is_wrong: Whether it breaks the spec on purpose, to see the refusal.
    """

    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    credential: str = "oauth1"
    expected: tuple[int, ...] = (200,)
    fault: str = ""
    scopes: tuple[str, ...] = tuple(sorted(SCOPES))
    is_wrong: bool = False


@dataclass(frozen=True)
class Exchange:
    """A request with its answer."""

    request: Request
    status: int
    body: Any


def drive(sandbox: Sandbox, request: Request) -> Exchange:
    """Send a request to a sandbox.

    Raises:
        requests.RequestException: If no JSON comes back.
    """
    if request.fault:
        sandbox.faults.add(request.fault)
    answer = requests.get(
        sandbox.url + request.path,
        params=dict(request.params),
        auth=_Signed(sandbox, request),
        timeout=_TIMEOUT_SECONDS,
    )
    sandbox.faults.clear()
    return Exchange(request, answer.status_code, answer.json())


class _Signed(requests.auth.AuthBase):
    """Shows a request's credential; tokens are fetched anew, as a fault may have revoked them."""

    def __init__(self, sandbox: Sandbox, request: Request) -> None:
        self._sandbox = sandbox
        self._request = request

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._request.credential == "oauth1":
            sign = OAuth1(
                APP.consumer_key,
                APP.consumer_secret,
                OWNER.access_token,
                OWNER.access_token_secret,
            )
            signed: requests.PreparedRequest = sign(prepared)
            return signed
        if token := self._bearer():
            prepared.headers["Authorization"] = f"Bearer {token}"
        return prepared

    def _bearer(self) -> str | None:
        if self._request.credential == "app_only":
            return self._sandbox.tokens.app_only()
        if self._request.credential == "oauth2":
            grant = Grant(CLIENT.client_id, OWNER.user_id, self._request.scopes)
            return self._sandbox.grants.issue(grant).access_token
        return None
