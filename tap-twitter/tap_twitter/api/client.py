"""The HTTP client: every request of the tap uses it, including those for tokens."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

import requests

from tap_twitter.api.bounded import BoundedAdapter
from tap_twitter.api.call import Call
from tap_twitter.api.limit_table import Pool
from tap_twitter.api.prefetch import Prefetcher, TimedResponse
from tap_twitter.api.responses import body_of
from tap_twitter.api.retries import BROKEN_OFF, CHECK_NETWORK, RetryState, describe
from tap_twitter.errors import (
    BoughtInVainError,
    GatewayError,
    LostAnswerError,
    NotSentError,
    RateLimitError,
    TapError,
    TransientError,
    UnboundedAnswerError,
    UnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tap_twitter.api.bounded import Bounds
    from tap_twitter.api.rate_limits import RateLimits
    from tap_twitter.auth.credentials import Auth

    Body = dict[str, Any]

T = TypeVar("T")

RETRIED: Final = (
    TransientError,
    requests.ConnectionError,
    requests.Timeout,
    *BROKEN_OFF,
)
"""Errors that a retry may not meet."""


class Client:
    """Sends requests to X: waits for limits, retries faults, classifies responses.

    Args:
        session: Shared by all requests, so that connections are reused.
        limits: X's limits, which hold for an app or a user, whichever stream makes the request.
        bounds: The limits of the response to one try.
        user_agent: The name that the tap sends.
        concurrency: How many requests may be under way at a time.
    """

    def __init__(
        self,
        session: requests.Session,
        limits: RateLimits,
        bounds: Bounds,
        user_agent: str,
        concurrency: int = 1,
    ) -> None:
        self._session = session
        self._limits = limits
        self._headers = {"User-Agent": user_agent}
        self._prefetcher = Prefetcher(concurrency - 1, self._send, self._note)
        self._sends = True
        self._in_vain: dict[tuple[object, ...], TapError] = {}
        adapter = BoundedAdapter(bounds, pool_maxsize=max(concurrency, 10))
        for scheme in ("http://", "https://"):
            session.mount(scheme, adapter)

    def send(
        self,
        call: Call,
        read: Callable[[Body], T],
        observe: Callable[[requests.Response], None] = lambda _: None,
    ) -> T:
        """Send a request until it succeeds.

        Args:
            call: The request.
            read: Reads the response's JSON object; if it raises, the try counts as failed.
            observe: Receives every response, including those that are retried.

        Returns:
            The result of `read`.

        Raises:
            LostAnswerError: X may have acted on a request that is not repeatable.
            TapError: By what a run does about it; see `tap_twitter.api.responses`.
        """
        self.check(call)
        try:
            return self._tried(call, read, observe)
        except (BoughtInVainError, UnboundedAnswerError) as error:
            self._in_vain[call.key] = error
            raise

    def check(self, call: Call) -> None:
        """Make sure that the request was not charged for an unusable response before.

        Raises:
            TapError: It was; the error is that of its response.
        """
        if known := self._in_vain.get(call.key):
            raise known

    def _tried(
        self,
        call: Call,
        read: Callable[[Body], T],
        observe: Callable[[requests.Response], None],
    ) -> T:
        """Send a request until it succeeds; see `send`."""
        retries = RetryState(outlasts=call.outlasts_faults)
        while True:
            try:
                response = self._answer(call, observe)
                tell = partial(self._tell_flaws, call)
                found = read(body_of(response, call.hint, call.classify_error, tell))
            except RETRIED as error:
                self._check_retry(call, error)
                if not self._limits.wait_after(error, retries, call.pool):
                    raise _last(call, error) from None
            except requests.RequestException as error:
                msg = (
                    f"The request to {call.origin} cannot be sent ({type(error).__name__}); check "
                    "the addresses in the settings of 'api'."
                )
                raise UnreachableError(msg) from None
            else:
                self._limits.note_success(call.pool)
                return found

    def _check_retry(self, call: Call, error: Exception) -> None:
        """Make sure that a request may be sent again after an error.

        Raises:
            NotSentError: Nothing is sent any more.
            RateLimitError: X has refused a request that its sender repeats itself.
            LostAnswerError: X may have acted on such a request.
        """
        if not self._sends:
            raise NotSentError(describe(error)) from None
        if call.is_repeatable:
            return
        if isinstance(error, RateLimitError):
            raise error
        raise LostAnswerError(describe(error)) from None

    def post_form(self, url: str, form: Mapping[str, str], auth: Auth) -> Body:
        """POST a form and return the response's JSON object; like `send`, but with fewer retries.

        Forms are for tokens, while other processes may be waiting for the token store.
        """
        pool = Pool(f"POST {urlsplit(url).path}")
        return self.send(Call("POST", url, pool, auth, form=form, outlasts_faults=False), dict)

    def prefetch(self, call: Call) -> None:
        """Send a GET request ahead of the next one, if that is safe.

        Its response waits for `send`. It is safe within the concurrency, and if X has reported
        enough room in the pool for this request and the next.
        """
        others = self._prefetcher.under_way(call.pool)
        if self._prefetcher.has_room(call) and self._limits.may_send(call.pool, others + 1):
            self._prefetcher.submit(call, self._prepared(call))

    @contextmanager
    def prefetched_only(self) -> Iterator[None]:
        """Inside, `send` returns responses to prefetched requests, and sends nothing.

        Raises:
            NotSentError: By `send`, for any other request.
        """
        self._sends = False
        try:
            yield
        finally:
            self._sends = True

    def discard_prefetched(self) -> None:
        """Drop the responses that `send` has not taken."""
        self._prefetcher.discard()

    def _tell_flaws(self, call: Call, fields: str) -> None:
        self._limits.logger.warning(
            "X's response to %s contains values that cannot be read: %s. Characters are replaced "
            "with U+FFFD, numbers with null; everything else is kept.",
            call.pool.request,
            fields,
        )

    def _answer(
        self, call: Call, observe: Callable[[requests.Response], None]
    ) -> requests.Response:
        """X's response to one try: a prefetched one, unless its credentials need another."""
        response = self._prefetcher.take(call)
        if response is None or (response.status_code == HTTPStatus.UNAUTHORIZED and self._sends):
            response = self._ask(call)
        observe(response)
        return response

    def _ask(self, call: Call) -> requests.Response:
        if not self._sends:
            msg = "No more requests are sent."
            raise NotSentError(msg)
        if not self._limits.may_send(call.pool, self._prefetcher.under_way(call.pool)):
            self._prefetcher.settle()
        self._limits.pause(call.pool)
        try:
            answer = self._send(self._prepared(call))
        except (requests.RequestException, UnboundedAnswerError):
            self._note(call.pool, None)
            raise
        self._note(call.pool, answer)
        return answer.response

    def _prepared(self, call: Call) -> requests.PreparedRequest:
        """The request, signed."""
        request = requests.Request(
            call.method,
            call.url,
            headers=self._headers,
            params=call.query,
            data=call.form,
            json=call.json,
            auth=call.auth,
        )
        return self._session.prepare_request(request)

    def _send(self, request: requests.PreparedRequest) -> TimedResponse:
        settings = self._session.merge_environment_settings(request.url, {}, None, None, None)
        response = self._session.send(request, allow_redirects=False, **settings)
        return TimedResponse(response, self._limits.clock.now())

    def _note(self, pool: Pool, answer: TimedResponse | None) -> None:
        if answer is None:
            self._limits.note(pool, {})
        else:
            refused = answer.response.status_code == HTTPStatus.TOO_MANY_REQUESTS
            self._limits.note(pool, answer.response.headers, answer.at, refused=refused)


def _last(call: Call, error: Exception) -> UnreachableError:
    where = f"That was the last try at {call.origin}."
    response = error.response if isinstance(error, TransientError) else None
    is_fault = isinstance(error, TransientError) and not (response is not None and response.ok)
    is_of_x = is_fault and not isinstance(error, GatewayError)
    what = describe(error)
    hint = "" if is_of_x or CHECK_NETWORK in what else f"; {CHECK_NETWORK}"
    return UnreachableError(f"{what} {where} The next run resumes here{hint}.")
