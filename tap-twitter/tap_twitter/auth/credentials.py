"""A credential: what signs requests, and the rate-limit pools of X that they count in."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    Auth = Callable[[requests.PreparedRequest], requests.PreparedRequest]


def unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave a request as it is; without any authentication, `requests` would look into `.netrc`."""
    return request


class AuthKind(enum.StrEnum):
    """The ways to authenticate that the tap knows, in X's own words."""

    OAUTH1 = "OAuth 1.0a User Context"
    APP_ONLY = "OAuth 2.0 Application-Only"
    OAUTH2 = "OAuth 2.0 User Context"


@dataclass(frozen=True, slots=True)
class Credential:
    """Signs requests in one way; X counts app-only and user requests in separate pools."""

    kind: AuthKind
    auth: Auth
    hint: str
    """The fix if X refuses it."""

    user_id: str | None = None
    """The account that makes the requests; None for app-only, and if it is not known."""

    scopes: frozenset[str] | None = None
    """The granted scopes; None if scopes do not apply or are not known."""

    name: str = "auth"
    """Its source: a group of settings, or a login of the token store."""

    app: str | None = field(default=None, repr=False)
    """The app's key, if the credential includes it."""

    @property
    def is_app_only(self) -> bool:
        """Whether requests are made on behalf of no user."""
        return self.kind is AuthKind.APP_ONLY

    @property
    def pool(self) -> str:
        """The pool that X counts its requests in: the app's, or that of one user of it."""
        asker = "app-only" if self.is_app_only else f"user {self.user_id or '?'}"
        return f"'{self.name}', {asker}"
