"""X's answers to requests that fail, sorted by what a run does about them.

X speaks in several tongues: problem documents (`type`, `title`, `reason`), v1.1 codes
(`errors[].code`), HTML, or nothing. All of it becomes a set of marks, and the first rule of `RULES`
that fits names the error and the mend.

Source: https://docs.x.com/x-api/fundamentals/response-codes-and-errors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tap_twitter.errors import (
    AccessError,
    AuthError,
    CapError,
    InvalidRequestError,
    RateLimitError,
    TapError,
    TransientError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

    Judge = Callable[[requests.Response, Any, str], TapError]


@dataclass(frozen=True, slots=True)
class Rule:
    """If an answer has this status and one of these marks (none: any), this is what it means."""

    status: range
    marks: frozenset[str]
    error: type[TapError]
    text: str

    def fits(self, status: int, marks: frozenset[str]) -> bool:
        """Whether the rule is about an answer of this status and with these marks."""
        return status in self.status and (not self.marks or bool(self.marks & marks))


def _rule(status: int | range, marks: str, error: type[TapError], text: str) -> Rule:
    statuses = range(status, status + 1) if isinstance(status, int) else status
    return Rule(statuses, frozenset(marks.split()), error, text)


CHECK_AUTH: Final = "check the settings of 'auth'"
"""The mend of refused credentials that nothing more is known about."""

CLIENT_ERRORS: Final = range(400, 500)
SERVER_ERRORS: Final = range(500, 1000)

RULES: Final = (
    _rule(
        CLIENT_ERRORS,
        "usage-capped usagecapexceeded",
        CapError,
        "the monthly cap of this X account is used up; the next run goes on after the billing "
        "cycle has turned, or raise the cap in the developer console",
    ),
    _rule(
        CLIENT_ERRORS,
        "spendcapreached",
        CapError,
        "the spending limit of this X account is reached; raise it in the developer console",
    ),
    _rule(
        CLIENT_ERRORS,
        "credits credits-depleted creditsdepleted",
        CapError,
        "the credits of this X account are used up; buy credits in the developer console",
    ),
    _rule(402, "", CapError, "X asks for payment; buy credits in the developer console"),
    _rule(CLIENT_ERRORS, "88", RateLimitError, "a rate limit is used up"),
    _rule(429, "", RateLimitError, "a rate limit is used up"),
    _rule(
        CLIENT_ERRORS,
        "89",
        AuthError,
        "the token is invalid or was revoked; {mend}",
    ),
    _rule(
        CLIENT_ERRORS,
        "135",
        AuthError,
        "X refuses the time of the request; set this machine's clock",
    ),
    _rule(
        CLIENT_ERRORS,
        "client-not-enrolled",
        AccessError,
        "the X app may not use this endpoint; attach it to a project with access to API v2 in the "
        "developer console",
    ),
    _rule(
        CLIENT_ERRORS,
        "453",
        AccessError,
        "the access level of the X app does not include this endpoint; ask X for a higher one",
    ),
    _rule(
        CLIENT_ERRORS,
        "unsupported-authentication",
        AccessError,
        "X does not allow this endpoint with these credentials; set the four OAuth 1.0a settings "
        "of 'auth'",
    ),
    _rule(
        CLIENT_ERRORS,
        "64 326",
        AccessError,
        "X has locked or suspended the account; sign in at x.com and follow what it says",
    ),
    _rule(
        CLIENT_ERRORS,
        "32 99 215",
        AuthError,
        "X does not know these credentials; {mend}",
    ),
    _rule(401, "", AuthError, "X does not accept the credentials; {mend}"),
    _rule(
        403,
        "",
        AccessError,
        "X does not allow this request; check what the X app may do in the developer console",
    ),
    _rule(
        404, "", TapError, "X has no such endpoint; check the addresses in the settings of 'api'"
    ),
    _rule(
        CLIENT_ERRORS,
        "",
        InvalidRequestError,
        "X calls the request invalid; if the settings of 'api' are right, please report it",
    ),
    _rule(SERVER_ERRORS, "", TransientError, "X has a fault"),
)


PARAMETER_NAME: Final = re.compile(r"[a-z][a-z_.]{0,39}")
"""What a parameter of X is called; anything else that stands in its place is not repeated."""

_decode: Final = msgspec.json.Decoder().decode


def error_of(response: requests.Response, body: Any, mend: str) -> TapError:
    """What an answer that did not succeed stands for.

    Args:
        response: The answer.
        body: Its JSON, or None.
        mend: What to do about credentials that X refuses.
    """
    status, marks = response.status_code, marks_of(body)
    rule = next(rule for rule in RULES if rule.fits(status, marks))
    text = rule.text.format(mend=mend)
    if issubclass(rule.error, TransientError):
        return rule.error(f"{text} (HTTP {status}).", response)
    if rule.error is InvalidRequestError:
        refused = refusals(body)
        names = ", ".join(sorted(filter(PARAMETER_NAME.fullmatch, refused)))
        return InvalidRequestError(f"{text} (HTTP {status}{names and f': {names}'}).", refused)
    return rule.error(f"{text} (HTTP {status}).")


def body_of(
    response: requests.Response, mend: str = CHECK_AUTH, judge: Judge = error_of
) -> dict[str, Any]:
    """The JSON object of an answer that succeeded.

    An answer that claims success must be a JSON object; HTML pages and answers that were cut short
    are faults that a later try may not meet.

    Args:
        response: The answer.
        mend: What to do about credentials that X refuses.
        judge: Tells what an answer that is no success stands for.

    Raises:
        TapError: What the answer stands for where it did not succeed.
    """
    body = _decoded(response)
    if not response.ok:
        raise judge(response, body, mend)
    if not isinstance(body, dict):
        message = f"X's answer is incomplete or no JSON (HTTP {response.status_code})."
        raise TransientError(message, response)
    return body


def _decoded(response: requests.Response) -> Any:
    """The answer's JSON, or None where it is not JSON."""
    try:
        return _decode(response.content)
    except ValueError:
        return None


def marks_of(body: Any) -> frozenset[str]:
    """What identifies a problem: the last part of its type, its title and reason, v1.1 codes."""
    if not isinstance(body, dict):
        return frozenset()
    items = [body, *(item for item in _list(body.get("errors")) if isinstance(item, dict))]
    found = [str(item[key]) for item in items for key in ("title", "reason", "code") if key in item]
    found += [problem_type(item) for item in items]
    return frozenset(mark.lower() for mark in found if mark)


def problem_type(problem: Mapping[str, Any]) -> str:
    """The last part of a problem's type URI; X changed the host in front of it."""
    return str(problem.get("type") or "").rpartition("/")[2]


def refusals(body: Any) -> dict[str, str]:
    """What an `invalid-request` answer objects to: by the parameter's name, X's words."""
    errors = _list(body.get("errors")) if isinstance(body, dict) else []
    return {
        name: str(error.get("message") or "")
        for error in errors
        if isinstance(error, dict) and isinstance(error.get("parameters"), dict)
        for name in error["parameters"]
    }


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
