"""Error responses of Domo, as errors with the place and the fix.

Domo's status codes are not consistent (according to a comment in its Rust SDK), so its message is
checked, too. The message itself may contain values of rows and is never shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from dataset_store.errors import DatasetError, DatasetNotFoundError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

_MAX_BODY: Final = 65_536
_NAMED: Final = (401, 403, 404)
"""Statuses that the message of a 400 may name."""

_LIMIT: Final = ("rate limit", "too many requests")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error response."""

    status: int
    """The HTTP status, or the one that the message names instead."""

    message: str
    """Domo's message in lower case, for searching; not for users."""

    toe: str
    """Domo's trace id, which its support needs."""

    retry_after: float | None = None
    """The number of seconds to wait."""

    def mentions(self, *words: str) -> bool:
        """Whether the message contains one of these words, in lower case."""
        return any(word in self.message for word in words)

    @property
    def is_limit(self) -> bool:
        """Whether a limit is exhausted, which is temporary."""
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or (
            self.status == HTTPStatus.FORBIDDEN and self.mentions(*_LIMIT)
        )

    @property
    def is_fault(self) -> bool:
        """Whether Domo failed, as opposed to rejecting the request."""
        return self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    def __str__(self) -> str:
        return f"HTTP {self.status}, trace {self.toe}" if self.toe else f"HTTP {self.status}"


class DomoRefusedError(StoreError):
    """Domo rejected a request.

    Args:
        text: What happened, where, and the fix.
        refusal: The response.
    """

    def __init__(self, text: str, refusal: Refusal) -> None:
        super().__init__(text)
        self.refusal = refusal


class DomoNotFoundError(DomoRefusedError, DatasetNotFoundError):
    """Domo does not have the object."""


class UncertainError(DatasetError):
    """A response was lost, so it is unknown whether Domo has processed the request."""


def refusal_of(response: requests.Response) -> Refusal:
    """Parse an error response; its body may be JSON, HTML or empty."""
    try:
        found = json.loads(response.content[:_MAX_BODY])
    except ValueError:
        found = None
    body = found if isinstance(found, dict) else {}
    message = str(body.get("message", "")).lower()
    status = response.status_code
    if status == HTTPStatus.BAD_REQUEST:
        # `Infrastructure problem (403): Access is denied`: domo-node-sdk#6
        status = next((each for each in _NAMED if f"({each})" in message), status)
    return Refusal(status, message, str(body.get("toe", ""))[:64], _seconds(response))


def _seconds(response: requests.Response) -> float | None:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None


_HINTS: Final[tuple[tuple[Callable[[Refusal], bool], str], ...]] = (
    (
        lambda refusal: refusal.is_limit,
        "one of Domo's limits is exhausted; run again later, and commit less often "
        "(`commit_interval` of target-dataset)",
    ),
    (
        lambda refusal: refusal.status == HTTPStatus.UNAUTHORIZED,
        "Domo no longer accepts access tokens of this client; check that the client still exists "
        "(Domo: Admin > Authentication > API Clients)",
    ),
    (
        lambda refusal: refusal.status == HTTPStatus.FORBIDDEN,
        "access is denied: the client needs the scope `data`, and its creator needs the grant "
        "Manage DataSet and access to the dataset",
    ),
    (
        lambda refusal: refusal.status == HTTPStatus.NOT_FOUND,
        "the dataset does not exist in Domo, or the client's user has no access to it",
    ),
    (
        lambda refusal: refusal.status == HTTPStatus.NOT_ACCEPTABLE,
        "Domo sends this client no CSV; check that the client still exists "
        "(Domo: Admin > Authentication > API Clients)",
    ),
    (lambda refusal: refusal.is_fault, "Domo is unavailable; run again later"),
    (
        lambda refusal: refusal.mentions("csv", "column", "import failed"),
        "Domo rejects the rows: a value does not fit its column",
    ),
)


def refused(where: str, refusal: Refusal) -> DomoRefusedError:
    """The error for a response.

    Args:
        where: The subject, as the beginning of a sentence.
        refusal: The response.
    """
    hint = next((hint for test, hint in _HINTS if test(refusal)), "Domo rejected the request")
    kind = DomoNotFoundError if refusal.status == HTTPStatus.NOT_FOUND else DomoRefusedError
    return kind(f"{where}: {hint} ({refusal})", refusal)
