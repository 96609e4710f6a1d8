"""The report of how many posts searches find, hour by hour."""

from __future__ import annotations

from typing import Any

from tap_twitter.api.endpoints.v2 import COUNTS
from tap_twitter.auth.partition import DefaultPartition
from tap_twitter.objects.count_fields import COUNT_COLUMNS, count_rows
from tap_twitter.streams.query_stream import QUERY, QueryStream
from tap_twitter.streams.single_request import SingleRequestStream


class TweetCountsStream(QueryStream, SingleRequestStream[DefaultPartition]):
    """A row for each query and hour of the last seven days.

    Source: https://docs.x.com/x-api/posts/counts/introduction.
    """

    name = "tweet_counts"
    primary_keys = ("query", "start")
    COLUMNS = (QUERY, *COUNT_COLUMNS)
    ENDPOINTS = (COUNTS,)

    def parse_response(self, response: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows of a query."""
        return count_rows(response, self.run.clock.now())
