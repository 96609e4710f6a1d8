"""The report of all engagement since the posts were created."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from tap_twitter.api.credential_choice import choose_credential
from tap_twitter.api.endpoints.engagement import TOTALS_OF_OWN_POSTS, TOTALS_OF_PUBLIC_POSTS
from tap_twitter.errors import AccessError
from tap_twitter.reports.engagement.columns import SNAPSHOT_KEYS, TOTALS_COLUMNS
from tap_twitter.reports.engagement.grouping import BY_TWEET_AND_TYPE
from tap_twitter.reports.engagement.metrics import OWNER_TOTALS, PUBLIC_TOTALS
from tap_twitter.reports.engagement.requests import Wanted
from tap_twitter.reports.engagement.stream import EngagementStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_twitter.api.endpoints.base import Endpoint
    from tap_twitter.auth.account import Account
    from tap_twitter.auth.credentials import AuthKind
    from tap_twitter.reports.engagement.requests import EngagementRequest

OF_OWN_POSTS = Wanted((*OWNER_TOTALS, *PUBLIC_TOTALS), (BY_TWEET_AND_TYPE,))
OF_PUBLIC_POSTS = Wanted(PUBLIC_TOTALS, (BY_TWEET_AND_TYPE,))


class EngagementTotalsStream(EngagementStream):
    """Totals of posts, as they stand at the time of the read.

    X returns all metrics if the author requests them; for other accounts' posts it returns the
    public ones, and only to app-only credentials.
    """

    name = "engagement_totals"
    primary_keys = SNAPSHOT_KEYS
    COLUMNS = TOTALS_COLUMNS
    ENDPOINT = TOTALS_OF_OWN_POSTS
    ENDPOINTS = (TOTALS_OF_PUBLIC_POSTS,)

    @property
    def kinds(self) -> frozenset[AuthKind]:
        """The kinds of credentials for the totals of own posts, or for those of public ones."""
        return TOTALS_OF_OWN_POSTS.kinds | TOTALS_OF_PUBLIC_POSTS.kinds

    @cached_property
    def refused(self) -> dict[str, AccessError]:
        """By account: why X would return neither the totals of its own posts nor public ones."""
        found = {}
        for account in self.subjects:
            try:
                choose_credential(self.endpoint(account), account)
            except AccessError as error:
                found[account.name] = error
        return found

    @property
    def partitions(self) -> list[dict[str, Any]] | None:
        """The accounts as contexts; authors come first if others could be taken for them."""
        return sorted(
            super().partitions or [],
            key=lambda context: self._is_after_authors(self.partition_of(context)),
        )

    def leave_out(self, account: Account) -> bool:
        """Record an account that the budget misses, unless rotation cannot move it ahead."""
        return not self._is_after_authors(account) and super().leave_out(account)

    def endpoint(self, account: Account) -> Endpoint:
        """The endpoint of all totals if the account itself may request it, else the public one."""
        return TOTALS_OF_PUBLIC_POSTS if self._is_public(account) else self.ENDPOINT

    def questions(self, account: Account, tweets: tuple[str, ...]) -> Iterator[EngagementRequest]:
        """The requests about some posts."""
        wanted = OF_PUBLIC_POSTS if self._is_public(account) else OF_OWN_POSTS
        return wanted.questions(tweets, self.ENDPOINT.per_request)

    def _is_after_authors(self, account: Account) -> bool:
        """Whether an account gets the posts of the settings that no author was found for."""
        return self.options.tweets is not None and self._is_public(account)

    def _is_public(self, account: Account) -> bool:
        try:
            choose_credential(self.ENDPOINT, account)
        except AccessError:
            return True
        return False
