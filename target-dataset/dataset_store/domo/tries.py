"""A request to Domo, and its retries."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Final, Literal

import requests

from dataset_store.domo.refusals import UncertainError, refused
from dataset_store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dataset_store.domo.refusals import Refusal

MAX_TRIES: Final = 5
_MAX_PAUSE_SECONDS: Final = 60.0
_FAULTS: Final = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
)
_NEVER_SENT: Final = (requests.ConnectTimeout, requests.exceptions.ProxyError)

Repeats = Literal["always", "refused", "never"]
"""When a request may be repeated: also if its response was lost, only if the response was an error
of Domo, or never.
"""


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    Attributes:
        where: The subject, as the beginning of a message.
        path: Below the host.
        method: The HTTP method.
        params: The query.
        json: The JSON body.
        body: Opens the body as bytes, once for each try.
        content_type: The media type of the body.
        accept: The media type of the response.
        repeats: When it may be repeated.
    """

    where: str
    path: str
    method: str = "GET"
    params: Mapping[str, str | int] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None
    body: Callable[[], IO[bytes]] | None = None
    content_type: str | None = None
    accept: str = "application/json"
    repeats: Repeats = "always"


class Tries:
    """The tries and waits of one request.

    Args:
        call: The request.
        max_wait: The maximum time to wait for limits, in seconds, in total.
        sleep: Waits.
    """

    def __init__(self, call: Call, max_wait: float, sleep: Callable[[float], None]) -> None:
        self._call = call
        self._left = max_wait
        self._sleep = sleep
        self._faults = 0
        self._limits = 0
        self.has_renewed = False

    def sent(self, send: Callable[[], requests.Response]) -> requests.Response | None:
        """The response, or None if it was lost and the request must be sent again, after a pause.

        Raises:
            UncertainError: The response was lost, and the request must not be repeated.
            StoreError: Domo cannot be reached.
        """
        try:
            return send()
        except _FAULTS as error:
            kind = type(error).__name__
            if self._call.repeats != "always" and not isinstance(error, _NEVER_SENT):
                message = f"{self._call.where}: the connection to Domo was lost ({kind})"
                raise UncertainError(message) from None
            self._faults += 1
            if self._faults >= MAX_TRIES:
                message = (
                    f"{self._call.where}: Domo cannot be reached ({kind}, {MAX_TRIES} tries); "
                    "check the network and the address in `store`, then run again"
                )
                raise StoreError(message) from None
        except requests.RequestException as error:
            message = f"{self._call.where}: the request to Domo failed ({type(error).__name__})"
            raise StoreError(message) from None
        self._sleep(_pause(self._faults))
        return None

    def pause_after(self, refusal: Refusal) -> None:
        """Wait until the request can be repeated.

        Raises:
            DomoRefusedError: Repeating would not help, or take too long.
        """
        if refusal.is_limit:
            self._limits += 1
            seconds = refusal.retry_after or _pause(self._limits)
            self._left -= seconds
            if self._left < 0:
                raise refused(self._call.where, refusal)
        else:
            self._faults += 1
            is_repeatable = refusal.is_fault and self._call.repeats != "never"
            if not is_repeatable or self._faults >= MAX_TRIES:
                raise refused(self._call.where, refusal)
            seconds = _pause(self._faults)
        self._sleep(seconds)


def _pause(tries: int) -> float:
    """Seconds before the next try: half a second to a minute, with jitter."""
    return min(_MAX_PAUSE_SECONDS, 2.0 ** (tries - 1)) * random.uniform(0.5, 1)
