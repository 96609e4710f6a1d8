"""The base of all streams that read X's API v2."""

from __future__ import annotations

import traceback
from dataclasses import replace
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar
from urllib.parse import urlencode

from singer_sdk import metrics
from singer_sdk.schema.source import SchemaDirectory

from tap_twitter import schemas
from tap_twitter.api.choice import choose
from tap_twitter.api.client import Call
from tap_twitter.api.endpoints import NOBODY
from tap_twitter.api.limits import Pool
from tap_twitter.api.meter import RequestMeter
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.cost import Resource, included, object_ids
from tap_twitter.errors import (
    ACCOUNT_FAILURES,
    AccessError,
    Failure,
    InvalidRequestError,
    RunError,
    TapError,
    UnexpectedError,
)
from tap_twitter.output import lost_target
from tap_twitter.plan import Demand
from tap_twitter.records import RecordStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from singer_sdk.helpers.types import Context

    from tap_twitter.accounts import Account
    from tap_twitter.api.endpoints import Endpoint
    from tap_twitter.api.vocabulary import Vocabulary
    from tap_twitter.auth.credentials import Credential
    from tap_twitter.tap import TapTwitter

T = TypeVar("T")

SCHEMAS: Final = SchemaDirectory(schemas)
"""The columns that each stream has whatever the settings say."""


