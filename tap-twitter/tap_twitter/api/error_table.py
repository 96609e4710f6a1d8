"""The table of X's errors: the first rule that matches gives the error and the fix.

Narrow rules precede wide ones. In the texts, `{hint}` is the fix for refused credentials,
`{reconnect}` the same with the command that makes new ones, and `{enrollment}` the access that X
requires.

Source: https://docs.x.com/x-api/fundamentals/response-codes-and-errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tap_twitter.api.limit_table import CAPS
from tap_twitter.errors import (
    AccessError,
    AccountError,
    AppAccessError,
    AuthError,
    CapError,
    CreditsError,
    InvalidRequestError,
    NoEndpointError,
    RateLimitError,
    RedirectedError,
    TapError,
    TransientError,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """If a response has this status and one of these marks (none: any), this is what it means."""

    status: range
    marks: frozenset[str]
    error: type[TapError]
    text: str

    def fits(self, status: int, marks: frozenset[str]) -> bool:
        """Whether the rule matches a response of this status and with these marks."""
        return status in self.status and (not self.marks or bool(self.marks & marks))


def _rule(status: int | range, marks: str, error: type[TapError], text: str) -> Rule:
    statuses = range(status, status + 1) if isinstance(status, int) else status
    return Rule(statuses, frozenset(marks.split()), error, text)


REDIRECTS: Final = range(300, 400)
CLIENT_ERRORS: Final = range(400, 500)
SERVER_ERRORS: Final = range(500, 1000)

APP_PERMISSION: Final = (
    "give it the permission 'Read and write and Direct message' in the developer console; older "
    "tokens lack it, so {reconnect}"
)

RULES: Final = (
    *(
        _rule(CLIENT_ERRORS, cap.marks, CreditsError if cap.is_money else CapError, cap.text)
        for cap in CAPS
    ),
    _rule(
        REDIRECTS,
        "",
        RedirectedError,
        "the address redirects, as behind a network's login page, and credentials are not sent to "
        "other addresses; check the network and the addresses in the settings of 'api'",
    ),
    _rule(402, "", CreditsError, "X asks for payment; buy credits in the developer console"),
    _rule(CLIENT_ERRORS, "88 rate-limit-exceeded", RateLimitError, "a rate limit is used up"),
    _rule(429, "", RateLimitError, "a rate limit is used up"),
    _rule(
        CLIENT_ERRORS,
        "89",
        AuthError,
        "the token is invalid, has expired or was revoked; {reconnect}",
    ),
    _rule(
        CLIENT_ERRORS,
        "135",
        AuthError,
        "X rejects the time of the request; set this machine's clock",
    ),
    _rule(
        CLIENT_ERRORS,
        "client-not-enrolled",
        AppAccessError,
        "the X app may not use this endpoint; attach it to a project with access to API v2 in the "
        "developer console{enrollment}",
    ),
    _rule(
        CLIENT_ERRORS,
        "453",
        AppAccessError,
        "the access level of the X app does not include this endpoint; request a higher one in "
        "the developer console",
    ),
    _rule(
        CLIENT_ERRORS,
        "unsupported-authentication",
        AppAccessError,
        "X does not allow this endpoint with these credentials; set the four OAuth 1.0a settings "
        "of 'auth', or connect the account (`tap-twitter-accounts connect`)",
    ),
    _rule(
        CLIENT_ERRORS,
        "93",
        AccessError,
        f"the X app may not read Direct Messages; {APP_PERMISSION}",
    ),
    _rule(
        CLIENT_ERRORS,
        "220 261",
        AccessError,
        f"the X app or this token lacks a permission; {APP_PERMISSION}",
    ),
    _rule(
        CLIENT_ERRORS,
        "64 326",
        AccessError,
        "X has locked or suspended the account; sign in at x.com and follow the instructions",
    ),
    _rule(
        CLIENT_ERRORS,
        "416",
        AppAccessError,
        "X has suspended the app; see the developer console",
    ),
    _rule(
        CLIENT_ERRORS,
        "415 417",
        AppAccessError,
        "X does not know the callback address; register it with the app in the developer console",
    ),
    _rule(
        CLIENT_ERRORS,
        "32 99 215 invalid_client unauthorized_client",
        AuthError,
        "X does not know these credentials; {hint}",
    ),
    _rule(
        CLIENT_ERRORS,
        "50 resource-not-found",
        AccountError,
        "X knows no such account; correct it in 'accounts', or remove it",
    ),
    _rule(
        CLIENT_ERRORS,
        "63",
        AccountError,
        "X has suspended the user; remove the account from 'accounts' while that lasts",
    ),
    _rule(
        CLIENT_ERRORS,
        "179 not-authorized-for-resource",
        AccessError,
        "X shows this only to accounts that its author has approved; connect such an account "
        "(`tap-twitter-accounts connect`)",
    ),
    _rule(CLIENT_ERRORS, "144", TapError, "X has no such post (anymore)"),
    _rule(
        CLIENT_ERRORS,
        "251",
        TapError,
        "X has retired this endpoint; check whether a newer version of the tap uses another",
    ),
    _rule(401, "", AuthError, "X does not accept the credentials; {hint}"),
    _rule(
        403,
        "",
        AccessError,
        "X does not allow this request with these credentials; check the permissions of the X app "
        "in the developer console and what the account has granted it; if a permission or scope "
        "was missing, connect the account again (`tap-twitter-accounts connect`)",
    ),
    _rule(
        404,
        "",
        NoEndpointError,
        "X has no such endpoint; check the addresses in the settings of 'api'",
    ),
    _rule(CLIENT_ERRORS, "internal-error 130 131", TransientError, "X had an internal error"),
    *(_rule(status, "", TransientError, "X could not answer in time") for status in (408, 423)),
    _rule(
        CLIENT_ERRORS,
        "",
        InvalidRequestError,
        "X says that the request is invalid; if the settings of 'api' are right, please report it",
    ),
    _rule(SERVER_ERRORS, "", TransientError, "X had an internal error"),
)
"""By marks: the last parts of problem types, titles and reasons of API v2, codes of v1.1, and
those of OAuth 2.0 (RFC 6749, section 5.2, which lets servers say `invalid_client` with 400, too).

The source that the Ads API's 408 and 423 are temporary:
https://docs.x.com/x-ads-api/fundamentals/error-codes-and-responses.
"""

ENROLLMENTS: Final = frozenset({"Appropriate Level of API Access", "Standard Basic"})
"""Values that X was seen to require. Only these are repeated in messages: any other text might
reveal something about the app."""
