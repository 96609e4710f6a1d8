"""The endpoints of X's API v2 that the tap asks: whom X allows them, how often, and at what price.

Sources: X's OpenAPI documents for who may ask (https://api.x.com/2/openapi.json),
https://docs.x.com/x-api/fundamentals/rate-limits for how often,
https://docs.x.com/x-api/getting-started/pricing for what is charged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.auth.credentials import AuthKind
from tap_twitter.cost.ledger import Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_twitter.auth.credentials import Credential

ANYONE: Final = frozenset(AuthKind)
USERS_ONLY: Final = frozenset({AuthKind.OAUTH1, AuthKind.OAUTH2})
READ: Final = frozenset({"tweet.read", "users.read"})


NOBODY: Final = str(2**63 - 1)
"""An id that X's parameters take and that nothing has: it stands for a moment of the year 2080."""


@dataclass(frozen=True, slots=True)
class Probe:
    """The cheapest request by which X shows whether it lets somebody ask.

    Attributes:
        params: Query parameters, or the members of a JSON body.
        most: Objects that X may charge for; none where it is asked for what does not exist.
    """

    params: Mapping[str, Any]
    most: int = 0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One GET endpoint.

    Attributes:
        template: Its path, with `{id}` where the id of an account stands. X counts requests by
            template, whichever account they are about.
        buys: What X charges for in its answers.
        per_request: The most objects that one request may ask for.
        user_limit: Requests that X allows in 15 minutes in the name of a user.
        app_limit: The same in nobody's name.
        kinds: Who may ask.
        scopes: What a user must have granted by OAuth 2.0.
        is_owned: Whether X gives the owner of the app its own objects as `Resource.OWNED_READ`.
        is_private: Whether X gives the objects of the account in whose name it is asked, and of no
            other.
        probe: How `--test` asks it.
    """

    template: str
    buys: Resource
    per_request: int
    user_limit: int
    app_limit: int = 0
    kinds: frozenset[AuthKind] = ANYONE
    scopes: frozenset[str] = READ
    is_owned: bool = False
    is_private: bool = False
    probe: Probe | None = field(default=None, compare=False)

    def path(self, account_id: str | None) -> str:
        """The path of a request about an account."""
        return self.template.format(id=account_id)

    def limit(self, credential: Credential) -> int:
        """Requests that X allows the credential in 15 minutes."""
        return self.app_limit if credential.is_app_only else self.user_limit


USERS: Final = Endpoint(
    "/2/users",
    Resource.USER,
    100,
    user_limit=900,
    app_limit=300,
    probe=Probe({"ids": NOBODY}),
)
USERS_BY: Final = Endpoint(
    "/2/users/by",
    Resource.USER,
    100,
    user_limit=900,
    app_limit=300,
    # any handle that X takes may be somebody's
    probe=Probe({"usernames": "nobody_has_this"}, most=1),
)
ME: Final = Endpoint(
    "/2/users/me", Resource.USER, 1, user_limit=75, kinds=USERS_ONLY, is_private=True
)
TIMELINE: Final = Endpoint(
    "/2/users/{id}/tweets",
    Resource.POST,
    100,
    user_limit=900,
    app_limit=10_000,
    is_owned=True,
    probe=Probe({"until_id": "1", "max_results": "5"}),
)
TWEETS: Final = Endpoint(
    "/2/tweets",
    Resource.POST,
    100,
    user_limit=5_000,
    app_limit=3_500,
    probe=Probe({"ids": NOBODY}),
)
DM_EVENTS: Final = Endpoint(
    "/2/dm_events",
    Resource.DM_EVENT,
    100,
    user_limit=15,
    kinds=USERS_ONLY,
    scopes=READ | {"dm.read"},
    is_private=True,
    # its newest event: nothing in its parameters leaves all out
    probe=Probe({"max_results": "1"}, most=1),
)
