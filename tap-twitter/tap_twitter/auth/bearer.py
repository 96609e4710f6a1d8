"""Bearer tokens: given, or renewed when X no longer accepts them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from requests.auth import AuthBase

from tap_twitter.gateways import is_refused_before_x

if TYPE_CHECKING:
    import requests


class BearerAuth(AuthBase):
    """Adds a given bearer token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class RenewableBearerAuth(AuthBase, ABC):
    """Adds a bearer token; if X refuses it, the request is sent once more with another one."""

    @abstractmethod
    def token(self) -> str:
        """The token for a request."""

    @abstractmethod
    def renewed(self, refused: str) -> str:
        """The token to use after X has refused one; the same one if there is no other."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request."""
        token = self.token()

        def renew(response: requests.Response, **options: Any) -> requests.Response:
            if response.status_code != HTTPStatus.UNAUTHORIZED or is_refused_before_x(response):
                return response
            another = self.renewed(token)
            return response if another == token else _send_again(response, another, options)

        request.register_hook("response", renew)  # type: ignore[no-untyped-call]  # its stub
        return BearerAuth(token)(request)


def _send_again(
    response: requests.Response, token: str, options: dict[str, Any]
) -> requests.Response:
    """Send the request of a response with another token; the second response is final."""
    request = BearerAuth(token)(response.request.copy())
    again: requests.Response = response.connection.send(request, **options)
    again.history.append(response)
    return again
