"""Streams with one request for each partition, whose response has all rows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_twitter.auth.partition import P
from tap_twitter.streams.partitioned import PartitionedStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from singer_sdk.helpers.types import Context

    from tap_twitter.cost.plan import Demand


class SingleRequestStream(PartitionedStream[P]):
    """A stream of the first of `ENDPOINTS`, which has no pages and charges by the request.

    The hooks `get_url_params` and `parse_response` are named as in the SDK's `RESTStream`. Each run
    requests every partition again. The budget ends a run between two partitions.
    """

    selected_by_default = False
    """What X charges for is read where it is asked for."""

    def get_url_params(self, context: Context | None) -> dict[str, str]:
        """The query parameters of a partition."""
        return self.partition_params(context)

    def parse_response(self, response: dict[str, Any]) -> Iterable[dict[str, Any]]:
        """The rows in X's JSON object, in either vocabulary; it may be changed."""
        raise NotImplementedError

    def read_partition(self, part: P) -> Iterator[dict[str, Any]]:
        """Give the rows of a partition."""
        endpoint = self.ENDPOINTS[0]
        if not self.requester.affordable(endpoint, 1, part):
            self.leave_out(part)
            return
        params = self.get_url_params(self.context_of(part))
        yield from self.requester.fetch(endpoint, params, self.parse_response, part)

    def demands(self) -> Iterator[Demand]:
        """A request for each partition."""
        yield from self.identifying_demands()
        for part in self.planned:
            yield self.requester.demand(self.ENDPOINTS[0], 1, part)
