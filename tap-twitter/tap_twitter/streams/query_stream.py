"""Streams with a partition for each search query of the setting `queries`."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from tap_twitter.api.endpoints.v2 import COUNTS
from tap_twitter.auth.partition import DefaultPartition
from tap_twitter.errors import InvalidRequestError, MissingSettingError, SettingError
from tap_twitter.objects.count_fields import total_count
from tap_twitter.objects.fields import TEXT, Column
from tap_twitter.objects.snowflakes import moment_of
from tap_twitter.streams.partitioned import PartitionedStream

if TYPE_CHECKING:
    from singer_sdk.helpers.types import Context

    from tap_twitter.errors import TapError

QUERY: Final = Column("query", TEXT, "The name of the query in `queries`.", is_nullable=False)
MAX_QUERY: Final = 512
"""Characters of a query that X accepts without an Enterprise contract
(https://docs.x.com/x-api/posts/search/integrate/build-a-query)."""

REACH: Final = timedelta(days=7) - timedelta(minutes=5)
"""X searches so far back for certain: it refuses an id that is older than seven days."""

OPERATORS: Final = "https://docs.x.com/x-api/posts/search/integrate/operators"


class QueryStream(PartitionedStream[DefaultPartition]):
    """A stream with a partition for each query of this run's shard, by the query's name.

    Requests are made with the default credentials.
    """

    PARTITION_KEY = "query"

    @cached_property
    def queries(self) -> dict[str, str]:
        """The queries by name.

        Raises:
            SettingError: There is none, two have the same name, or one is too long.
        """
        given = self.config.get("queries") or []
        if not given:
            msg = (
                f"'{self.name}' requires the setting 'queries': a list of searches, each with a "
                "'name' and a 'query'."
            )
            raise MissingSettingError(msg)
        name, count = Counter(each["name"] for each in given).most_common(1)[0]
        if count > 1:
            msg = f"Setting 'queries' has {count} queries named '{name}': give each its own name."
            raise SettingError(msg)
        for each in given:
            if (length := len(each["query"])) > MAX_QUERY:
                msg = (
                    f"The query '{each['name']}' of the setting 'queries' has {length} characters; "
                    f"X accepts {MAX_QUERY}. Split it into two queries."
                )
                raise SettingError(msg)
        return {each["name"]: each["query"] for each in given}

    @cached_property
    def subjects(self) -> list[DefaultPartition]:
        """The queries of this run's shard.

        Raises:
            TapError: There are no queries, or no credentials.
        """
        asker = self.run.accounts.default
        names = [name for name in self.queries if self.run.shard.takes(name)]
        return [DefaultPartition("query", name, asker) for name in names]

    def key_of(self, part: DefaultPartition) -> str:
        """The name of a query."""
        return part.name

    def partition_params(self, context: Context | None) -> dict[str, str]:
        """The text of a query."""
        return {"query": self.queries[context[self.PARTITION_KEY]]} if context else {}

    def count(self, part: DefaultPartition, since: int) -> int | None:
        """The number of posts after an id that a query finds; X charges for the request.

        Args:
            part: The query.
            since: The id; 0 for all that X searches.

        Returns:
            The number; None if the plan may not buy it.

        Raises:
            TapError: X does not count for these credentials, or refuses the query.
        """
        if not (self.run.may_count and self.requester.affordable(COUNTS, 1, part)):
            return None
        is_within = moment_of(since) > self.run.clock.now() - REACH
        bound = {"since_id": str(since)} if is_within else {}
        context = self.context_of(part)
        params = {**self.partition_params(context), **bound, "granularity": "hour"}
        try:
            return self.requester.fetch(COUNTS, params, total_count, part)
        except InvalidRequestError as error:
            raise self.explained(error, context) from None

    def explained(self, error: TapError, context: Context | None) -> TapError:
        """The error for X's refusal of a query; the error itself if it is about anything else.

        X's words are left out, since they repeat what was requested.
        """
        if not isinstance(error, InvalidRequestError) or "query" not in error.refusals:
            return error
        name = self.partition_of(context).name
        return SettingError(
            f"X refuses the query '{name}' of the setting 'queries': correct it by {OPERATORS}. "
            "Each query needs a keyword or an operator such as from: that is not negated; is:, "
            "has: and lang: do not count."
        )
