"""What users granted by OAuth 2.0: codes, access tokens and refresh tokens, by the sandbox's clock.

A code lives for 30 seconds and an access token for two hours; a refresh token works once
(https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox.tokens import Credential

if TYPE_CHECKING:
    from sandbox.clock import Clock

CODE_SECONDS: Final = 30
ACCESS_SECONDS: Final = 7200
OFFLINE: Final = "offline.access"


@dataclass(frozen=True)
class Grant:
    """What a user allowed a client to do.

    Attributes:
        client_id: The client.
        user_id: The user.
        scopes: The scopes, in the order in which they were asked for.
    """

    client_id: str
    user_id: str
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Binding:
    """What a code is bound to: it can be exchanged only by who asked for it.

    Attributes:
        redirect_uri: Where the code is sent.
        challenge: What the client's verifier must fit.
        method: How they fit: `S256` or `plain`.
    """

    redirect_uri: str
    challenge: str
    method: str


@dataclass(frozen=True)
class Pair:
    """An access token, and a refresh token where the grant has the scope `offline.access`."""

    access_token: str
    refresh_token: str | None


class Grants:
    """All codes and tokens of OAuth 2.0 user context.

    Args:
        clock: Tells when they expire.
        seed: They derive from it.
    """

    def __init__(self, clock: Clock, seed: int) -> None:
        self._clock = clock
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Forget all of them."""
        self._issued = 0
        self._codes: dict[str, tuple[Grant, Binding, float]] = {}
        self._access: dict[str, tuple[Grant, float]] = {}
        self._refresh: dict[str, Grant] = {}

    def issue_code(self, grant: Grant, binding: Binding) -> str:
        """A code for a grant that a user has just given."""
        code = self._secret("code")
        self._codes[code] = (grant, binding, self._clock.timestamp() + CODE_SECONDS)
        return code

    def redeem(self, code: str) -> tuple[Grant, Binding] | None:
        """What a code stands for; None if it never did, does no more, or was shown before."""
        grant, binding, expires_at = self._codes.pop(code, (None, None, 0.0))
        if grant is None or binding is None or self._clock.timestamp() >= expires_at:
            return None
        return grant, binding

    def issue(self, grant: Grant) -> Pair:
        """New tokens for a grant."""
        access = self._secret("access")
        self._access[access] = (grant, self._clock.timestamp() + ACCESS_SECONDS)
        if OFFLINE not in grant.scopes:
            return Pair(access, None)
        refresh = self._secret("refresh")
        self._refresh[refresh] = grant
        return Pair(access, refresh)

    def rotate(self, refresh_token: str, client_id: str) -> tuple[Grant, Pair] | None:
        """Spend a refresh token on new tokens; None if it is spent, or another client's."""
        grant = self._refresh.get(refresh_token)
        if grant is None or grant.client_id != client_id:
            return None
        del self._refresh[refresh_token]
        return grant, self.issue(grant)

    def credential(self, access_token: str) -> Credential | None:
        """Who an access token speaks for; None once it has expired."""
        grant, expires_at = self._access.get(access_token, (None, 0.0))
        if grant is None or self._clock.timestamp() >= expires_at:
            return None
        return Credential("oauth2", grant.user_id, scopes=frozenset(grant.scopes))

    def client_of(self, token: str) -> str | None:
        """The client that holds a token."""
        grant = self._refresh.get(token) or self._access.get(token, (None,))[0]
        return grant.client_id if grant else None

    def revoke(self, token: str) -> bool:
        """Stop a token from working.

        Returns:
            Whether it worked until now.
        """
        worked = self.credential(token) is not None or token in self._refresh
        self._access.pop(token, None)
        self._refresh.pop(token, None)
        return worked

    def _secret(self, purpose: str) -> str:
        self._issued += 1
        digest = hashlib.sha256(f"{self._seed}:{purpose}:{self._issued}".encode())
        return f"{purpose}-{digest.hexdigest()}"
