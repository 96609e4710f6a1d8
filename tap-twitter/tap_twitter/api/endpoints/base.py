"""What an endpoint is: to which API it belongs, who may ask it, how often, and at what price."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.responses import error_of
from tap_twitter.auth.credentials import AuthKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_twitter.api.responses import Judge
    from tap_twitter.auth.credentials import Credential
    from tap_twitter.cost.ledger import Resource

ANYONE: Final = frozenset(AuthKind)
USERS_ONLY: Final = frozenset({AuthKind.OAUTH1, AuthKind.OAUTH2})
READ: Final = frozenset({"tweet.read", "users.read"})

NOBODY: Final = str(2**63 - 1)
"""An id that X's parameters take and that nothing has: it stands for a moment of the year 2080."""


@dataclass(frozen=True, slots=True)
class Api:
    """One of X's APIs.

    Attributes:
        name: What errors and quotas are kept under that concern the API as a whole.
        url_setting: The setting of the group `api` that holds its address.
        method: The HTTP method of its requests. A GET carries its parameters in the query, a POST
            as JSON.
        unquoted: Characters of a query that stay as they are.
        items: The parameter that lists what is asked about, where answers hold no objects to count.
        classify_error: Gives the error that an answer without success stands for.
    """

    name: str
    url_setting: str
    method: str = "GET"
    unquoted: str = ","
    items: str | None = None
    classify_error: Judge = error_of


V2: Final = Api("v2", "base_url")


@dataclass(frozen=True, slots=True)
class Probe:
    """The cheapest request by which X shows whether it lets somebody ask.

    Attributes:
        params: Query parameters, or the members of a JSON body.
        most: Objects that X may charge for; none where it is asked for what does not exist.
        may_miss: Whether X may also answer with an `AccountError` that nothing is there: it has let
            the account ask all the same.
    """

    params: Mapping[str, Any]
    most: int = 0
    may_miss: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint.

    Attributes:
        template: Its path, with `{id}` where the id of an account stands. X counts requests by
            template, whichever account they are about.
        api: The API that it belongs to.
        buys: What X charges for in its answers; None where it charges for no objects.
        per_request: The most objects that one request may ask for.
        user_limit: Requests that X allows in 15 minutes in the name of a user; None where a
            contract decides, whose limits stand in the headers of answers alone.
        app_limit: The same in nobody's name.
        kinds: Who may ask.
        scopes: What a user must have granted by OAuth 2.0.
        is_owned: Whether X gives the owner of the app its own objects as `Resource.OWNED_READ`.
        is_private: Whether X gives the objects of the account in whose name it is asked, and of no
            other.
        probe: How `--test` asks it.
    """

    template: str
    api: Api = V2
    buys: Resource | None = None
    per_request: int = 1
    user_limit: int | None = None
    app_limit: int | None = None
    kinds: frozenset[AuthKind] = ANYONE
    scopes: frozenset[str] = READ
    is_owned: bool = False
    is_private: bool = False
    probe: Probe | None = field(default=None, compare=False)

    def path(self, account_id: str | None) -> str:
        """The path of a request about an account."""
        return self.template.format(id=account_id)

    @property
    def request(self) -> str:
        """Its method and template, by which X counts requests."""
        return f"{self.api.method} {self.template}"

    def limit(self, credential: Credential) -> int | None:
        """Requests that X allows the credential in 15 minutes, where that is known."""
        return self.app_limit if credential.is_app_only else self.user_limit
