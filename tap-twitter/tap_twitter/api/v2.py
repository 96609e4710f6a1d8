"""The base of all streams that read X's API v2."""

from __future__ import annotations

from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import backoff
import requests
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.schema.source import SchemaDirectory, StreamSchema
from singer_sdk.streams.rest import HTTPRequest, RESTStream

from tap_twitter import schemas
from tap_twitter.api.limits import RateLimits, describe
from tap_twitter.api.problems import decoded, error_for
from tap_twitter.errors import InvalidRequestError, TapError, TransientError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

    from singer_sdk.helpers.types import Context, RequestFunc
    from singer_sdk.metrics import Counter

    from tap_twitter.api.vocabulary import Vocabulary
    from tap_twitter.auth.credentials import Auth, Credential
    from tap_twitter.tap import TapTwitter


RETRIED: Final = (
    TransientError,
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
"""What may succeed when it is tried again."""


class V2Stream(RESTStream[Any]):
    """A stream that asks X's API v2.

    Subclasses give `read`: it yields rows that are complete by the stream's schema, and it moves
    the stream's own cursor. What it raises is kept for the summary at the end of the run, so that
    other streams go on.
    """

    schema = StreamSchema(SchemaDirectory(schemas))
    records_jsonpath = "$.data[*]"
    next_page_token_jsonpath = "$.meta.next_token"
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE
    MAX_TRIES = 8

    _tap: TapTwitter

    def prepare(self) -> None:
        """Check what the stream needs before the first request.

        Raises:
            TapError: A setting or an input does not serve.
        """

    def read(self, context: Context | None) -> Iterator[dict[str, Any]]:
        """Give the stream's rows.

        Raises:
            TapError: The stream cannot be read any further.
        """
        raise NotImplementedError

    @property
    def emit_activate_version_messages(self) -> bool:
        """Never: the message would precede the rows, so that a failing run could empty a table."""
        return False

    def get_batch_config(self, config: Mapping[str, Any]) -> None:
        """None whatever the settings say: BATCH files go around field selection and stream maps."""

    def get_records(self, context: Context | None) -> Iterable[dict[str, Any]]:
        """Give the stream's rows; an error ends this stream, not the run."""
        try:
            with self.request_counter:
                yield from self.read(context)
        except TapError as error:
            self._tap.record_failure(self.name, error)

    def fetch(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """GET a path of the API: wait for rate limits, retry faults, judge the answer.

        Args:
            path: With its leading slash.
            params: Query parameters; lists are joined with commas already.

        Returns:
            The answer's JSON object, in X's own words.

        Raises:
            TapError: By what a run does about it; see `tap_twitter.api.problems`.
        """
        self.path = path
        request = HTTPRequest(f"{self.url_base}{path}", params=dict(params), safe_query_chars=",")
        prepared = self.build_prepared_request(
            method=request.method,
            url=request.url,
            params=request.encode_params(),
            headers=self.http_headers,
        )
        try:
            response = self.request_decorator(self._request)(prepared, None)
        except requests.RequestException as error:
            msg = (
                f"{describe(error)} X did not answer at {self.url_base} in {self.MAX_TRIES} tries."
            )
            raise UnreachableError(msg) from None
        self.update_sync_costs(prepared, response, None)
        return dict(decoded(response))

    def fetch_worded(
        self, path: str, params: Callable[[Vocabulary], Mapping[str, str]]
    ) -> dict[str, Any]:
        """GET a path whose parameters depend on the vocabulary; again where X wants the other one.

        Args:
            path: With its leading slash.
            params: Gives the parameters in a vocabulary's words.
        """
        dialect = self._tap.dialect
        try:
            return self.fetch(path, params(dialect.words))
        except InvalidRequestError as error:
            if not dialect.change(error.parameters):
                raise
        return self.fetch(path, params(dialect.words))

    @property
    def credential(self) -> Credential:
        """Who asks."""
        return self._tap.credential

    @property
    def authenticator(self) -> Auth:
        """Signs each request anew, retries included."""
        return self.credential.auth

    @property
    def pool(self) -> str:
        """What X counts the requests in: this endpoint, for the app or for the user."""
        return f"GET {self.path} ({self.credential.kind})"

    @cached_property
    def limits(self) -> RateLimits:
        """Waits for X's windows."""
        seconds = self.config["api"]["max_wait_seconds"]
        return RateLimits(self._tap.clock, seconds, self.logger)

    @cached_property
    def request_counter(self) -> Counter:
        """Counts requests, repeated ones included, for the SDK's metrics."""
        return self.get_http_request_counter()

    @property
    def url_base(self) -> str:
        """Where the API answers."""
        return str(self.config["api"]["base_url"]).rstrip("/")

    @property
    def timeout(self) -> int:
        """Seconds to wait for one answer."""
        seconds: int = self.config["api"]["timeout_seconds"]
        return seconds

    @cached_property
    def user_agent(self) -> str:
        """How the tap names itself."""
        return str(self.config["api"].get("user_agent") or self._tap.default_user_agent)

    @property
    def requests_session(self) -> requests.Session:
        """One session for all streams, so that they share connections."""
        return self._tap.session

    def _request(
        self, prepared_request: requests.PreparedRequest, context: Context | None
    ) -> requests.Response:
        self.limits.pause(self.pool)
        self.request_counter.increment()
        return super()._request(prepared_request, context)

    def validate_response(self, response: requests.Response) -> None:
        """Note the limits that the answer tells, and raise what it stands for."""
        self.limits.note(self.pool, response.headers)
        if error := error_for(response):
            raise error

    def backoff_wait_generator(self) -> Generator[float, Any, None]:
        """Wait by what the last try ended with; nothing is left for the retry library to wait."""
        error = yield 0.0
        for attempt in count(1):
            self.limits.wait_after(error, attempt, self.pool)
            error = yield 0.0

    def request_decorator(self, func: RequestFunc) -> RequestFunc:
        """Try again what may succeed later.

        The retry library keeps silent: its own log lines hold whole addresses.
        """
        decorate = backoff.on_exception(
            self.backoff_wait_generator,
            RETRIED,
            max_tries=self.MAX_TRIES,
            jitter=None,
            logger=None,
        )
        decorated: RequestFunc = decorate(func)
        return decorated
