"""Pages of a list that is read from its newest entry on, and the opaque tokens that lead to them.

A token holds the id next to which its page begins, so that entries which arrive meanwhile move nothing.
It is bound to the list that it was given out for, and can be made to die.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from sandbox.x.problems import invalid_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.clock import Clock
    from sandbox.x.endpoint import Call

T = TypeVar("T")
_NEWEST: Final = 2**63 - 1
_MAC_BYTES: Final = 4


@dataclass(frozen=True)
class Place:
    """Where a page begins: after an id towards older entries, or before it towards newer ones."""

    id: int
    is_forward: bool


class PageTokens:
    """The tokens of one sandbox.

    Args:
        clock: Tells their age.
        seed: They derive from it, so that they outlive a restart.
        seconds: How long they work; for ever when omitted.
    """

    def __init__(self, clock: Clock, seed: int, seconds: float | None) -> None:
        self._clock = clock
        self._seed = seed
        self._seconds = seconds
        self.reset()

    def reset(self) -> None:
        """Make killed tokens work again."""
        self._generation = 0

    def kill(self) -> None:
        """Stop every token that was given out until now."""
        self._generation += 1

    def issue(self, listing: str, place: Place) -> str:
        """A token for a page of a list."""
        issued = int(self._clock.timestamp())
        payload = place.id.to_bytes(8, "big") + issued.to_bytes(5, "big")
        payload += bytes([self._generation % 256, place.is_forward])
        whole = payload + self._mac(listing, payload)
        return base64.b32hexencode(whole).decode().rstrip("=").lower()

    def read(self, listing: str, token: str) -> Place | None:
        """Where a token leads; None if it is none of this list's, or dead."""
        padded = token.upper() + "=" * (-len(token) % 8)
        try:
            whole = base64.b32hexdecode(padded)
        except (binascii.Error, ValueError):
            return None
        payload, mac = whole[:-_MAC_BYTES], whole[-_MAC_BYTES:]
        if mac != self._mac(listing, payload) or payload[13] != self._generation % 256:
            return None
        age = self._clock.timestamp() - int.from_bytes(payload[8:13], "big")
        if self._seconds is not None and age >= self._seconds:
            return None
        return Place(int.from_bytes(payload[:8], "big"), bool(payload[14]))

    def _mac(self, listing: str, payload: bytes) -> bytes:
        about = f"{self._seed}:{listing}:".encode()
        return hashlib.blake2b(about + payload, digest_size=_MAC_BYTES).digest()


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page.

    Attributes:
        entries: What is on it, newest first.
        links: The keys of `meta` that lead to its neighbours.
    """

    entries: list[T]
    links: dict[str, Any]


def turn(
    call: Call,
    listing: str,
    entries: Iterable[T],
    id_of: Callable[[T], int],
    size: int,
    *,
    goes_on: bool = False,
) -> Page[T]:
    """The page that a call asks for.

    Args:
        call: With `pagination_token`, and faults that make the page `short_page` or `empty_page`.
        listing: What the list is of; its tokens lead nowhere else.
        entries: The whole list, newest first.
        id_of: The id of an entry.
        size: The most entries on it.
        goes_on: Whether X pretends that more follows, as there is more that it does not show.

    Raises:
        Problem: 400, if the token does not work.
    """
    place = _place(call, listing)
    tokens = call.sandbox.pages

    def link(entry_id: int, *, is_forward: bool) -> str:
        return tokens.issue(listing, Place(entry_id, is_forward))

    if call.struck("empty_page"):
        return Page([], {"next_token": link(place.id, is_forward=True)})
    if call.struck("short_page"):
        size = max(1, size // 2)
    if place.is_forward:
        found = list(islice((e for e in entries if id_of(e) < place.id), size + 1))
        shown, is_last = found[:size], len(found) <= size and not (found and goes_on)
    else:
        newer = [entry for entry in entries if id_of(entry) > place.id]
        shown, is_last = newer[-size:], False
    links = {}
    if shown and not is_last:
        links["next_token"] = link(id_of(shown[-1]), is_forward=True)
    if shown and place.id != _NEWEST and (place.is_forward or len(newer) > size):
        links["previous_token"] = link(id_of(shown[0]), is_forward=False)
    return Page(shown, links)


def _place(call: Call, listing: str) -> Place:
    token = call.single("pagination_token")
    if token is None:
        return Place(_NEWEST, is_forward=True)
    place = call.sandbox.pages.read(listing, token)
    if place is None:
        message = f"The `pagination_token` query parameter value [{token}] is not valid"
        complaint = ({"pagination_token": [token]}, message)
        raise invalid_request(call.sandbox.options.problem_base, [complaint])
    return place
