"""The base of all streams: checks before a run, reading, failures and the bill."""

from __future__ import annotations

import traceback
from dataclasses import replace
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple

from singer_sdk import Stream, metrics
from singer_sdk.helpers.conform import TypeConformanceLevel

from tap_twitter.api.credential_choice import choose_credential
from tap_twitter.api.requester import Requester
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.auth.partition import P
from tap_twitter.errors import (
    ACCOUNT_FAILURES,
    AccessError,
    Failure,
    RunError,
    StreamMapError,
    TapError,
    UnexpectedError,
    plural,
)
from tap_twitter.objects.fields import json_schema
from tap_twitter.singer import sdk
from tap_twitter.singer.request_metrics import RequestMetrics
from tap_twitter.singer.stream_output import StreamOutput
from tap_twitter.singer.writer import lost_target
from tap_twitter.streams.failures import failure_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from singer_sdk import Tap
    from singer_sdk.helpers.types import Context

    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.auth.partition import Partition
    from tap_twitter.cost.plan import Demand
    from tap_twitter.objects.fields import Column
    from tap_twitter.streams.run_context import RunContext


class FoundByTest(NamedTuple):
    """Something that X has named during `--test`.

    Attributes:
        subject: What it is.
        endpoint: The endpoint to request about it; None if it cannot be read.
        access: What X says of the access to it; empty if nothing.
        error: Why it cannot be read.
    """

    subject: Partition
    endpoint: Endpoint | None = None
    access: str = ""
    error: TapError | None = None


