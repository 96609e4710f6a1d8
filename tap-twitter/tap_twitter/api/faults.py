"""Faults on the way to X: what they are called, and how long they are worth another try."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import requests

from tap_twitter.errors import TapError, TransientError

if TYPE_CHECKING:
    from tap_twitter.api.limits import Patience, Pool

MIN_TRIES: Final = 8
"""Tries that may end with a fault at least; refusals for a limit do not count among them."""

FAULT_SECONDS: Final = 960.0
"""How long faults are outlasted where X is known to be there: longer than its windows."""

BROKEN_OFF: Final = (
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
"""How answers end that have begun."""


class Faults:
    """What is known of X's being there.

    Args:
        seconds: How long faults are outlasted; 0 where somebody sits and waits.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._has_succeeded = False
        self._given_up: set[Pool] = set()

    def note_success(self, pool: Pool) -> None:
        """Remember that X is there, and serves what is asked in the pool."""
        self._has_succeeded = True
        self._given_up.discard(pool)

    def may_try_again(self, error: Exception, patience: Patience, pool: Pool) -> bool:
        """Whether a request is worth another try after a fault.

        Faults are outlasted where X is known to be there, as it has answered before or says itself
        that it has a fault, and only once for a pool; else `MIN_TRIES` are enough.
        """
        patience.faults += 1
        patience.meets_x |= self._has_succeeded or _is_of_x(error)
        outlasts = patience.outlasts and patience.meets_x and pool not in self._given_up
        enough = self._seconds if outlasts else 0.0
        if patience.faults < MIN_TRIES or patience.fault_seconds < enough:
            return True
        self._given_up.add(pool)
        return False


def describe(error: Exception) -> str:
    """What a failed try ended with; texts of HTTP libraries hold addresses, so they stay out."""
    if isinstance(error, TapError):
        return str(error)
    what = "The answer broke off" if isinstance(error, BROKEN_OFF) else "No answer"
    return f"{what} ({type(error).__name__})."


def _is_of_x(error: Exception) -> bool:
    """Whether X says that it has a fault, as opposed to an answer of whoever is at its address."""
    response = error.response if isinstance(error, TransientError) else None
    return response is not None and response.status_code >= HTTPStatus.BAD_REQUEST
