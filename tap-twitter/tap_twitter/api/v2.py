"""The base of all streams that read X's API v2."""

from __future__ import annotations

import traceback
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from urllib.parse import urlencode

from singer_sdk import Stream, metrics
from singer_sdk.exceptions import MappingError
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.mapper import RemoveRecordTransform
from singer_sdk.schema.source import SchemaDirectory, StreamSchema

from tap_twitter import schemas
from tap_twitter.api.client import Call
from tap_twitter.cost import object_ids
from tap_twitter.errors import InvalidRequestError, StreamMapError, TapError, UnexpectedError
from tap_twitter.output import lost_target

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

    import requests
    from singer_sdk.helpers.types import Context
    from singer_sdk.singerlib import RecordMessage

    from tap_twitter.api.vocabulary import Vocabulary
    from tap_twitter.auth.credentials import Credential
    from tap_twitter.cost import Resource
    from tap_twitter.plan import Demand
    from tap_twitter.tap import TapTwitter

T = TypeVar("T")


class V2Stream(Stream):
    """A stream that asks X's API v2.

    Subclasses give `read`: it yields rows that are complete by the stream's schema, and it moves
    the stream's own cursor. What it raises is kept for the summary at the end of the run, so that
    other streams go on.

    Requests go through the tap's client rather than the SDK's REST stream: what waits and tries
    again there knows nothing of X's pools, and the request for a token needs the same patience.
    """

    schema = StreamSchema(SchemaDirectory(schemas))
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    BUYS: ClassVar[Resource]
    """What X charges for in the answers that the stream gets."""

    _tap: TapTwitter

    def __init__(self, tap: TapTwitter) -> None:
        super().__init__(tap)
        self._counting = ExitStack()
        self._counters: dict[str, metrics.Counter] = {}
        """Requests by endpoint; they tell the SDK's metrics when the stack is closed."""

    def prepare(self) -> None:
        """Check what the stream needs before the first request.

        Raises:
            TapError: A setting, an input or the state does not serve.
        """

    def read(self, context: Context | None) -> Iterator[dict[str, Any]]:
        """Give the stream's rows.

        Raises:
            TapError: The stream cannot be read any further.
        """
        raise NotImplementedError

    def demands(self) -> Iterator[Demand]:
        """What the next sync asks X for, as far as settings, state and local data tell."""
        raise NotImplementedError

    @property
    def emit_activate_version_messages(self) -> bool:
        """Never: the message would precede the rows, so that a failing run could empty a table."""
        return False

    def get_batch_config(self, config: Mapping[str, Any]) -> None:
        """None whatever the settings say: BATCH files go around field selection and stream maps."""

    def get_records(self, context: Context | None) -> Iterable[dict[str, Any]]:
        """Give the stream's rows; an error ends this stream, not the run.

        In a test the SDK wants a few rows. It would abort with an error at the next one, so none
        follows.
        """
        try:
            with self._counting:
                yield from islice(self.read(context), self.ABORT_AT_RECORD_COUNT)
        except TapError as error:
            self._tap.record_failure(self.name, error)
        except BrokenPipeError:
            raise lost_target() from None
        except Exception as error:  # noqa: BLE001 - other streams go on, whatever it is
            self._tap.record_failure(self.name, self._unexpected(error))

    @property
    def is_removed(self) -> bool:
        """Whether stream maps leave nothing of the stream, so that nothing needs to be asked."""
        return all(isinstance(each, RemoveRecordTransform) for each in self.stream_maps)

    def _generate_record_messages(
        self, record: dict[str, Any]
    ) -> Generator[RecordMessage, None, None]:
        try:
            yield from super()._generate_record_messages(record)
        except Exception as error:  # noqa: BLE001 - the expressions are the user's
            reason = str(error) if isinstance(error, MappingError) else type(error).__name__
            msg = f"The setting 'stream_maps' fails on a row of '{self.name}': {reason}"
            raise StreamMapError(msg) from None

    def fetch(self, path: str, params: Mapping[str, str], read: Callable[[dict[str, Any]], T]) -> T:
        """GET a path of the API: wait for rate limits, retry faults, judge the answer.

        Args:
            path: With its leading slash.
            params: Query parameters; lists are joined with commas already.
            read: Takes the answer's JSON object, in X's own words. A `TransientError` of it makes
                the request be tried again.

        Returns:
            What `read` makes of the answer.

        Raises:
            TapError: By what a run does about it; see `tap_twitter.api.problems`.
        """
        credential = self.credential
        call = Call(
            "GET",
            f"{str(self.config['api']['base_url']).rstrip('/')}{path}",
            f"GET {path} ({credential.kind})",
            credential.auth,
            query=urlencode(params, safe=","),
            mend=credential.mend,
        )

        def enter_and_read(body: dict[str, Any]) -> T:
            # an answer is charged whatever the reading makes of it
            self._tap.ledger.enter(self.name, self.BUYS, list(object_ids(body)))
            return read(body)

        return self._tap.client.send(call, enter_and_read, partial(self._measure, path))

    def fetch_worded(
        self,
        path: str,
        params: Callable[[Vocabulary], Mapping[str, str]],
        read: Callable[[dict[str, Any]], T],
    ) -> T:
        """GET a path whose parameters depend on the vocabulary; again where X wants the other one.

        Args:
            path: With its leading slash.
            params: Gives the parameters in a vocabulary's words.
            read: As for `fetch`.
        """
        dialect = self._tap.dialect
        try:
            return self.fetch(path, params(dialect.words), read)
        except InvalidRequestError as error:
            if not dialect.change(error.refusals):
                raise
        return self.fetch(path, params(dialect.words), read)

    @property
    def credential(self) -> Credential:
        """Who asks."""
        return self._tap.credential

    def log_sync_costs(self) -> None:
        """Tell the stream's bill, in the log and as points of the SDK's metrics."""
        if not self.selected:
            return
        tally = self._tap.ledger.tallies[self.name]
        self.logger.info("Bill of '%s': %s.", self.name, tally)
        for metric, value in tally.measures():
            tags = {metrics.Tag.STREAM: self.name}
            self._log_metric(metrics.Point("counter", metric, value, tags))  # type: ignore[arg-type]  # the SDK has no metric of cost

    def _measure(self, path: str, response: requests.Response) -> None:
        """Count and time an answered request, as the SDK's own streams do."""
        if path not in self._counters:
            counter = metrics.http_request_counter(self.name, endpoint=path)
            self._counters[path] = self._counting.enter_context(counter)
        self._counters[path].increment()
        point = metrics.Point(
            "timer",
            metric=metrics.Metric.HTTP_REQUEST_DURATION,
            value=response.elapsed.total_seconds(),
            tags={
                metrics.Tag.STREAM: self.name,
                metrics.Tag.ENDPOINT: path,
                metrics.Tag.HTTP_STATUS_CODE: response.status_code,
                metrics.Tag.STATUS: metrics.Status.SUCCEEDED
                if response.ok
                else metrics.Status.FAILED,
            },
        )
        self._log_metric(point)

    def _unexpected(self, error: Exception) -> UnexpectedError:
        """A fault of the tap itself; its text may hold data, so only where it happened is told."""
        frames = traceback.extract_tb(error.__traceback__)
        self.logger.debug("%s", "".join(traceback.format_list(frames)))
        where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
        return UnexpectedError(
            f"Something unexpected happened ({type(error).__name__} at {where}). Please report it; "
            "the next run goes on from here."
        )
