"""The endpoints of X's Engagement API, an enterprise API on a host of its own.

It takes JSON and responds in gzip (which `requests` accepts by itself). Contracts set its limits;
it does not charge for single posts.
Source: https://docs.x.com/x-api/enterprise-gnip-2.0/fundamentals/engagement-api.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tap_twitter.api.endpoints.base import NOBODY, Api, Endpoint, Probe
from tap_twitter.api.engagement_errors import classify_error
from tap_twitter.auth.credentials import AuthKind

OWNERS: Final = frozenset({AuthKind.OAUTH1})
APPS: Final = frozenset({AuthKind.APP_ONLY})
NO_SCOPES: Final = frozenset[str]()

ENGAGEMENT: Final = Api(
    "engagement",
    "engagement_url",
    method="POST",
    sends_json=True,
    items="tweet_ids",
    classify_error=classify_error,
)

PROBE: Final = Probe(
    {
        "tweet_ids": [NOBODY],
        "engagement_types": ["favorites"],
        "groupings": {"all": {"group_by": ["tweet.id", "engagement.type"]}},
    },
    may_miss=True,  # X may refuse a post that does not exist like a protected one
)
"""X lists posts that do not exist as unavailable."""

HISTORICAL: Final = Endpoint(
    "/insights/engagement/historical",
    api=ENGAGEMENT,
    per_request=25,
    kinds=OWNERS,
    scopes=NO_SCOPES,
    probe=PROBE,
    is_private=True,
)
LAST_28_HOURS: Final = replace(HISTORICAL, template="/insights/engagement/28hr")
TOTALS_OF_OWN_POSTS: Final = replace(
    HISTORICAL, template="/insights/engagement/totals", per_request=250
)
TOTALS_OF_PUBLIC_POSTS: Final = replace(TOTALS_OF_OWN_POSTS, kinds=APPS, is_private=False)
