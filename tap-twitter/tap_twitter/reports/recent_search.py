"""The report of posts that searches find."""

from __future__ import annotations

from typing import Any

from tap_twitter.api.endpoints.v2 import SEARCH
from tap_twitter.auth.partition import DefaultPartition
from tap_twitter.objects.post_fields import PUBLIC_POST_COLUMNS
from tap_twitter.streams.paged import PagedStream
from tap_twitter.streams.query_stream import QUERY, QueryStream
from tap_twitter.streams.search_read import SearchRead


class RecentSearchStream(QueryStream, PagedStream[DefaultPartition]):
    """A row for each query and post of the last seven days that it finds.

    Source: https://docs.x.com/x-api/posts/search/introduction.
    """

    name = "recent_search"
    primary_keys = ("query", "id")
    COLUMNS = (QUERY, *PUBLIC_POST_COLUMNS)
    ENDPOINTS = (SEARCH,)

    def newest_first(self, *parts: Any) -> SearchRead:
        """A read that knows how far back X searches."""
        return SearchRead(*parts, now=self.now, count=self.count)
