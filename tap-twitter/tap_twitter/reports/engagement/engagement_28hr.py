"""The report of engagement in the 28 hours before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_twitter.api.endpoints.engagement import LAST_28_HOURS
from tap_twitter.reports.engagement.columns import SNAPSHOT_COLUMNS, SNAPSHOT_KEYS
from tap_twitter.reports.engagement.stream import EngagementStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_twitter.auth.account import Account
    from tap_twitter.reports.engagement.requests import EngagementRequest


class Engagement28HrStream(EngagementStream):
    """Counts of the last 28 hours, as they stand at the time of the read."""

    name = "engagement_28hr"
    primary_keys = SNAPSHOT_KEYS
    COLUMNS = SNAPSHOT_COLUMNS
    ENDPOINT = LAST_28_HOURS
    ENDPOINTS = (LAST_28_HOURS,)

    def questions(self, account: Account, tweets: tuple[str, ...]) -> Iterator[EngagementRequest]:  # noqa: ARG002
        """The requests about some posts."""
        return self.options.wanted.questions(tweets, self.ENDPOINT.per_request)
