"""Who may ask: the app, its app-only token and its users' OAuth 1.0a tokens; each can be revoked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sandbox import credentials
from sandbox.credentials import UserToken

if TYPE_CHECKING:
    from sandbox.credentials import AccessLevel, App

CredentialKind = Literal["app_only", "oauth1", "oauth2"]


@dataclass(frozen=True)
class Credential:
    """Who a request came from, as proved by its token.

    Attributes:
        kind: How it was given.
        user_id: Whose it is; None for the app itself.
        access_level: What the user granted by OAuth 1.0a; None otherwise.
        scopes: What the user granted by OAuth 2.0.
    """

    kind: CredentialKind
    user_id: str | None = None
    access_level: str | None = None
    scopes: frozenset[str] = frozenset()


class Tokens:
    """The tokens of a sandbox that never expire, and which of them still work.

    Args:
        seed: The tokens that are issued derive from it.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Make every revoked token work again, and forget those that were issued."""
        self._revoked: set[str] = set()
        self._user_tokens = {token.access_token: token for token in credentials.USER_TOKENS}
        self._generation = 0

    def app(self, consumer_key: str) -> App | None:
        """The app of a consumer key."""
        return credentials.APP if consumer_key == credentials.APP.consumer_key else None

    def user_token(self, access_token: str) -> UserToken | None:
        """A user's token, unless it was revoked or never existed."""
        return None if access_token in self._revoked else self._user_tokens.get(access_token)

    def issue(self, user_id: str, access_level: AccessLevel) -> UserToken:
        """A new token of an account."""
        number = len(self._user_tokens)
        digest = hashlib.sha256(f"{self._seed}:{user_id}:{number}".encode()).hexdigest()
        token = UserToken(user_id, f"{user_id}-{digest[:40]}", digest[40:], access_level)
        self._user_tokens[token.access_token] = token
        return token

    def has_granted(self, user_id: str) -> bool:
        """Whether an account has a token that works."""
        return any(
            token.user_id == user_id and token.access_token not in self._revoked
            for token in self._user_tokens.values()
        )

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
