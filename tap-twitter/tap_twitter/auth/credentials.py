"""A credential: what signs requests, and which of X's rate-limit pools they draw from."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    Auth = Callable[[requests.PreparedRequest], requests.PreparedRequest]


class AuthKind(enum.StrEnum):
    """The ways of asking X that the tap knows, in X's own words."""

    OAUTH1 = "OAuth 1.0a User Context"
    APP_ONLY = "OAuth 2.0 Application-Only"
    OAUTH2 = "OAuth 2.0 User Context"


@dataclass(frozen=True, slots=True)
class Credential:
    """Signs requests in one way; X counts app-only and user requests in separate pools."""

    kind: AuthKind
    auth: Auth
    hint: str
    """What a user can do when X refuses it."""

    user_id: str | None = None
    """The account in whose name X is asked; None for app-only, and where it is not known."""

    scopes: frozenset[str] | None = None
    """What the account has granted; None where scopes do not apply or are not known."""

    name: str = "auth"
    """Where it comes from: a group of settings, or a login of the token store."""

    app: str | None = field(default=None, repr=False)
    """The app's key, where the credential tells it."""

    @property
    def is_app_only(self) -> bool:
        """Whether X is asked in nobody's name."""
        return self.kind is AuthKind.APP_ONLY

    @property
    def pool(self) -> str:
        """Whom X counts its requests for: the app, or one user of it."""
        whom = "app-only" if self.is_app_only else f"user {self.user_id or '?'}"
        return f"'{self.name}', {whom}"
