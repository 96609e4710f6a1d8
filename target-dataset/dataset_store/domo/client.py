"""Requests to Domo: tokens, retries and limits."""

from __future__ import annotations

import time
from contextlib import closing
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import requests
from requests.adapters import HTTPAdapter

from dataset_store.domo.refusals import refusal_of
from dataset_store.domo.tokens import Bearer, Tokens
from dataset_store.domo.tries import Call, Tries
from dataset_store.errors import StoreError

if TYPE_CHECKING:
    from dataset_store.domo.options import DomoOptions
    from dataset_store.domo.refusals import Refusal

CSV: Final = "text/csv"


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
        tries = Tries(call, self._options.max_wait_seconds, self.sleep)
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
        tries = Tries(call, self._options.max_wait_seconds, self.sleep)
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
