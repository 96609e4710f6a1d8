"""OAuth 1.0a handshakes under way: request tokens, and what users answered to them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.credentials import AccessLevel

OUT_OF_BAND: Final = "oob"
_PINS: Final = 10**7


@dataclass
class Handshake:
    """One request token.

    Attributes:
        token: The token.
        secret: Its secret.
        callback: Where the user is sent back to, or `oob` for a PIN on the screen.
        access_level: What is asked for.
        user_id: Who agreed; None until somebody does.
        verifier: What proves the agreement: a PIN, or a longer word in the callback.
    """

    token: str
    secret: str
    callback: str
    access_level: AccessLevel
    user_id: str | None = None
    verifier: str | None = None


class Handshakes:
    """All handshakes of a sandbox that are not finished.

    Args:
        seed: Tokens and verifiers derive from it.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Forget all of them."""
        self._begun = 0
        self._open: dict[str, Handshake] = {}

    def begin(self, callback: str, access_level: AccessLevel) -> Handshake:
        """A new request token."""
        self._begun += 1
        handshake = Handshake(
            token=self._word("token")[:27],
            secret=self._word("secret")[:32],
            callback=callback,
            access_level=access_level,
        )
        self._open[handshake.token] = handshake
        return handshake

    def find(self, token: str) -> Handshake | None:
        """The handshake of a request token, unless it is finished or was never begun."""
        return self._open.get(token)

    def approve(self, handshake: Handshake, user_id: str) -> str:
        """Note that a user agreed.

        Returns:
            The verifier: seven digits where the user has to type it.
        """
        word = self._word(f"verifier:{handshake.token}:{user_id}")
        pin = f"{int(word, 16) % _PINS:07}"
        handshake.user_id = user_id
        handshake.verifier = pin if handshake.callback == OUT_OF_BAND else word[:32]
        return handshake.verifier

    def close(self, handshake: Handshake) -> None:
        """End a handshake: its request token works no more."""
        self._open.pop(handshake.token, None)

    def _word(self, purpose: str) -> str:
        return hashlib.sha256(f"{self._seed}:{self._begun}:{purpose}".encode()).hexdigest()
