"""X's answers to requests that fail, sorted by what a run does about them.

X speaks in several tongues: problem documents (`type`, `title`, `reason`), v1.1 codes
(`errors[].code`), HTML, or nothing. All of it becomes a set of marks, which `problem_rules` says
the meaning of.
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
"""The hint about refused credentials that nothing more is known about."""

CONNECT: Final = "tap-twitter-accounts connect"

GATEWAY: Final = (
    "The request was refused before it reached X's API: HTTP {status} with an HTML or text page, "
    "as from a firewall such as Cloudflare, a proxy or the login page of a network. Keys and "
    "permissions are not the cause."
)

PARAMETER_NAME: Final = re.compile(r"[a-z][a-z_.]{0,39}")
"""What a parameter of X is called; anything else that stands in its place is not repeated."""


def error_of(response: requests.Response, body: Any, hint: str) -> TapError:
    """What an answer that did not succeed stands for.

    Args:
        response: The answer.
        body: Its JSON, or None.
        hint: What to do about credentials that X refuses.
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
    """The JSON object of an answer that succeeded.

    An answer that claims success must be a JSON object; HTML pages and answers that were cut short
    are faults that a later try may not meet.

    Args:
        response: The answer.
        hint: What to do about credentials that X refuses.
        classify_error: Tells what an answer that is no success stands for.
        tell_flaws: Takes the names of fields whose values could not be read and were replaced.

    Raises:
        UnreadableAnswerError: It holds objects, which X has charged for, and cannot be read.
        TapError: What the answer stands for where it did not succeed.
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
    """What identifies a problem: its type's last part, title, reason, code of v1.1 or OAuth."""
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
    """What an `invalid-request` answer objects to: by the parameter's name, X's words."""
    errors = _list(body.get("errors")) if isinstance(body, dict) else []
    return {
        name: str(error.get("message") or "")
        for error in errors
        if isinstance(error, dict) and isinstance(error.get("parameters"), dict)
        for name in error["parameters"]
    }


def _enrollment(body: Any) -> str:
    """The access that X asks for, as the end of a line; nothing where it does not say."""
    wanted = body.get("required_enrollment") if isinstance(body, dict) else None
    is_known = isinstance(wanted, str) and wanted in ENROLLMENTS
    return f" (X asks for: {wanted})" if is_known else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
