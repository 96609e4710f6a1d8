"""Opaque tokens that lead to the pages of a list.

A token holds the id next to which its page begins, so that entries which arrive meanwhile move nothing.
It is bound to the list that it was given out for, and can be made to die.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.clock import Clock

_MAC_BYTES: Final = 4


@dataclass(frozen=True)
class Place:
    """Where a page begins: after an id towards older entries, or before it towards newer ones."""

    id: int
    is_forward: bool


class NumericTokens:
    """Tokens that are numbers: the members of lists have them.

    X's spec 2.167 calls them 64-bit signed integers, and 2.166 says that they have 19 characters at most.
    Such a token is the place itself, negative where it leads back, so that nothing in it can tell its
    age; what was given out is remembered to be able to make it die.

    Args:
        clock: Tells their age.
        seconds: How long they work; for ever when omitted.
    """

    def __init__(self, clock: Clock, seconds: float | None) -> None:
        self._clock = clock
        self._seconds = seconds
        self.reset()

    def reset(self) -> None:
        """Forget what was given out; a number that is not known works."""
        self._issued: dict[tuple[str, str], float] = {}

    def kill(self) -> None:
        """Stop every token that was given out until now."""
        self._issued = dict.fromkeys(self._issued, float("-inf"))

    def issue(self, listing: str, place: Place) -> str:
        """A token for a page of a list."""
        token = str(place.id if place.is_forward else -place.id)
        self._issued[listing, token] = self._clock.timestamp()
        return token

    def read(self, listing: str, token: str, *, expires: bool = True) -> Place | None:
        """Where a token leads; None where it does not work.

        Args:
            listing: What the list is of.
            token: As it came.
            expires: Whether it can be too old.
        """
        number = int(token)
        issued = self._issued.get((listing, token), self._clock.timestamp())
        age = self._clock.timestamp() - issued
        is_old = expires and self._seconds is not None and age >= self._seconds
        return None if is_old or age == float("inf") else Place(abs(number), number >= 0)


class PageTokens:
    """The tokens of one sandbox.

    Args:
        clock: Tells their age.
        seed: They derive from it, so that they outlive a restart.
        seconds: How long they work; for ever when omitted.

    Attributes:
        numeric: Those of lists whose tokens are numbers.
    """

    def __init__(self, clock: Clock, seed: int, seconds: float | None) -> None:
        self._clock = clock
        self._seed = seed
        self._seconds = seconds
        self.numeric = NumericTokens(clock, seconds)
        self.reset()

    def reset(self) -> None:
        """Make killed tokens work again."""
        self._generation = 0
        self.numeric.reset()

    def kill(self) -> None:
        """Stop every token that was given out until now."""
        self._generation += 1
        self.numeric.kill()

    def issue(self, listing: str, place: Place) -> str:
        """A token for a page of a list."""
        issued = int(self._clock.timestamp())
        payload = place.id.to_bytes(8, "big") + issued.to_bytes(5, "big")
        payload += bytes([self._generation % 256, place.is_forward])
        whole = payload + self._mac(listing, payload)
        return base64.b32hexencode(whole).decode().rstrip("=").lower()

    def read(self, listing: str, token: str, *, expires: bool = True) -> Place | None:
        """Where a token leads; None if it is none of this list's, or dead.

        Args:
            listing: What the list is of.
            token: As it came.
            expires: Whether it can be too old.
        """
        padded = token.upper() + "=" * (-len(token) % 8)
        try:
            whole = base64.b32hexdecode(padded)
        except (binascii.Error, ValueError):
            return None
        payload, mac = whole[:-_MAC_BYTES], whole[-_MAC_BYTES:]
        if mac != self._mac(listing, payload) or payload[13] != self._generation % 256:
            return None
        age = self._clock.timestamp() - int.from_bytes(payload[8:13], "big")
        if expires and self._seconds is not None and age >= self._seconds:
            return None
        return Place(int.from_bytes(payload[:8], "big"), bool(payload[14]))

    def _mac(self, listing: str, payload: bytes) -> bytes:
        about = f"{self._seed}:{listing}:".encode()
        return hashlib.blake2b(about + payload, digest_size=_MAC_BYTES).digest()
