"""How streams ask X's API v2: credentials, limits, faults, the bill and the budget."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from singer_sdk import metrics

from tap_twitter.api.client import Call
from tap_twitter.api.credential_choice import choose_credential
from tap_twitter.api.endpoints import NOBODY
from tap_twitter.api.gaps import Gaps
from tap_twitter.api.rate_limits import Pool
from tap_twitter.api.vocabulary import is_about_values
from tap_twitter.cost.ledger import Resource, included, object_ids
from tap_twitter.cost.plan import Demand
from tap_twitter.errors import (
    BoughtInVainError,
    InvalidRequestError,
    TapError,
    TransientError,
    UnboundedAnswerError,
    UnreadableAnswerError,
)
from tap_twitter.singer.record_stream import RecordStream
from tap_twitter.singer.request_metrics import RequestMetrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tap_twitter.accounts.accounts import Account
    from tap_twitter.api.endpoints import Endpoint
    from tap_twitter.api.vocabulary import Vocabulary
    from tap_twitter.auth.credentials import Credential
    from tap_twitter.tap import TapTwitter

T = TypeVar("T")


class AskingStream(RecordStream):
    """A stream that asks X's API v2, and knows what that costs.

    Requests go through the tap's client rather than the SDK's REST stream: what waits and tries
    again there knows nothing of X's pools, and the request for a token needs the same patience.
    """

    _tap: TapTwitter

    def __init__(self, tap: TapTwitter) -> None:
        super().__init__(tap)
        self._request_metrics = RequestMetrics(self.name, self._log_metric)
        self._gaps = Gaps(self.name, self.logger)

    def demand(self, endpoint: Endpoint, objects: int, account: Account) -> Demand:
        """So many objects of an endpoint, about an account or in its name."""
        credential = choose_credential(endpoint, account)
        price = self._tap.ledger.prices[self._resource(endpoint, credential, account)]
        return Demand(objects, endpoint.per_request, endpoint.limit(credential), price)

    def affordable(self, endpoint: Endpoint, wanted: int, account: Account) -> int:
        """How many of the wanted objects the budget lets the next request ask for."""
        price = self.demand(endpoint, wanted, account).price
        return self._tap.ledger.budget.affordable(wanted, price)

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
                the request be tried again, unless X has charged for the answer.
            account: Whom it is about, or in whose name it is asked; by default the account of the
                default credentials.

        Returns:
            What `read` makes of the answer.

        Raises:
            TapError: By what a run does about it; see `tap_twitter.api.responses`.
        """
        account = account or self._tap.asker
        credential = choose_credential(endpoint, account)
        resource = self._resource(endpoint, credential, account)

        def enter_and_read(body: dict[str, Any]) -> T:
            # an answer is charged whatever the reading makes of it
            ids = list(object_ids(body))
            self._tap.ledger.enter(self.name, resource, ids)
            for extra, others in included(body):
                self._tap.ledger.enter(self.name, extra, others, requests=0)
            self._tap.progress.answered(self.name, len(ids))
            self._gaps.tell(endpoint, params, body)
            try:
                return read(body)
            except TransientError as error:
                raise self._checked(error, ids) from None

        call = self._call(endpoint, params, credential, account)
        with (
            self._entering(call, resource),
            self._tap.quota.guard(credential, resource),
        ):
            observe = partial(self._request_metrics.measure, endpoint.template)
            return self._tap.client.send(call, enter_and_read, observe)

    @contextmanager
    def _entering(self, call: Call, resource: Resource) -> Iterator[None]:
        """Around a request: rows go out before it, and its answer is on the bill in any case.

        Raises:
            TapError: The request was paid for in vain before.
            SystemExit: Nobody reads the rows.
        """
        self._tap.client.check(call)
        self._tap.message_writer.flush()  # X may let the tap wait
        self._tap.receiver.await_acceptance()
        try:
            yield
        except (UnreadableAnswerError, UnboundedAnswerError):
            self._tap.ledger.enter(self.name, resource, [])  # what was in it nobody knows
            raise

    def _checked(self, error: TransientError, ids: Sequence[str | None] = ()) -> TapError:
        """What an answer stands for that was entered and does not serve.

        Args:
            error: Why not.
            ids: Of the objects in it.
        """
        if ids:
            msg = f"{error} X has charged for it, so that it is not asked again in this run."
            return BoughtInVainError(msg)
        if not self._tap.ledger.budget.affordable(1, Decimal()):
            msg = f"{error} 'budget.max_requests' leaves no other try; the next run resumes here."
            return BoughtInVainError(msg)
        return error

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
        vocabulary = self._tap.vocabulary
        try:
            return self.fetch(endpoint, params(vocabulary.words), read, account)
        except InvalidRequestError as error:
            others = vocabulary.others(error.refusals)
            if others is None:
                raise
            refusal = error
        try:
            found = self.fetch(endpoint, params(others), read, account)
        except InvalidRequestError as error:
            if not is_about_values(error.refusals):
                raise refusal from None
            vocabulary.change_to(others)
            raise
        vocabulary.change_to(others)
        return found

    def begin(self, endpoint: Endpoint, params: Callable[[Vocabulary], Mapping[str, str]]) -> None:
        """Send a request ahead of `fetch_worded`, which will ask for its answer in the same words.

        Nothing happens where limits or `api.concurrency` leave no room for it.

        Args:
            endpoint: What is asked, in the name of the default credentials' account.
            params: As for `fetch_worded`.
        """
        account = self._tap.asker
        credential, words = choose_credential(endpoint, account), self._tap.vocabulary.words
        self._tap.client.begin(self._call(endpoint, params(words), credential, account))

    @contextmanager
    def prefetched_only(self) -> Iterator[None]:
        """Inside, `fetch_worded` gives answers to what was begun, and sends nothing.

        Raises:
            NotSentError: By `fetch_worded`, for whatever would have to be sent.
        """
        with self._tap.client.prefetched_only(), self._tap.quota.bypass():
            yield

    def probe(self, endpoint: Endpoint, account: Account) -> None:
        """Send the request by which X shows whether it lets an account ask.

        Raises:
            TapError: It does not.
        """
        assert endpoint.probe is not None
        user_id = account.user_id or choose_credential(endpoint, account).user_id or NOBODY
        self.fetch(endpoint, endpoint.probe.params, dict, replace(account, user_id=user_id))

    def log_sync_costs(self) -> None:
        """Tell the stream's bill, in the log and as points of the SDK's metrics."""
        if not self.selected:
            return
        tally = self._tap.ledger.tallies[self.name]
        self.logger.info("Bill of '%s': %s.", self.name, tally)
        for metric, value in tally.measures():
            tags = {metrics.Tag.STREAM: self.name}
            self._log_metric(metrics.Point("counter", metric, value, tags))  # type: ignore[arg-type]  # the SDK has no metric of cost

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
            hint=credential.hint,
        )

    def _resource(self, endpoint: Endpoint, credential: Credential, account: Account) -> Resource:
        """What X charges for; its lower price holds for the owner of the app alone."""
        owner = self.config["budget"].get("app_owner_id")
        is_owner = owner is not None and str(owner) == account.user_id == credential.user_id
        return Resource.OWNED_READ if endpoint.is_owned and is_owner else endpoint.buys