@sdk.with_own_loop
class XStream(Stream, Generic[P]):
    """A stream of X.

    It has a requester rather than the SDK's REST stream for a base: what waits and tries again
    there knows nothing of X's pools, and the request for a token needs the same patience.

    Subclasses give `read`: it yields rows that are complete by the stream's schema, and it moves
    the stream's own cursor. What it raises is kept for the summary at the end of the run, so that
    other streams go on.
    """

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE
    """Rows are complete by the schema, so the SDK need not conform them."""

    COLUMNS: ClassVar[Sequence[Column]]
    """The stream's columns, whatever the settings say."""

    ORDER: ClassVar[int] = 0
    """The streams of a run are read in this order: those that reuse what others buy come later."""

    ENDPOINTS: ClassVar[tuple[Endpoint, ...]]
    """The endpoints to request; checked against the credentials before the first request."""

    is_begun: bool
    """Whether reading it has begun in this run."""

    is_finished: bool
    """Whether it was read as far as it could be."""

    is_one_part: bool
    """Whether the run reads one part of it, so that the work in it is its progress."""

    def __init__(self, tap: Tap, run: RunContext) -> None:
        self.run = run
        self.is_begun = False
        self.is_finished = False
        self.is_one_part = True
        super().__init__(tap)
        self._request_metrics = RequestMetrics(self.name, partial(sdk.log_metric, self))
        self.output = StreamOutput(self, tap.write_message, lambda: self.bookmark_properties)

    @cached_property
    def requester(self) -> Requester:
        """How the stream requests X's APIs."""
        return Requester(self.run.api, self.name, self.logger, self._request_metrics.measure)

    @property
    def bookmark_properties(self) -> tuple[str, ...]:
        """The columns by which a run resumes; none if each run gives all rows anew."""
        return ()

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The stream's own columns and those of `source_default_schema`."""
        return self.run.constants.added_to(self.own_schema)

    @property
    def own_columns(self) -> Mapping[str, Any]:
        """The stream's columns, whatever the settings say."""
        columns: dict[str, Any] = self.own_schema["properties"]
        return columns

    @cached_property
    def own_schema(self) -> dict[str, Any]:
        """The stream's schema whatever the settings say."""
        return json_schema(self.name, self.COLUMNS)

    @cached_property
    def subjects(self) -> Sequence[P]:
        """The accounts, lists or queries of the settings that the stream is about.

        Raises:
            TapError: The settings name none.
        """
        raise NotImplementedError

    @cached_property
    def refused(self) -> dict[str, AccessError]:
        """By part: why X would refuse requests with its credentials."""
        found = {}
        for part in self.subjects:
            try:
                for endpoint in self.ENDPOINTS:
                    choose_credential(endpoint, part)
            except AccessError as error:
                found[part.name] = error
        return found

    @property
    def kinds(self) -> frozenset[AuthKind]:
        """The kinds of credentials that may read the stream."""
        return frozenset.intersection(*(each.kinds for each in self.ENDPOINTS))

    @property
    def asks_by_oauth2(self) -> bool:
        """Whether any of the parts may use a login that has to be refreshed."""
        credentials = (each for part in self.subjects for each in part.credentials)
        return any(each.kind is AuthKind.OAUTH2 for each in credentials)

    def prepare(self) -> None:
        """Check what the stream needs before the first request.

        Raises:
            TapError: A setting, an input or the state is unusable.
            RunError: X would refuse all of the stream's parts.
        """
        refused = [each for each in self.subjects if each.name in self.refused]
        failures = [failure_of(self.name, self.refused[each.name], each) for each in refused]
        if failures and len(failures) == len(self.subjects):
            raise RunError(failures)
        for failure in failures:
            self.logger.warning("%s", failure)
            self.run.failures.add(failure)

    def read(self, context: Context | None) -> Iterator[dict[str, Any]]:
        """Give the stream's rows.

        Raises:
            TapError: The stream cannot be read any further.
        """
        raise NotImplementedError

    def endpoints_for(self, part: P) -> Iterable[Endpoint]:  # noqa: ARG002
        """The endpoints to request about a part, or in its name."""
        return self.ENDPOINTS

    def demands(self) -> Iterator[Demand]:
        """What the next sync will request, as far as settings, state and local data show it."""
        raise NotImplementedError

    @property
    def plan_notes(self) -> tuple[str, ...]:
        """Notes on what `demands` cannot know."""
        return ()

    @property
    def undecided(self) -> Sequence[P]:
        """Accounts that X gives or refuses depending on who they are, which it was not asked."""
        return ()

    FOUND_BY_TEST: ClassVar[str] = ""
    """What `found_by_test` gives, as a singular noun; empty if nothing."""

    def found_by_test(self) -> Iterable[FoundByTest]:
        """What only X can name, to be tested after the stream's first requests have passed."""
        return ()

    def serves(self, part: P) -> bool:  # noqa: ARG002
        """Whether the stream could read a part."""
        return True

    @property
    def conditions(self) -> tuple[str, ...]:
        """Notes on conditions for the requests in `demands` that only X can check."""
        return ()

    @property
    def is_test(self) -> bool:
        """Whether the SDK wants a few rows alone."""
        return self.ABORT_AT_RECORD_COUNT is not None

    def get_records(self, context: Context | None) -> Iterable[dict[str, Any]]:
        """Give the stream's rows: in a test, as many as the SDK wants."""
        return islice(self.read(context), self.ABORT_AT_RECORD_COUNT)

    def write_rows(self, context: Context | None) -> None:
        """Write the rows of a partition; of all partitions if the context is None."""
        self.is_begun = True
        contexts: Sequence[Context | None] = [context]
        if context is None and (partitions := self.partitions):
            contexts = partitions
        self.is_one_part = len(contexts) == 1
        if not self.is_one_part:
            parts = plural(self.partition_of(contexts[0]).noun)
            self.run.progress.begin(self.name, len(contexts), parts)
        with self.get_record_counter() as counter, self.get_sync_timer() as timer:
            for each in contexts:
                counter.with_context(each)
                timer.with_context(each)
                if not self.output.error:  # the stream maps would fail on others' rows, too
                    self._write_partition(each, counter)
                self.finalize_state_progress_markers(self.get_context_state(each))
                if not self.is_one_part:
                    self.run.progress.done(self.name, 1)
        self.is_finished = True

    def expect(self, count: int, unit: str) -> None:
        """Announce work whose amount is known without a request to X.

        It has no effect if there are several parts: their progress is the number of those done.
        """
        if self.is_one_part:
            self.run.progress.begin(self.name, count, unit)

    def advance(self, count: int) -> None:
        """Count finished work of the only part."""
        if self.is_one_part:
            self.run.progress.done(self.name, count)

    def outcomes(self) -> Mapping[str, int]:
        """How many of the requested ids had each status, for streams that are about ids."""
        return {}

    @property
    def emit_activate_version_messages(self) -> bool:
        """Never by the SDK: its message precedes the rows, so a failing run could empty a table.

        Streams that find deletions write it themselves, after a complete read.
        """
        return False

    def get_batch_config(self, config: Mapping[str, Any]) -> None:
        """None, whatever the settings say: BATCH files bypass field selection and stream maps."""

    def write_schemas(self) -> None:
        """Write the SCHEMA messages of the stream."""
        self.output.write_schema()

    def _write_partition(self, context: Context | None, counter: metrics.Counter) -> None:
        """Write the rows of a partition; an error ends its reading, not the run.

        A row is written before the next one is read, so that a bookmark never passes a row on which
        the stream maps fail.
        """
        try:
            with self._request_metrics:
                for row in self.get_records(context):
                    self.output.write_record(self.post_process(row, context), context)
                    counter.increment()
        except TapError as error:
            self._record_failure(self.explained(error, context), context)
        except BrokenPipeError:
            raise lost_target() from None
        except Exception as error:  # noqa: BLE001 - other streams go on, whatever it is
            self._record_failure(self._unexpected(error), context)

    def _record_failure(self, error: TapError, context: Context | None) -> None:
        ends_stream = context is None or isinstance(error, StreamMapError)
        is_about_one = not ends_stream or isinstance(error, ACCOUNT_FAILURES)
        failure = Failure(self.name, error)
        if is_about_one:
            failure = failure_of(self.name, error, self.partition_of(context))
        self.run.failures.add(replace(failure, is_of_stream=ends_stream))

    def explained(self, error: TapError, context: Context | None) -> TapError:  # noqa: ARG002
        """An error as the summary shows it; a stream may know more of the cause than X says."""
        return error

    def partition_of(self, context: Context | None) -> P:  # noqa: ARG002
        """The part that a context represents; None represents the only one."""
        return self.subjects[0]

    def post_process(
        self,
        row: dict[str, Any],
        context: Context | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        """Add the columns of `source_default_schema`."""
        return {**row, **self.run.constants.values} if self.run.constants.values else row

    def log_sync_costs(self) -> None:
        """Report the stream's bill as points of the SDK's metrics."""
        if not self.selected:
            return
        for metric, value in self.run.api.ledger.tallies[self.name].measures():
            tags = {metrics.Tag.STREAM: self.name}
            point = metrics.Point("counter", metric, value, tags)  # type: ignore[arg-type]  # the SDK has no metric of cost
            sdk.log_metric(self, point)

    def _unexpected(self, error: Exception) -> UnexpectedError:
        """The error for a bug of the tap; its text may contain data, so only its place is shown."""
        frames = traceback.extract_tb(error.__traceback__)
        self.logger.debug("%s", "".join(traceback.format_list(frames)))
        where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
        return UnexpectedError(
            f"An unexpected error occurred ({type(error).__name__} at {where}). Please report it; "
            "the next run resumes here."
        )
