"""What refusals of X's Ads API stand for, by the codes in `errors`.

Source: https://docs.x.com/x-ads-api/fundamentals/error-codes-and-responses.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.responses import PARAMETER_NAME, error_of, marks_of
from tap_twitter.errors import (
    AccessError,
    AccountError,
    AppAccessError,
    AuthError,
    InvalidRequestError,
    MissingFileError,
    RateLimitError,
    TapError,
    TransientError,
)
from tap_twitter.gateways import is_refused_before_x

if TYPE_CHECKING:
    import requests

NO_ADS_ACCESS: Final = (
    "the X app has no access to this part of the Ads API; request Ads API access for the app in "
    "the developer console, then create its access tokens again (tokens from before do not have it)"
)
NOT_SERVED: Final = (
    "X does not give stats of organic posts (entity ORGANIC_TWEET) to this app; its documents have "
    "dropped them on 2026-06-18. Deselect 'organic_tweet_report', and select 'tweet_analytics': it "
    "has daily numbers of posts from X API v2."
)

GONE: Final = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
"""Stores of files deny that a file is gone, too, to those who may not list them."""

NOT_FOUND: Final = "X has no such entity (any more)"

CODES: Final[dict[str, tuple[type[TapError], str]]] = {
    "unauthorized_access": (AuthError, "X does not accept the credentials; {hint}"),
    "unauthorized_client_application": (AppAccessError, NO_ADS_ACCESS),
    "account_not_found": (
        AccountError,
        "X knows no such ads account, or does not show it to this user; check 'organic.accounts', "
        "and the user's role in the account's settings at ads.x.com",
    ),
    "action_not_allowed": (
        AccessError,
        "the user's role in the ads account does not allow this; an administrator of the account "
        "can give another one at ads.x.com",
    ),
    "current_user_suspended": (
        AccessError,
        "X has suspended the user; sign in at x.com and follow what it says",
    ),
    "user_not_found": (AccessError, "X does not find the user of the credentials; {hint}"),
    "feature_not_available": (
        AccessError,
        "the ads account does not have this feature; X enables it per account",
    ),
    "invalid_account_service_level": (
        AccessError,
        "the service level of the ads account does not include this",
    ),
    "too_many_requests": (RateLimitError, "a rate limit is used up"),
    "cancelled_request": (TransientError, "X did not come to answer"),
    "lock_acquisition_timeout": (TransientError, "X did not come to answer"),
    "internal_error": (TransientError, "X has a fault"),
    "service_unavailable": (TransientError, "X has a fault"),
    "over_capacity": (TransientError, "X has a fault"),
    "route_not_found": (
        TapError,
        "the Ads API has no such endpoint in version 12; check 'api.ads_url'",
    ),
    **dict.fromkeys(
        ("not_found", "tweet_not_found", "card_not_found", "media_not_found"),
        (TapError, NOT_FOUND),
    ),
}
"""By code, in lower case: the error, and what it means with the fix. `{hint}` is what to do about
credentials."""


def classify_error(response: requests.Response, body: Any, hint: str) -> TapError:
    """What a refusal of the Ads API stands for.

    Older gateways answer with numeric codes, HTML or nothing: these are judged as for API v2.
    """
    if is_refused_before_x(response):
        return error_of(response, body, hint)
    found = next((CODES[mark] for mark in sorted(marks_of(body)) if mark in CODES), None)
    if found is None:
        error = error_of(response, body, hint)
        return _invalid(error, body) if isinstance(error, InvalidRequestError) else error
    kind, meaning = found
    text = f"{meaning.format(hint=hint)} (HTTP {response.status_code})."
    return kind(text, response) if issubclass(kind, TransientError) else kind(text)


def classify_file_error(response: requests.Response, body: Any, hint: str) -> TapError:
    """What a refusal of a stats job's file stands for: X deletes them after two days."""
    if response.status_code in GONE:
        return MissingFileError(f"The file of a stats job is gone (HTTP {response.status_code}).")
    return error_of(response, body, hint)


def _invalid(error: InvalidRequestError, body: Any) -> InvalidRequestError:
    """The error with the parameters that X objects to, which are named one by one here."""
    errors = body.get("errors") if isinstance(body, dict) else None
    objections = {
        each["parameter"]: str(each.get("message") or "")
        for each in (errors if isinstance(errors, list) else ())
        if isinstance(each, dict) and isinstance(each.get("parameter"), str)
    }
    if "entity" in objections:
        return InvalidRequestError(NOT_SERVED, objections)
    names = ", ".join(sorted(filter(PARAMETER_NAME.fullmatch, objections)))
    text = str(error).removesuffix(").") + f": {names})." if names else str(error)
    return InvalidRequestError(text, objections)
