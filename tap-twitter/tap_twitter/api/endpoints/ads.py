"""The endpoints of X's Ads API that the tap requests.

They take OAuth 1.0a alone, and are free of charge as far as X documents. A path that names an ads
account has the id of that account in the place of `{id}`.
Sources: https://docs.x.com/x-ads-api/campaign-management/reference (accounts),
https://docs.x.com/x-ads-api/creatives/reference (posts, cards, media),
https://docs.x.com/x-ads-api/analytics (stats),
https://docs.x.com/x-ads-api/fundamentals/rate-limiting.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tap_twitter.api.ads_errors import classify_error, classify_file_error
from tap_twitter.api.endpoints.base import NOBODY, Api, Endpoint, Probe
from tap_twitter.auth.credentials import AuthKind

if TYPE_CHECKING:
    from collections.abc import Mapping

ADS: Final = Api("ads", "ads_url", unquoted="", classify_error=classify_error)
"""X signs `%2C` and `%3A`: a comma or colon that stands in the query as it is gets a 401
(https://docs.x.com/x-ads-api/fundamentals/making-authenticated-requests)."""

OWNERS: Final = frozenset({AuthKind.OAUTH1})
READS: Final = 2_000


def _endpoint(
    path: str, per_request: int = 1, limit: int = READS, probe: Probe | None = None
) -> Endpoint:
    return Endpoint(
        f"/12/{path}",
        api=ADS,
        per_request=per_request,
        user_limit=limit,
        kinds=OWNERS,
        scopes=frozenset(),
        is_of_ads_account="{id}" in path,
        probe=probe,
    )


ONE: Final = Probe({"count": "1"})
ADS_ACCOUNTS: Final = _endpoint("accounts", 1000, limit=5, probe=ONE)
ADS_ACCOUNT: Final = _endpoint("accounts/{id}", probe=Probe({"with_deleted": "true"}))
USER_ACCESS: Final = _endpoint("accounts/{id}/authenticated_user_access")
ADS_TWEETS: Final = _endpoint(
    "accounts/{id}/tweets", 1000, probe=Probe({"tweet_type": "PUBLISHED", "count": "1"})
)
SCHEDULED_TWEETS: Final = _endpoint("accounts/{id}/scheduled_tweets", 200, probe=ONE)
CARDS: Final = _endpoint("accounts/{id}/cards", 200, probe=ONE)
MEDIA_LIBRARY: Final = _endpoint("accounts/{id}/media_library", 50, probe=ONE)
ORGANIC_STATS: Final[Mapping[str, str]] = {
    "entity": "ORGANIC_TWEET",
    "granularity": "DAY",
    "metric_groups": "ENGAGEMENT,VIDEO",
    "placement": "ALL_ON_TWITTER",
}
"""What stats of organic posts are requested with, beside posts and days."""

STATS: Final = replace(
    _endpoint("stats/accounts/{id}", 20, limit=250),
    probe=Probe(
        {
            **ORGANIC_STATS,
            "entity_ids": NOBODY,
            "start_time": "2026-01-01",
            "end_time": "2026-01-02",
        }
    ),
)
STATS_JOBS: Final = _endpoint("stats/jobs/accounts/{id}", 1000)
QUEUE_STATS: Final = replace(
    STATS_JOBS,
    api=replace(ADS, method="POST"),
    per_request=20,
    user_limit=None,
    is_repeatable=False,
)
"""X documents 450 writes per minute; the headers of answers say what is left."""

STATS_FILE: Final = Endpoint(
    "stats file", api=replace(ADS, classify_error=classify_file_error), kinds=OWNERS
)
"""The file of a job; `address` is that which the job has."""
