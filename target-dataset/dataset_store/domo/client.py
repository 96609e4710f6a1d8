"""Requests to Domo: tokens, retries and limits."""

from __future__ import annotations

import random
import time
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any, Final, Literal

import requests
from requests.adapters import HTTPAdapter

from dataset_store.domo.refusals import UncertainError, refusal_of, refused
from dataset_store.domo.tokens import Bearer, Tokens
from dataset_store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dataset_store.domo.options import DomoOptions
    from dataset_store.domo.refusals import Refusal

MAX_TRIES: Final = 5
_MAX_PAUSE_SECONDS: Final = 60.0
CSV: Final = "text/csv"
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


class DomoClient:
    """Sends requests to one Domo host as one client.

    Threads may share it.

    Args:
        base_url: The base URL of Domo, without a trailing slash.
        options: Client id and secret, and timeouts.
    """

    def __init__(self, base_url: str, options: DomoOptions) -> None:
        self._base_url = base_url
        self._options = options
        self._session = requests.Session()
        adapter = HTTPAdapter(pool_maxsize=options.upload_concurrency + 1)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._tokens = Tokens(self._ask_for_token)

    def json(self, call: Call) -> Any:
        """The JSON of the response; None if it has no body.

        Raises:
            DomoRefusedError: Domo rejected the request.
            UncertainError: The response was lost, and the request must not be repeated.
            StoreError: Domo cannot be reached, or its response is not JSON.
        """
        with closing(self._send(call)) as response:
            try:
                return response.json() if response.content else None
            except ValueError:
                message = f"{call.where}: Domo's response is not JSON (HTTP {response.status_code})"
                raise StoreError(message) from None

    def stream(self, call: Call) -> requests.Response:
        """The response; the caller reads its body as a stream, and closes it.

        Raises:
            DomoRefusedError: Domo rejected the request.
            StoreError: Domo cannot be reached.
        """
        return self._send(call, stream=True)

    def check(self) -> None:
        """Check that Domo accepts the client.

        Raises:
            StoreError: It does not, or cannot be reached.
        """
        self._tokens.bearer()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def _send(self, call: Call, *, stream: bool = False) -> requests.Response:
        tries = _Tries(call, self._options.max_wait_seconds, self.sleep)
        bearer = self._tokens.bearer()
        while True:
            response = tries.sent(partial(self._sent, call, bearer, stream=stream))
            if response is None:
                bearer = self._tokens.bearer()
                continue
            if _is_success(response):
                return response
            refusal = refusal_of(response)
            response.close()
            if _is_expired(refusal, call) and not tries.has_renewed:
                tries.has_renewed = True
                bearer = self._tokens.bearer(refused=bearer)
                continue
            tries.pause_after(refusal)
            bearer = self._tokens.bearer()

    def _sent(self, call: Call, bearer: Bearer, *, stream: bool) -> requests.Response:
        headers = {"Accept": call.accept}
        if call.content_type:
            headers["Content-Type"] = call.content_type
        body = call.body() if call.body else None
        try:
            return self._session.request(
                call.method,
                f"{self._base_url}{call.path}",
                params=dict(call.params),
                json=call.json,
                data=body,
                headers=headers,
                auth=bearer,
                timeout=self._options.timeout_seconds,
                # a token is for this host only
                allow_redirects=False,
                stream=stream,
            )
        finally:
            if body:
                body.close()

    def _ask_for_token(self) -> requests.Response:
        call = Call("store", "/oauth/token", "POST")
        tries = _Tries(call, self._options.max_wait_seconds, self.sleep)
        while True:
            response = tries.sent(self._token_request)
            if response is None:
                continue
            refusal = None if _is_success(response) else refusal_of(response)
            if refusal is None or not (refusal.is_fault or refusal.is_limit):
                return response
            tries.pause_after(refusal)

    def _token_request(self) -> requests.Response:
        return self._session.post(
            f"{self._base_url}/oauth/token",
            data={"grant_type": "client_credentials", "scope": "data"},
            auth=(self._options.client_id, self._options.client_secret),
            headers={"Accept": "application/json"},
            timeout=self._options.timeout_seconds,
            allow_redirects=False,
        )


def _is_success(response: requests.Response) -> bool:
    """Whether the response is not an error; redirects, which are not followed, are errors."""
    return response.ok and not response.is_redirect


def _is_expired(refusal: Refusal, call: Call) -> bool:
    """Whether the token has expired; if CSV is requested, Domo signals it with 406.

    Domo's Java SDK renews on both (domo-java-sdk#10).
    """
    return refusal.status == HTTPStatus.UNAUTHORIZED or (
        refusal.status == HTTPStatus.NOT_ACCEPTABLE and call.accept == CSV
    )


class _Tries:
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
