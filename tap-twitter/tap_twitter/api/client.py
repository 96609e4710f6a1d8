"""The way to X: every request of the tap goes through a client, that for a token included."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

import backoff
import requests

from tap_twitter.api.limits import describe
from tap_twitter.api.problems import CHECK_AUTH, body_of, error_of
from tap_twitter.errors import TransientError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from tap_twitter.api.limits import RateLimits
    from tap_twitter.api.problems import Judge
    from tap_twitter.auth.credentials import Auth

    Body = dict[str, Any]

T = TypeVar("T")

MAX_TRIES: Final = 8

RETRIED: Final = (
    TransientError,
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
"""What may succeed when it is tried again."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request to X, and what has to be known about it."""

    method: str
    url: str
    pool: str
    """What X counts the request in."""

    auth: Auth
    """Signs each try anew."""

    query: str = ""
    form: Mapping[str, str] | None = None
    json: Mapping[str, Any] | None = None
    mend: str = CHECK_AUTH
    """What to do about credentials that X refuses."""

    judge: Judge = error_of
    """Tells what an answer that is no success stands for."""

    @property
    def origin(self) -> str:
        """The server's address: paths and queries hold ids, so they stay out of messages."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


class Client:
    """Sends requests to X: waits for limits, tries faults again, judges the answers.

    Args:
        session: Shared by all, so that connections are.
        limits: X's limits hold for an app or a user, whoever of us asks.
        timeout_seconds: How long to wait for an answer to one try.
        user_agent: How the tap names itself.
    """

    def __init__(
        self,
        session: requests.Session,
        limits: RateLimits,
        timeout_seconds: float,
        user_agent: str,
    ) -> None:
        self._session = session
        self._limits = limits
        self._timeout_seconds = timeout_seconds
        self._headers = {"User-Agent": user_agent}

    def send(
        self,
        call: Call,
        read: Callable[[Body], T],
        observe: Callable[[requests.Response], None] = lambda _: None,
    ) -> T:
        """Send a request until it is answered.

        Args:
            call: The request.
            read: Takes the answer's JSON object; what it raises is judged as a failed try.
            observe: Sees every answer, also those that are tried again.

        Returns:
            What `read` makes of the answer.

        Raises:
            TapError: By what a run does about it; see `tap_twitter.api.problems`.
        """
        patient = backoff.on_exception(
            partial(self._wait, call.pool),
            RETRIED,
            max_tries=MAX_TRIES,
            jitter=None,
            logger=None,  # its own lines hold whole addresses
        )
        try:
            return patient(lambda: read(self._try(call, observe)))()
        except RETRIED as error:
            raise _last(call, error) from None
        except requests.RequestException as error:
            msg = (
                f"The request to {call.origin} cannot be sent ({type(error).__name__}); check "
                "the addresses in the settings of 'api'."
            )
            raise UnreachableError(msg) from None

    def post_form(self, url: str, form: Mapping[str, str], auth: Auth) -> Body:
        """POST a form and give the answer's JSON object; as `send` in everything else."""
        pool = f"POST {urlsplit(url).path}"
        return self.send(Call("POST", url, pool, auth, form=form), dict)

    def _wait(self, pool: str) -> Generator[float, Exception, None]:
        """Wait by what the last try ended with; nothing is left for the library to wait."""
        error = yield 0.0
        for tries in count(1):
            self._limits.wait_after(error, tries, pool)
            error = yield 0.0

    def _try(self, call: Call, observe: Callable[[requests.Response], None]) -> Body:
        self._limits.pause(call.pool)
        response = self._session.request(
            call.method,
            call.url,
            params=call.query,
            data=call.form,
            json=call.json,
            auth=call.auth,
            headers=self._headers,
            timeout=self._timeout_seconds,
        )
        observe(response)
        self._limits.note(call.pool, response.headers)
        return body_of(response, call.mend, call.judge)


def _last(call: Call, error: Exception) -> UnreachableError:
    return UnreachableError(
        f"{describe(error)} It was the last of {MAX_TRIES} tries at {call.origin}. "
        "The next run goes on from here."
    )
