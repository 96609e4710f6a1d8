"""X's unsuccessful responses, sorted by what a run does about them.

X uses several formats: problem documents (`type`, `title`, `reason`), v1.1 codes
(`errors[].code`), HTML, or nothing. All of them become a set of marks, whose meaning is in
`error_table`.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.api.error_table import ENROLLMENTS, RULES
from tap_twitter.api.lenient import read_body
from tap_twitter.errors import (
    GatewayError,
    InvalidRequestError,
    TapError,
    TransientError,
    UnreadableAnswerError,
)
from tap_twitter.gateways import is_refused_before_x

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

    Judge = Callable[[requests.Response, Any, str], TapError]


CHECK_AUTH: Final = "check the settings of 'auth'"
"""The default hint about refused credentials."""

CONNECT: Final = "tap-twitter-accounts connect"

GATEWAY: Final = (
    "The request was refused before it reached X's API: HTTP {status} with an HTML or text page, "
    "as from a firewall such as Cloudflare, a proxy or the login page of a network. Keys and "
    "permissions are not the cause."
)

PARAMETER_NAME: Final = re.compile(r"[a-z][a-z_.]{0,39}")
"""The form of X's parameter names; anything else in their place is not repeated."""


def error_of(response: requests.Response, body: Any, hint: str) -> TapError:
    """The error for an unsuccessful response.

    Args:
        response: The response.
        body: Its JSON, or None.
        hint: The fix if X refuses the credentials.
    """
    status, marks = response.status_code, marks_of(body)
    if is_refused_before_x(response):
        return GatewayError(GATEWAY.format(status=status), response)
    rule = next(rule for rule in RULES if rule.fits(status, marks))
    reconnect = hint if CONNECT in hint else f"{hint}, or connect the account again (`{CONNECT}`)"
    text = rule.text.format(hint=hint, reconnect=reconnect, enrollment=_enrollment(body))
    if issubclass(rule.error, TransientError):
        return rule.error(f"{text} (HTTP {status}).", response)
    if rule.error is InvalidRequestError:
        refused = refusals(body)
        names = ", ".join(sorted(filter(PARAMETER_NAME.fullmatch, refused)))
        return InvalidRequestError(f"{text} (HTTP {status}{names and f': {names}'}).", refused)
    return rule.error(f"{text} (HTTP {status}).")


def body_of(
    response: requests.Response,
    hint: str = CHECK_AUTH,
    classify_error: Judge = error_of,
    tell_flaws: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """The JSON object of a successful response.

    It must be a JSON object; HTML pages and incomplete responses are faults that a retry may not
    meet.

    Args:
        response: The response.
        hint: The fix if X refuses the credentials.
        classify_error: Gives the error for an unsuccessful response.
        tell_flaws: Receives the names of fields whose unreadable values were replaced.

    Raises:
        UnreadableAnswerError: It holds objects, which X has charged for, but is not readable.
        TapError: The error for an unsuccessful response.
    """
    body = read_body(response.content)
    if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
        raise classify_error(response, body.value, hint)
    if body.is_paid:
        msg = (
            f"X's response is complete but is not readable JSON (HTTP {response.status_code}). "
            "X has charged for it, so this run does not request it again."
        )
        raise UnreadableAnswerError(msg)
    if not isinstance(body.value, dict):
        message = f"X's response is incomplete or not JSON (HTTP {response.status_code})."
        raise TransientError(message, response)
    if body.flaws:
        tell_flaws(body.flaws_text)
    return body.value


def marks_of(body: Any) -> frozenset[str]:
    """The marks of a problem: its type's last part, title, reason, code of v1.1 or OAuth."""
    if not isinstance(body, dict):
        return frozenset()
    items = [body, *(item for item in _list(body.get("errors")) if isinstance(item, dict))]
    found = [str(item[key]) for item in items for key in ("title", "reason", "code") if key in item]
    found += [problem_type(item) for item in items]
    found += [error for error in [body.get("error")] if isinstance(error, str)]
    return frozenset(mark.lower() for mark in found if mark)


def problem_type(problem: Mapping[str, Any]) -> str:
    """The last part of a problem's type URI; X changed the host in front of it."""
    return str(problem.get("type") or "").rpartition("/")[2]


def refusals(body: Any) -> dict[str, str]:
    """What an `invalid-request` response objects to: X's words by the parameter's name."""
    errors = _list(body.get("errors")) if isinstance(body, dict) else []
    return {
        name: str(error.get("message") or "")
        for error in errors
        if isinstance(error, dict) and isinstance(error.get("parameters"), dict)
        for name in error["parameters"]
    }


def _enrollment(body: Any) -> str:
    """The access that X requires, as the end of a line; empty if it does not say."""
    wanted = body.get("required_enrollment") if isinstance(body, dict) else None
    is_known = isinstance(wanted, str) and wanted in ENROLLMENTS
    return f" (X asks for: {wanted})" if is_known else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
