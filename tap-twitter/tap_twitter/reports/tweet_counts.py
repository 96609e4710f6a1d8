"""The report of how many posts searches find, hour by hour."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.endpoints.v2 import COUNTS
from tap_twitter.api.vocabulary import use_tweet_words
from tap_twitter.dates import stamp
from tap_twitter.errors import InvalidRequestError
from tap_twitter.objects.fields import COUNT, FLAG, TIME, Column, Field, objects
from tap_twitter.streams.query_stream import QUERY, QueryStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_twitter.auth.partition import DefaultPartition
    from tap_twitter.cost.plan import Demand

FIELDS: Final = (
    Field("start", TIME, "The beginning of the hour.", is_nullable=False),
    Field(
        "end",
        TIME,
        "The end of the hour, which is not part of it; of the last row, the time up "
        "to which X has counted.",
    ),
    Field("tweet_count", COUNT, "The number of posts that the query matches."),
)
COLUMNS: Final = (
    QUERY,
    *FIELDS,
    Column("is_complete", FLAG, "Whether the hour is over. If not, the next run replaces the row."),
    Column("read_at", TIME, "The time of the request."),
)
WHOLE_HOUR: Final = re.compile(r".*T[0-9]{2}:00:00(\.0+)?Z", re.ASCII)


class TweetCountsStream(QueryStream):
    """A row for each query and hour of the last seven days.

    X gives all of them in one response, whose first and last hours may be parts. A part of the
    first one is skipped, as it would replace the whole that an earlier run has brought.

    Source: https://docs.x.com/x-api/posts/counts/introduction.
    """

    name = "tweet_counts"
    primary_keys = ("query", "start")
    COLUMNS = COLUMNS
    ENDPOINTS = (COUNTS,)
    selected_by_default = False

    def read_partition(self, part: DefaultPartition) -> Iterator[dict[str, Any]]:
        """Give the rows of a query."""
        if not self.requester.affordable(COUNTS, 1, part):
            self.leave_out(part)
            return
        params = {"query": self.queries[part.name], "granularity": "hour"}
        read_at = {"read_at": stamp(self.run.clock.now())}
        try:
            hours = self.requester.fetch(COUNTS, params, _hours, part)
        except InvalidRequestError as error:
            raise self.query_error(part.name, error) from None
        for hour in hours:
            yield {**hour, **read_at}

    def demands(self) -> Iterator[Demand]:
        """A request for each query."""
        for part in self.planned:
            yield self.requester.demand(COUNTS, 1, part)


def _hours(response: dict[str, Any]) -> list[dict[str, Any]]:
    """The hours in X's JSON object, in either vocabulary; it is changed."""
    hours = []
    for each in objects(response.get("data")):
        use_tweet_words(each)
        hour = {field.name: field.value(each) for field in FIELDS}
        if WHOLE_HOUR.fullmatch(hour["start"] or ""):
            hours.append({**hour, "is_complete": bool(WHOLE_HOUR.fullmatch(hour["end"] or ""))})
    return hours
