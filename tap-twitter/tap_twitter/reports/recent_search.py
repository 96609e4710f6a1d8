"""The report of posts that searches find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_twitter.api.endpoints.v2 import SEARCH
from tap_twitter.auth.partition import DefaultPartition
from tap_twitter.errors import InvalidRequestError
from tap_twitter.objects.post_fields import PUBLIC_POST_COLUMNS
from tap_twitter.streams.paged import PagedStream, RowsPage
from tap_twitter.streams.query_stream import QUERY, QueryStream
from tap_twitter.streams.search_read import SearchRead

if TYPE_CHECKING:
    from collections.abc import Mapping

    from singer_sdk.helpers.types import Context

    from tap_twitter.api.vocabulary import Vocabulary


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
        return SearchRead(*parts, now=self.now)

    def get_url_params(self, context: Context | None, words: Vocabulary) -> dict[str, str]:
        """The query, and the fields of posts."""
        return {**super().get_url_params(context, words), "query": self.query_of(context)}

    def _fetch(self, part: DefaultPartition, page: Mapping[str, str]) -> RowsPage:
        try:
            return super()._fetch(part, page)
        except InvalidRequestError as error:
            raise self.query_error(part.name, error) from None