class V2Stream(RecordStream):
    """A stream that asks X's API v2.

    Subclasses give `read`: it yields rows that are complete by the stream's schema, and it moves
    the stream's own cursor. What it raises is kept for the summary at the end of the run, so that
    other streams go on.

    Requests go through the tap's client rather than the SDK's REST stream: what waits and tries
    again there knows nothing of X's pools, and the request for a token needs the same patience.
    """

    ENDPOINTS: ClassVar[tuple[Endpoint, ...]]
    """What the stream asks; checked against the credentials before the first request."""

    _tap: TapTwitter

    def __init__(self, tap: TapTwitter) -> None:
        super().__init__(tap)
        self._meter = RequestMeter(self.name, self._log_metric)

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The stream's own columns and those of `source_default_schema`."""
        return self._tap.constants.added_to(self.own_schema)

    @property
    def own_columns(self) -> Mapping[str, Any]:
        """The columns that the stream has whatever the settings say."""
        columns: dict[str, Any] = self.own_schema["properties"]
        return columns

    @property
    def own_schema(self) -> dict[str, Any]:
        """The stream's schema whatever the settings say."""
        return SCHEMAS.get_schema(self.name)

    @cached_property
    def accounts(self) -> Sequence[Account]:
        """Whom the stream is about, or in whose name X is asked.

        Raises:
            TapError: The settings name none.
        """
        return [self._tap.asker]

    @cached_property
    def refused(self) -> dict[str, AccessError]:
        """By account: why X would refuse to be asked with its credentials."""
        found = {}
        for account in self.accounts:
            try:
                for endpoint in self.ENDPOINTS:
                    choose(endpoint, account)
            except AccessError as error:
                found[account.name] = error
        return found

    @property
    def asks_by_oauth2(self) -> bool:
        """Whether any of the accounts may be asked with a login that has to be refreshed."""
        credentials = (each for account in self.accounts for each in account.credentials)
        return any(each.kind is AuthKind.OAUTH2 for each in credentials)

    def prepare(self) -> None:
        """Check what the stream needs before the first request.

        Raises:
            TapError: A setting, an input or the state does not serve.
            RunError: X would refuse all of the stream's accounts.
        """
        failures = [Failure(self.name, error, name) for name, error in self.refused.items()]
        if failures and len(failures) == len(self.accounts):
            raise RunError(failures)
        for failure in failures:
            self.logger.warning("%s", failure)
            self._tap.failures.add(failure)

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
    def plan_notes(self) -> tuple[str, ...]:
        """What `demands` cannot know."""
        return ()

    def demand(self, endpoint: Endpoint, objects: int, account: Account) -> Demand:
        """So many objects of an endpoint, about an account or in its name."""
        credential = choose(endpoint, account)
        price = self._tap.ledger.prices[self._resource(endpoint, credential, account)]
        return Demand(objects, endpoint.per_request, endpoint.limit(credential), price)

    def affordable(self, endpoint: Endpoint, wanted: int, account: Account) -> int:
        """How many of the wanted objects the budget lets the next request ask for."""
        price = self.demand(endpoint, wanted, account).price
        return self._tap.ledger.budget.affordable(wanted, price)

    def get_records(self, context: Context | None) -> Iterable[dict[str, Any]]:
        """Give the stream's rows; an error ends this stream, not the run.

        In a test the SDK wants a few rows. It would abort with an error at the next one, so none
        follows.
        """
        try:
            with self._meter:
                yield from islice(self.read(context), self.ABORT_AT_RECORD_COUNT)
        except TapError as error:
            self._record_failure(error, context)
        except BrokenPipeError:
            raise lost_target() from None
        except Exception as error:  # noqa: BLE001 - other streams go on, whatever it is
            self._record_failure(self._unexpected(error), context)

    def _record_failure(self, error: TapError, context: Context | None) -> None:
        is_about_one = context is not None or isinstance(error, ACCOUNT_FAILURES)
        account = self.account_of(context).name if is_about_one else None
        self._tap.failures.add(Failure(self.name, error, account, is_of_stream=context is None))

    def account_of(self, context: Context | None) -> Account:  # noqa: ARG002
        """Whom a part of the stream is about, or in whose name X is asked."""
        return self._tap.asker

    def post_process(
        self,
        row: dict[str, Any],
        context: Context | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        """Add the columns of `source_default_schema`."""
        return {**row, **self._tap.constants.values} if self._tap.constants.values else row

    def fetch(
        self,
        endpoint: Endpoint,
        params: Mapping[str, str],
        read: Callable[[dict[str, Any]], T],
        account: Account | None = None,
    ) -> T:
        """GET an endpoint: wait for rate limits, retry faults, judge the answer.

        Args:
            endpoint: What is asked.
            params: Query parameters; lists are joined with commas already.
            read: Takes the answer's JSON object, in X's own words. A `TransientError` of it makes
                the request be tried again.
            account: Whom it is about, or in whose name it is asked; by default the account of the
                default credentials.

        Returns:
            What `read` makes of the answer.

        Raises:
            TapError: By what a run does about it; see `tap_twitter.api.problems`.
        """
        account = account or self._tap.asker
        credential = choose(endpoint, account)
        resource = self._resource(endpoint, credential, account)

        def enter_and_read(body: dict[str, Any]) -> T:
            # an answer is charged whatever the reading makes of it
            ids = list(object_ids(body))
            self._tap.ledger.enter(self.name, resource, ids)
            for extra, others in included(body):
                self._tap.ledger.enter(self.name, extra, others, requests=0)
            self._tap.progress.answered(self.name, len(ids))
            return read(body)

        self._tap.message_writer.flush()  # X may let the tap wait
        observe = partial(self._meter.measure, endpoint.template)
        call = self._call(endpoint, params, credential, account)
        return self._tap.client.send(call, enter_and_read, observe)

    def _call(
        self,
        endpoint: Endpoint,
        params: Mapping[str, str],
        credential: Credential,
        account: Account,
    ) -> Call:
        return Call(
            "GET",
            f"{str(self.config['api']['base_url']).rstrip('/')}{endpoint.path(account.user_id)}",
            Pool(f"GET {endpoint.template}", credential.pool),
            credential.auth,
            query=urlencode(params, safe=","),
            mend=credential.mend,
        )

    def endpoints_for(self, account: Account) -> Iterable[Endpoint]:  # noqa: ARG002
        """What is asked about an account, or in its name."""
        return self.ENDPOINTS

    def probe(self, endpoint: Endpoint, account: Account) -> None:
        """Send the request by which X shows whether it lets an account ask.

        Raises:
            TapError: It does not.
        """
        assert endpoint.probe is not None
        user_id = account.user_id or choose(endpoint, account).user_id or NOBODY
        self.fetch(endpoint, endpoint.probe.params, dict, replace(account, user_id=user_id))

    def fetch_worded(
        self,
        endpoint: Endpoint,
        params: Callable[[Vocabulary], Mapping[str, str]],
        read: Callable[[dict[str, Any]], T],
        account: Account | None = None,
    ) -> T:
        """GET an endpoint whose parameters depend on the vocabulary; again where X wants the other.

        Args:
            endpoint: What is asked.
            params: Gives the parameters in a vocabulary's words.
            read: As for `fetch`.
            account: As for `fetch`.
        """
        dialect = self._tap.dialect
        try:
            return self.fetch(endpoint, params(dialect.words), read, account)
        except InvalidRequestError as error:
            if not dialect.change(error.refusals):
                raise
        return self.fetch(endpoint, params(dialect.words), read, account)

    def begin(self, endpoint: Endpoint, params: Callable[[Vocabulary], Mapping[str, str]]) -> None:
        """Send a request ahead of `fetch_worded`, which will ask for its answer in the same words.

        Nothing happens where limits or `api.concurrency` leave no room for it.

        Args:
            endpoint: What is asked, in the name of the default credentials' account.
            params: As for `fetch_worded`.
        """
        account = self._tap.asker
        credential, words = choose(endpoint, account), self._tap.dialect.words
        self._tap.client.begin(self._call(endpoint, params(words), credential, account))

    def _resource(self, endpoint: Endpoint, credential: Credential, account: Account) -> Resource:
        """What X charges for; its lower price holds for the owner of the app alone."""
        owner = self.config["budget"].get("app_owner_id")
        is_owner = owner is not None and str(owner) == account.user_id == credential.user_id
        return Resource.OWNED_READ if endpoint.is_owned and is_owner else endpoint.buys

    def log_sync_costs(self) -> None:
        """Tell the stream's bill, in the log and as points of the SDK's metrics."""
        if not self.selected:
            return
        tally = self._tap.ledger.tallies[self.name]
        self.logger.info("Bill of '%s': %s.", self.name, tally)
        for metric, value in tally.measures():
            tags = {metrics.Tag.STREAM: self.name}
            self._log_metric(metrics.Point("counter", metric, value, tags))  # type: ignore[arg-type]  # the SDK has no metric of cost

    def _unexpected(self, error: Exception) -> UnexpectedError:
        """A fault of the tap itself; its text may hold data, so only where it happened is told."""
        frames = traceback.extract_tb(error.__traceback__)
        self.logger.debug("%s", "".join(traceback.format_list(frames)))
        where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
        return UnexpectedError(
            f"Something unexpected happened ({type(error).__name__} at {where}). Please report it; "
            "the next run goes on from here."
        )
