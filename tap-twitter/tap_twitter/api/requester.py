"""How a stream requests X's APIs: credentials, limits, faults, the bill and the budget."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from tap_twitter.api.credential_choice import choose_credential
from tap_twitter.api.endpoints.base import NOBODY
from tap_twitter.api.gaps import Gaps
from tap_twitter.api.vocabulary import is_about_values
from tap_twitter.auth.account import Account
from tap_twitter.cost.ledger import Resource, included, object_ids
from tap_twitter.cost.plan import Demand
from tap_twitter.errors import (
    AccountError,
    BoughtInVainError,
    InvalidRequestError,
    TapError,
    TransientError,
    UnboundedAnswerError,
    UnreadableAnswerError,
)

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import requests

    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.api.run import ApiRun
    from tap_twitter.api.vocabulary import Vocabulary
    from tap_twitter.auth.credentials import Credential
    from tap_twitter.auth.partition import Partition

T = TypeVar("T")
Item = TypeVar("Item")


class Requester:
    """Requests X's APIs for one stream, and enters the responses on its bill.

    Args:
        run: What the requests of all streams share.
        stream_name: The stream that is billed.
        logger: Receives warnings about responses.
        observe: Receives an endpoint's template and each of its responses.
    """

    def __init__(
        self,
        run: ApiRun,
        stream_name: str,
        logger: logging.Logger,
        observe: Callable[[str, requests.Response], None],
    ) -> None:
        self.run = run
        self.stream_name = stream_name
        self.logger = logger
        self._observe = observe
        self._gaps = Gaps(stream_name, logger)

    def demand(self, endpoint: Endpoint, objects: int, partition: Partition) -> Demand:
        """So many objects of an endpoint, about a partition or in its name."""
        credential = choose_credential(endpoint, partition)
        price = self.run.ledger.price(self._resource(endpoint, credential, partition))
        return Demand(objects, endpoint.per_request, endpoint.limit(credential), price)

    def affordable(
        self, endpoint: Endpoint, wanted: int, partition: Partition, extra: Decimal = Decimal()
    ) -> int:
        """How many of the wanted objects the budget allows in the next request.

        Args:
            endpoint: The endpoint to request.
            wanted: How many objects.
            partition: The partition that they are about.
            extra: What may come along with each of them, in USD.
        """
        price = self.demand(endpoint, wanted, partition).price + extra
        return self.run.budget.affordable(wanted, price)

    def batches(
        self, endpoint: Endpoint, items: Sequence[Item], partition: Partition
    ) -> Iterator[Sequence[Item]]:
        """Cut items into batches of one request each, until the budget is used up."""
        left, most = items, endpoint.per_request
        while count := self.affordable(endpoint, min(len(left), most), partition):
            batch, left = left[:count], left[count:]
            yield batch

    def warn_of_budget(self, what: str) -> None:
        """Warn that the budget has ended the stream's reading.

        Args:
            what: What is left, and when it is read, as sentences.
        """
        self.run.ledger.cut.add(self.stream_name)
        self.logger.warning("The budget of the run is used up: %s", what)

    def fetch(
        self,
        endpoint: Endpoint,
        params: Mapping[str, Any],
        read: Callable[[dict[str, Any]], T],
        partition: Partition,
        *,
        is_budgeted: bool = True,
    ) -> T:
        """Request an endpoint: wait for rate limits, retry faults, enter the response, read it.

        Args:
            endpoint: The endpoint to request.
            params: Query parameters, in which lists are already joined with commas, or the members
                of a JSON body.
            read: Reads the response's JSON object, in X's own words. If it raises a
                `TransientError`, the request is retried, unless X has charged for the response.
            partition: What it is about, or in whose name it is made.
            is_budgeted: Whether it counts against `budget.max_requests`.

        Returns:
            The result of `read`.

        Raises:
            TapError: By what a run does about it; see `tap_twitter.api.responses`.
        """
        credential = choose_credential(endpoint, partition)
        resource = self._resource(endpoint, credential, partition)

        def enter_and_read(body: dict[str, Any]) -> T:
            # a response is charged whatever comes of reading it
            ids = _charged(endpoint, body) if resource else []
            self._enter(endpoint, resource, ids, is_budgeted=is_budgeted)
            for extra, others in included(body) if resource else ():
                self.run.ledger.enter(self.stream_name, extra, others, requests=0)
            items = endpoint.api.items
            self.run.on_answer(self.stream_name, len(params[items] if items else ids))
            self._gaps.tell(endpoint, params, body)
            try:
                return read(body)
            except TransientError as error:
                raise self._checked(error, ids) from None

        call = self.run.call(endpoint, params, credential, partition)
        self.run.before_wait()
        with self.run.quota.guard(credential, resource or endpoint.api.name):
            observe = partial(self._observe, endpoint.template)
            self.run.client.check(call)  # an error of before is not entered again
            try:
                return self.run.client.send(call, enter_and_read, observe)
            except (UnreadableAnswerError, UnboundedAnswerError):
                self._enter(endpoint, resource, [])  # nobody knows what was in it
                raise

    def fetch_worded(
        self,
        endpoint: Endpoint,
        params: Callable[[Vocabulary], Mapping[str, str]],
        read: Callable[[dict[str, Any]], T],
        partition: Partition,
    ) -> T:
        """Fetch with parameters that depend on the vocabulary; retry if X wants the other one.

        Args:
            endpoint: The endpoint to request.
            params: Gives the parameters in a vocabulary's words.
            read: As for `fetch`.
            partition: As for `fetch`.
        """
        vocabulary = self.run.vocabulary
        try:
            return self.fetch(endpoint, params(vocabulary.words), read, partition)
        except InvalidRequestError as error:
            others = vocabulary.others(error.refusals)
            if others is None:
                raise
            refusal = error
        try:
            found = self.fetch(endpoint, params(others), read, partition)
        except InvalidRequestError as error:
            if not is_about_values(error.refusals):
                raise refusal from None
            vocabulary.change_to(others)
            raise
        vocabulary.change_to(others)
        return found

    def prefetch(
        self,
        endpoint: Endpoint,
        params: Callable[[Vocabulary], Mapping[str, str]],
        partition: Partition,
    ) -> None:
        """Send a request ahead of `fetch_worded`, which takes its response in the same words.

        Nothing happens if limits or `api.concurrency` leave no room for it.
        """
        credential, words = choose_credential(endpoint, partition), self.run.vocabulary.words
        self.run.client.prefetch(self.run.call(endpoint, params(words), credential, partition))

    @contextmanager
    def prefetched_only(self) -> Iterator[None]:
        """Inside, `fetch_worded` returns responses to prefetched requests, and sends nothing.

        Raises:
            NotSentError: By `fetch_worded`, for any other request.
        """
        with self.run.client.prefetched_only(), self.run.quota.bypass():
            yield

    def probe(self, endpoint: Endpoint, partition: Partition) -> None:
        """Send the request that shows whether X allows the endpoint for a partition.

        Probes of an API that charges for no objects are outside the budget: they buy nothing, and a
        small budget is meant for rows.

        Raises:
            TapError: It does not.
        """
        probe = endpoint.probe
        assert probe is not None
        somebody = partition
        if isinstance(partition, Account) and not partition.user_id:
            user_id = choose_credential(endpoint, partition).user_id or NOBODY
            somebody = replace(partition, user_id=user_id)
        with suppress(*[AccountError] if probe.may_miss else ()):
            is_budgeted = endpoint.buys is not None
            self.fetch(endpoint, probe.params, dict, somebody, is_budgeted=is_budgeted)

    def _enter(
        self,
        endpoint: Endpoint,
        resource: Resource | None,
        ids: Sequence[str | None],
        *,
        is_budgeted: bool = True,
    ) -> None:
        if resource:
            self.run.ledger.enter(self.stream_name, resource, ids, kind=endpoint.buys)
        else:
            self.run.ledger.enter_requests(self.stream_name, is_budgeted=is_budgeted)

    def _checked(self, error: TransientError, ids: Sequence[str | None]) -> TapError:
        """The error for a response that was entered but is unusable.

        Args:
            error: The reason.
            ids: The ids of the objects in it.
        """
        if ids:
            msg = f"{error} X has charged for it, so this run does not request it again."
            return BoughtInVainError(msg)
        if not self.run.budget.affordable(1, Decimal()):
            msg = f"{error} 'budget.max_requests' leaves no other try; the next run resumes here."
            return BoughtInVainError(msg)
        return error

    def _resource(
        self, endpoint: Endpoint, credential: Credential, partition: Partition
    ) -> Resource | None:
        """The kind that X charges for; only the owner of the app gets its lower price."""
        owner = self.run.owner_id
        is_owner = owner is not None and owner == partition.path_id == credential.user_id
        return Resource.OWNED_READ if endpoint.is_owned and is_owner else endpoint.buys


def _charged(endpoint: Endpoint, body: Mapping[str, Any]) -> list[str | None]:
    """The ids of what X charges for in a response; None stands for the response itself."""
    return [None] if endpoint.is_charged_by_request else list(object_ids(body))
