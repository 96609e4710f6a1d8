"""The endpoints of X's API v2 that the tap requests.

Sources: X's OpenAPI documents for who may request them (https://api.x.com/2/openapi.json),
https://docs.x.com/x-api/fundamentals/rate-limits for how often,
https://docs.x.com/x-api/getting-started/pricing for what is charged.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tap_twitter.api.endpoints.base import APP_ONLY, NOBODY, READ, USERS_ONLY, Endpoint, Probe
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.cost.ledger import Resource

USERS: Final = Endpoint(
    "/2/users",
    buys=Resource.USER,
    per_request=100,
    user_limit=900,
    app_limit=300,
    probe=Probe({"ids": NOBODY}),
)
USERS_BY: Final = Endpoint(
    "/2/users/by",
    buys=Resource.USER,
    per_request=100,
    user_limit=900,
    app_limit=300,
    # any handle that X accepts may belong to somebody
    probe=Probe({"usernames": "nobody_has_this"}, most=1),
)
ME: Final = Endpoint(
    "/2/users/me", buys=Resource.USER, user_limit=75, kinds=USERS_ONLY, is_private=True
)
TIMELINE: Final = Endpoint(
    "/2/users/{id}/tweets",
    buys=Resource.POST,
    per_request=100,
    min_per_request=5,
    user_limit=900,
    app_limit=10_000,
    is_owned=True,
    probe=Probe({"until_id": "1", "max_results": "5"}),
)
MENTIONS: Final = Endpoint(
    "/2/users/{id}/mentions",
    buys=Resource.POST,
    per_request=100,
    min_per_request=5,
    user_limit=300,
    app_limit=450,
    is_owned=True,
    probe=Probe({"until_id": "1", "max_results": "5"}),
)
SEARCH: Final = Endpoint(
    "/2/tweets/search/recent",
    buys=Resource.POST,
    per_request=100,
    min_per_request=10,
    user_limit=300,
    app_limit=450,
    # a conversation that nobody has begun
    probe=Probe({"query": f"conversation_id:{NOBODY}", "max_results": "10"}),
)
COUNTS: Final = Endpoint(
    "/2/tweets/counts/recent",
    buys=Resource.COUNTS_REQUEST,
    is_charged_by_request=True,
    app_limit=300,
    # spec 2.167 admits OAuth 2.0 users, 2.166 does not
    kinds=APP_ONLY,
    probe=Probe({"query": f"conversation_id:{NOBODY}"}, most=1),
)
USAGE: Final = Endpoint(
    "/2/usage/tweets",
    app_limit=50,
    kinds=APP_ONLY,
    scopes=frozenset(),
    probe=Probe({"days": "1"}),
)
CREDITS: Final = Endpoint(
    "/2/usage/credits",
    user_limit=30,
    app_limit=30,
    kinds=frozenset({AuthKind.APP_ONLY, AuthKind.OAUTH2}),
    scopes=frozenset(),
)
"""New in spec 2.168; some apps get a 404."""

TWEETS: Final = Endpoint(
    "/2/tweets",
    buys=Resource.POST,
    per_request=100,
    user_limit=5_000,
    app_limit=3_500,
    probe=Probe({"ids": NOBODY}),
)
TWEET_ANALYTICS: Final = Endpoint(
    "/2/tweets/analytics",
    buys=Resource.POST,
    per_request=100,
    user_limit=300,
    kinds=USERS_ONLY,
    probe=Probe(
        {
            "ids": NOBODY,
            "start_time": "2026-01-01T00:00:00Z",
            "end_time": "2026-01-02T00:00:00Z",
            "granularity": "daily",
        }
    ),
)
"""X's pages list no price for it: it is entered with that of a post for each that X returns."""

DM_EVENTS: Final = Endpoint(
    "/2/dm_events",
    buys=Resource.DM_EVENT,
    per_request=100,
    user_limit=15,
    kinds=USERS_ONLY,
    scopes=READ | {"dm.read"},
    is_private=True,
    # its newest event: no parameters exclude all of them
    probe=Probe({"max_results": "1"}, most=1),
)
FOLLOWERS: Final = Endpoint(
    "/2/users/{id}/followers",
    buys=Resource.FOLLOW,
    per_request=1000,
    user_limit=300,
    app_limit=300,
    scopes=READ | {"follows.read"},
    is_owned=True,
    # the first one: nothing in its parameters leaves all out
    probe=Probe({"max_results": "1"}, most=1),
)
FOLLOWING: Final = replace(FOLLOWERS, template="/2/users/{id}/following")
LIST_MEMBERS: Final = Endpoint(
    "/2/lists/{id}/members",
    buys=Resource.USER,
    per_request=100,
    user_limit=900,
    app_limit=900,
    scopes=READ | {"list.read"},
    probe=Probe({"max_results": "1"}, most=1),
)
