"""Who may ask: the app, its users' tokens and its app-only token, each of which can be revoked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sandbox import credentials

if TYPE_CHECKING:
    from sandbox.credentials import App, UserToken

CredentialKind = Literal["app_only", "oauth1"]


@dataclass(frozen=True)
class Credential:
    """Who a request came from, as proved by its token.

    Attributes:
        kind: How it was given.
        user_id: Whose it is; None for the app itself.
        access_level: What the user granted; None for the app itself.
    """

    kind: CredentialKind
    user_id: str | None = None
    access_level: str | None = None


class Tokens:
    """All tokens of a sandbox, and which of them still work.

    Args:
        seed: The app-only tokens derive from it.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Make every revoked token work again."""
        self._revoked: set[str] = set()
        self._generation = 0

    def app(self, consumer_key: str) -> App | None:
        """The app of a consumer key."""
        return credentials.APP if consumer_key == credentials.APP.consumer_key else None

    def user_token(self, access_token: str) -> UserToken | None:
        """A user's token, unless it was revoked or never existed."""
        known = {token.access_token: token for token in credentials.USER_TOKENS}
        return None if access_token in self._revoked else known.get(access_token)

    def app_only(self) -> str:
        """The app's one live app-only token: the same until it is revoked."""
        while self._bearer() in self._revoked:
            self._generation += 1
        return self._bearer()

    def is_app_only(self, token: str) -> bool:
        """Whether a token is the live app-only token."""
        return token == self._bearer() and token not in self._revoked

    def revoke(self, token: str) -> bool:
        """Stop a token from working.

        Returns:
            Whether it worked until now.
        """
        worked = self.is_app_only(token) or self.user_token(token) is not None
        if worked:
            self._revoked.add(token)
        return worked

    def _bearer(self) -> str:
        seed = f"{self._seed}:{self._generation}".encode()
        return "AAAAAAAAAAAAAAAAAAAA%2F" + hashlib.sha256(seed).hexdigest()[:40] + "%3D"
