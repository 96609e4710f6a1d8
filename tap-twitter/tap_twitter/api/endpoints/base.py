"""An endpoint: its API, who may request it, how often, and at what price."""

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
APP_ONLY: Final = frozenset({AuthKind.APP_ONLY})
READ: Final = frozenset({"tweet.read", "users.read"})

NOBODY: Final = str(2**63 - 1)
"""An id that X's parameters accept and nothing has: it belongs to a moment in the year 2080."""


@dataclass(frozen=True, slots=True)
class Api:
    """One of X's APIs.

    Attributes:
        name: The key for errors and quotas that concern the API as a whole.
        url_setting: The setting of the group `api` that holds its address.
        method: The HTTP method of its requests.
        sends_json: Whether they carry their parameters as JSON, rather than in the query.
        unquoted: Characters of a query that stay as they are.
        items: The parameter that lists the requested items, if responses hold no objects to count.
        classify_error: Gives the error for an unsuccessful response.
    """

    name: str
    url_setting: str
    method: str = "GET"
    sends_json: bool = False
    unquoted: str = ","
    items: str | None = None
    classify_error: Judge = error_of


V2: Final = Api("v2", "base_url")


@dataclass(frozen=True, slots=True)
class Probe:
    """The cheapest request that shows whether X allows somebody the endpoint.

    Attributes:
        params: Query parameters, or the members of a JSON body.
        most: Objects that X may charge for; 0 if it requests something that does not exist.
        may_miss: Whether X may also respond with an `AccountError` that nothing is there: the
            account is allowed nevertheless.
    """

    params: Mapping[str, Any]
    most: int = 0
    may_miss: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint.

    Attributes:
        template: Its path, with `{id}` for the id of an account. X counts requests by template,
            whichever account they are about.
        api: The API that it belongs to.
        buys: What X charges for in its responses; None if it charges for no objects.
        per_request: The maximum number of objects in one request.
        min_per_request: The minimum number.
        user_limit: Requests that X allows in 15 minutes for a user; None if a contract decides,
            whose limits are only known from the headers of responses.
        app_limit: The same for app-only access.
        kinds: Who may request it.
        scopes: What a user must have granted by OAuth 2.0.
        is_owned: Whether X gives the owner of the app its own objects as `Resource.OWNED_READ`.
        is_charged_by_request: Whether X charges for each response, whatever is in it.
        is_private: Whether X gives only the objects of the account that makes the request.
        is_repeatable: Whether repeating a request does no more than the first one.
        is_of_ads_account: Whether the id in its path is that of an ads account, which has limits
            of its own.
        address: Its whole address, if X has given one. That may be of another host, so requests
            are not signed.
        probe: How `--test` requests it.
    """

    template: str
    api: Api = V2
    buys: Resource | None = None
    per_request: int = 1
    min_per_request: int = 1
    user_limit: int | None = None
    app_limit: int | None = None
    kinds: frozenset[AuthKind] = ANYONE
    scopes: frozenset[str] = READ
    is_owned: bool = False
    is_charged_by_request: bool = False
    is_private: bool = False
    is_repeatable: bool = True
    is_of_ads_account: bool = False
    address: str | None = field(default=None, compare=False)
    probe: Probe | None = field(default=None, compare=False)

    def path(self, account_id: str | None) -> str:
        """The path of a request about an account."""
        return self.template.format(id=account_id)

    @property
    def is_list(self) -> bool:
        """Whether it gives what belongs to the one thing that its path names."""
        return "{id}" in self.template

    @property
    def request(self) -> str:
        """Its method and template, by which X counts requests."""
        return f"{self.api.method} {self.template}"

    def limit(self, credential: Credential) -> int | None:
        """Requests that X allows the credential in 15 minutes, if that is known."""
        return self.app_limit if credential.is_app_only else self.user_limit
