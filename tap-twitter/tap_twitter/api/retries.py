"""Faults on the way to X: how they are described, and for how long they are retried."""

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
"""The minimum number of tries that may end with a fault, in a run."""

FAULT_SECONDS: Final = 960.0
"""How long to outlast faults if X is known to be reachable: longer than its windows."""

CHECK_NETWORK: Final = "check the network and the addresses in the settings of 'api'"
"""The hint if there was no response, or one of something other than X."""

BROKEN_OFF: Final = (
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
"""The errors of responses that were cut off."""


class Endurance(NamedTuple):
    """How long a run tries to outlast faults.

    Attributes:
        seconds: How long, if X is known to be reachable.
        tries: The minimum number of tries with a fault; refusals for a limit do not count.
        longest_timeout: The maximum duration of the response to one try, in seconds.
    """

    seconds: float = FAULT_SECONDS
    tries: int = MIN_TRIES
    longest_timeout: float = inf

    def timeout(self, seconds: float) -> float:
        """How long a response may take if the settings allow so many seconds."""
        return min(seconds, self.longest_timeout)


OF_RUNS: Final = Endurance()
SOMEBODY_WAITS: Final = Endurance(0.0, 3, 15.0)
"""For `--test` and `tap-twitter-accounts`: less than a minute in total."""


class RetryState:
    """The retries of a request, by the outcome of its tries.

    Args:
        outlasts: Whether to outlast faults; otherwise a few tries must do.
    """

    def __init__(self, *, outlasts: bool = True) -> None:
        self.outlasts = outlasts
        self._counts: Counter[str] = Counter()
        self.paused_seconds = 0.0
        self.fault_seconds = 0.0
        self.faults = 0
        self.meets_x = False

    def count(self, ending: str) -> int:
        """How many tries have ended like this, including the current one."""
        self._counts[ending] += 1
        return self._counts[ending]


class Faults:
    """What is known about whether X is reachable.

    Args:
        endurance: How long to outlast faults.
    """

    def __init__(self, endurance: Endurance = OF_RUNS) -> None:
        self._seconds, self._tries, _ = endurance
        self._has_succeeded = False
        self._given_up: set[Pool] = set()

    def note_success(self, pool: Pool) -> None:
        """Record that X is reachable and answers requests of the pool."""
        self._has_succeeded = True
        self._given_up.discard(pool)

    def may_try_again(self, error: Exception, retries: RetryState, pool: Pool) -> bool:
        """Whether a request is worth a retry after a fault.

        Faults are outlasted if X is known to be reachable, because it has answered before or itself
        reports the fault, and only once per pool; otherwise a few tries are enough.
        """
        retries.faults += 1
        retries.meets_x |= self._has_succeeded or _is_of_x(error)
        outlasts = retries.outlasts and retries.meets_x and pool not in self._given_up
        enough = self._seconds if outlasts else 0.0
        if retries.faults < self._tries or retries.fault_seconds < enough:
            return True
        self._given_up.add(pool)
        return False


def describe(error: Exception) -> str:
    """A failed try in words; texts of HTTP libraries contain addresses, so they stay out."""
    if isinstance(error, TapError):
        return str(error)
    request = error.request if isinstance(error, requests.RequestException) else None
    origin = f" {origin_of(request.url)}" if request is not None else ""
    if isinstance(error, BROKEN_OFF):
        return f"The response{origin and f' from{origin}'} was cut off ({type(error).__name__})."
    return f"No response{origin and f' from{origin}'} ({type(error).__name__}); {_hint(error)}."


def _hint(error: Exception) -> str:
    """What to check: a proxy shows itself by its own kind of error, or by its certificates."""
    if isinstance(error, requests.exceptions.ProxyError):
        return "check the proxy in the variable HTTPS_PROXY, and the network"
    if isinstance(error, requests.exceptions.SSLError):
        return (
            "if a proxy of your network opens TLS, let the variable REQUESTS_CA_BUNDLE name a file "
            "with the certificate of its authority"
        )
    return CHECK_NETWORK


def _is_of_x(error: Exception) -> bool:
    """Whether X itself reports a fault, rather than another server at its address."""
    response = error.response if isinstance(error, TransientError) else None
    is_fault = response is not None and response.status_code >= HTTPStatus.BAD_REQUEST
    return is_fault and not isinstance(error, GatewayError)
