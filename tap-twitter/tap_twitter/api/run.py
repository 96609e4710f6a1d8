"""What all requests of a run share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tap_twitter.api.call import Call
from tap_twitter.api.limit_table import Pool
from tap_twitter.api.quota import QuotaGuard
from tap_twitter.auth.credentials import unsigned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tap_twitter.api.client import Client
    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.api.vocabulary import CurrentVocabulary
    from tap_twitter.auth.credentials import Credential
    from tap_twitter.auth.partition import Partition
    from tap_twitter.cost.ledger import Budget, Ledger


@dataclass(slots=True)
class ApiRun:
    """X's APIs, as one run requests them.

    Attributes:
        client: Sends every request, so that limits apply to all streams together.
        ledger: The bill, and what is left of the budget.
        vocabulary: The words used in requests to X.
        urls: The addresses of X's APIs, by setting of the group `api`.
        owner_id: The id of the account that owns the X app, if the settings name it.
        before_wait: Called before a request, which may have to wait.
        on_answer: Receives the stream's name and the number of objects, for each response.
        quota: What X refuses in general.
    """

    client: Client
    ledger: Ledger
    vocabulary: CurrentVocabulary
    urls: Mapping[str, str]
    owner_id: str | None
    before_wait: Callable[[], None]
    on_answer: Callable[[str, int], None]
    quota: QuotaGuard = field(default_factory=QuotaGuard)

    @property
    def budget(self) -> Budget:
        """What may still be bought."""
        return self.ledger.budget

    def call(
        self,
        endpoint: Endpoint,
        params: Mapping[str, Any],
        credential: Credential,
        partition: Partition,
    ) -> Call:
        """The request of an endpoint about a partition, or in its name.

        Args:
            endpoint: What is requested.
            params: Query parameters, or the members of a JSON body.
            credential: Signs the request.
            partition: Its id stands in the path, if the endpoint has one there.
        """
        api, is_of_ads = endpoint.api, endpoint.is_of_ads_account
        here = f"{self.urls[api.url_setting].rstrip('/')}{endpoint.path(partition.path_id)}"
        return Call(
            api.method,
            endpoint.address or here,
            Pool(endpoint.request, credential.pool, (is_of_ads and partition.path_id) or ""),
            unsigned if endpoint.address else credential.auth,
            query="" if api.sends_json else urlencode(params, safe=api.unquoted),
            json=params if api.sends_json else None,
            hint=credential.hint,
            classify_error=api.classify_error,
            is_repeatable=endpoint.is_repeatable,
        )
