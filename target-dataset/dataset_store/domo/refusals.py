"""What Domo refuses, as errors that say where and what to do.

Domo's status codes are not consistent (a comment in its Rust SDK says so), so its message is looked
at, too. The message itself may hold values of rows and is never passed on.
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
"""Statuses that a message may name where the answer has 400."""

_LIMIT: Final = ("rate limit", "too many requests")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is no success."""

    status: int
    """The HTTP status, or the one that the message names in its place."""

    message: str
    """Domo's message in lower case, to look words up in; not for users."""

    toe: str
    """Domo's trace id, which its support asks for."""

    retry_after: float | None = None
    """How many seconds to wait."""

    def mentions(self, *words: str) -> bool:
        """Whether the message has one of these words, in lower case."""
        return any(word in self.message for word in words)

    @property
    def is_limit(self) -> bool:
        """Whether a limit is used up, which ends by itself."""
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or (
            self.status == HTTPStatus.FORBIDDEN and self.mentions(*_LIMIT)
        )

    @property
    def is_fault(self) -> bool:
        """Whether Domo has failed, rather than refused."""
        return self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    def __str__(self) -> str:
        return f"HTTP {self.status}, trace {self.toe}" if self.toe else f"HTTP {self.status}"


class DomoRefusedError(StoreError):
    """Domo has refused a request.

    Args:
        text: What, where, and what to do.
        refusal: The answer.
    """

    def __init__(self, text: str, refusal: Refusal) -> None:
        super().__init__(text)
        self.refusal = refusal


class DomoNotFoundError(DomoRefusedError, DatasetNotFoundError):
    """Domo has no such thing."""


class UncertainError(DatasetError):
    """An answer was lost: whether Domo has done what it was asked is not known."""


def refusal_of(response: requests.Response) -> Refusal:
    """Read an answer that is no success; its body may be JSON, HTML or nothing."""
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
    """The error of an answer.

    Args:
        where: What was asked for, as the beginning of a sentence.
        refusal: The answer.
    """
    hint = next((hint for test, hint in _HINTS if test(refusal)), "Domo rejected the request")
    kind = DomoNotFoundError if refusal.status == HTTPStatus.NOT_FOUND else DomoRefusedError
    return kind(f"{where}: {hint} ({refusal})", refusal)
