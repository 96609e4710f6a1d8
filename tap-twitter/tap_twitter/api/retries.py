"""Faults on the way to X: what they are called, and how long they are worth another try."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple

import requests

from tap_twitter.api.bounded import origin_of
from tap_twitter.errors import GatewayError, TapError, TransientError

if TYPE_CHECKING:
    from tap_twitter.api.limit_table import Pool

MIN_TRIES: Final = 8
"""Tries that may end with a fault at least, in a run."""

FAULT_SECONDS: Final = 960.0
"""How long faults are outlasted where X is known to be there: longer than its windows."""

CHECK_NETWORK: Final = "check the network and the addresses in the settings of 'api'"
"""The hint where no answer came at all, or one of something else than X."""

BROKEN_OFF: Final = (
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
"""How answers end that have begun."""


class Endurance(NamedTuple):
    """How much a run does to outlast faults.

    Attributes:
        seconds: How long, where X is known to be there.
        tries: How many may end with a fault at least; refusals for a limit do not count.
        longest_timeout: The most seconds that an answer to one try may take.
    """

    seconds: float = FAULT_SECONDS
    tries: int = MIN_TRIES
    longest_timeout: float = inf

    def timeout(self, seconds: float) -> float:
        """How long an answer may take where the settings allow so many seconds."""
        return min(seconds, self.longest_timeout)


OF_RUNS: Final = Endurance()
SOMEBODY_WAITS: Final = Endurance(0.0, 3, 15.0)
"""That of `--test` and of `tap-twitter-accounts`: less than a minute in all."""


class RetryState:
    """How often a request was tried again, by what its tries ended with.

    Args:
        outlasts: Whether faults are to be outlasted; else a few tries have to do.
    """

    def __init__(self, *, outlasts: bool = True) -> None:
        self.outlasts = outlasts
        self._counts: Counter[str] = Counter()
        self.paused_seconds = 0.0
        self.fault_seconds = 0.0
        self.faults = 0
        self.meets_x = False

    def count(self, ending: str) -> int:
        """How often a try has ended like this, the present one included."""
        self._counts[ending] += 1
        return self._counts[ending]


class Faults:
    """What is known of X's being there.

    Args:
        endurance: How much is done to outlast faults.
    """

    def __init__(self, endurance: Endurance = OF_RUNS) -> None:
        self._seconds, self._tries, _ = endurance
        self._has_succeeded = False
        self._given_up: set[Pool] = set()

    def note_success(self, pool: Pool) -> None:
        """Remember that X is there, and serves what is asked in the pool."""
        self._has_succeeded = True
        self._given_up.discard(pool)

    def may_try_again(self, error: Exception, patience: RetryState, pool: Pool) -> bool:
        """Whether a request is worth another try after a fault.

        Faults are outlasted where X is known to be there, as it has answered before or says itself
        that it has a fault, and only once for a pool; else a few tries are enough.
        """
        patience.faults += 1
        patience.meets_x |= self._has_succeeded or _is_of_x(error)
        outlasts = patience.outlasts and patience.meets_x and pool not in self._given_up
        enough = self._seconds if outlasts else 0.0
        if patience.faults < self._tries or patience.fault_seconds < enough:
            return True
        self._given_up.add(pool)
        return False


def describe(error: Exception) -> str:
    """What a failed try ended with; texts of HTTP libraries hold addresses, so they stay out."""
    if isinstance(error, TapError):
        return str(error)
    request = error.request if isinstance(error, requests.RequestException) else None
    origin = f" {origin_of(request.url)}" if request is not None else ""
    if isinstance(error, BROKEN_OFF):
        return f"The response{origin and f' from{origin}'} was cut off ({type(error).__name__})."
    return f"No response{origin and f' from{origin}'} ({type(error).__name__}); {CHECK_NETWORK}."


def _is_of_x(error: Exception) -> bool:
    """Whether X says that it has a fault, as opposed to an answer of whoever is at its address."""
    response = error.response if isinstance(error, TransientError) else None
    is_fault = response is not None and response.status_code >= HTTPStatus.BAD_REQUEST
    return is_fault and not isinstance(error, GatewayError)
