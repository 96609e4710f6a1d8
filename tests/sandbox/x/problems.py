"""X's error bodies: whole-request problems, v1.1 code lists and partial errors.

Texts are X's own, word for word, where they are known (https://docs.x.com/x-api/fundamentals/response-codes-and-errors).
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.tokens import CredentialKind

JSON: Final = "application/json; charset=utf-8"
PROBLEM_JSON: Final = "application/problem+json"

CODES: Final[Mapping[int, str]] = {
    32: "Could not authenticate you.",
    34: "Sorry, that page does not exist.",
    64: "Your account is suspended and is not permitted to access this feature.",
    88: "Rate limit exceeded",
    89: "Invalid or expired token.",
    93: "This application is not allowed to access or delete your direct messages.",
    99: "Unable to verify your credentials",
    135: "Timestamp out of bounds.",
    415: "Callback URL not approved for this client application. Approved callback URLs can be "
    "adjusted in your application settings",
    417: "Desktop applications only support the oauth_callback value 'oob'",
}


_AUTHENTICATION: Final[Mapping[CredentialKind, str]] = {
    "oauth1": "OAuth 1.0a User Context",
    "app_only": "OAuth 2.0 Application-Only",
    "oauth2": "OAuth 2.0 User Context",
}


class Problem(Exception):  # noqa: N818 - X's own term
    """A refusal of the whole request; raised anywhere, answered in one place.

    Args:
        status: HTTP status.
        body: JSON body.
    """

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


def blank(status: int, detail: str | None = None) -> Problem:
    """A problem of the type `about:blank`, which says no more than its status."""
    title = HTTPStatus(status).phrase
    body = {"title": title, "type": "about:blank", "status": status, "detail": detail or title}
    return Problem(status, body)


def coded(status: int, code: int, **extra: str) -> Problem:
    """A body in the shape of API v1.1: a list of numbered errors."""
    return Problem(status, {"errors": [{"code": code, **extra, "message": CODES[code]}]})


def invalid_request(
    base: str, complaints: Iterable[tuple[Mapping[str, list[str]], str]]
) -> Problem:
    """A refusal of parameters.

    Args:
        base: Start of problem types.
        complaints: For each parameter at fault, its name and values, and what is wrong.
    """
    body = {
        "errors": [{"parameters": dict(names), "message": text} for names, text in complaints],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{base}invalid-request",
    }
    return Problem(400, body)


def unsupported_authentication(
    base: str, shown: CredentialKind, taken: frozenset[CredentialKind]
) -> Problem:
    """The refusal of a kind of token that an endpoint does not take.

    Args:
        base: Start of problem types.
        shown: The kind that came.
        taken: Those that would do.
    """
    names = ", ".join(name for kind, name in _AUTHENTICATION.items() if kind in taken)
    detail = (
        f"Authenticating with {_AUTHENTICATION[shown]} is forbidden for this endpoint.  Supported "
        f"authentication types are [{names}]."
    )
    body = {
        "title": "Unsupported Authentication",
        "detail": detail,
        "type": f"{base}unsupported-authentication",
        "status": 403,
    }
    return Problem(403, body)


def usage_capped(base: str) -> Problem:
    """The refusal of more Posts than a month's cap."""
    body = {
        "account_id": 1,
        "product_name": "standard-basic",
        "title": "UsageCapExceeded",
        "period": "Monthly",
        "scope": "Product",
        "detail": "Usage cap exceeded: Monthly product cap",
        "type": f"{base}usage-capped",
    }
    return Problem(429, body)


def credits_depleted(base: str) -> Problem:
    """The refusal of an account without credits."""
    body = {
        "account_id": 1,
        "title": "CreditsDepleted",
        "detail": "Your enrolled account [1] does not have any credits to fulfill this request.",
        "type": f"{base}credits",
    }
    return Problem(402, body)


def spend_cap_reached(base: str) -> Problem:
    """The refusal of more than an account's own spending limit; of its body X tells the title alone."""
    body = {
        "account_id": 1,
        "title": "SpendCapReached",
        "detail": "Your enrolled account [1] has reached its billing cycle spend cap.",
        "type": f"{base}credits",
    }
    return Problem(403, body)


@dataclass(frozen=True)
class _Partial:
    title: str
    type: str
    detail: str


_PARTIAL: Final = {
    "not_found": _Partial(
        "Not Found Error",
        "resource-not-found",
        "Could not find {kind} with {parameter}: [{value}].",
    ),
    "suspended": _Partial("Forbidden", "resource-not-found", "User has been suspended: [{value}]."),
    "protected": _Partial(
        "Authorization Error",
        "not-authorized-for-resource",
        "Sorry, you are not authorized to see the {label} with {parameter}: [{value}].",
    ),
}

_LABELS: Final = {"tweet": "Tweet"}
_FIELD_OWNERS: Final = {
    "post": ("Tweet", "ids", "tweet"),
    "media": ("Media", "media_keys", "media"),
}


def partial(
    base: str, status: str, *, kind: str, parameter: str, value: str, section: str
) -> dict[str, str]:
    """One entry of a successful answer's `errors`: why a resource is missing.

    Args:
        base: Start of problem types.
        status: `not_found`, `suspended` or `protected`.
        kind: Resource type, such as `user` or `tweet`.
        parameter: The parameter or field that named the resource.
        value: What it was named by.
        section: Part of the answer that lacks it: `data` or `includes`.
    """
    shape = _PARTIAL[status]
    error = {
        "value": value,
        "detail": shape.detail.format(
            kind=kind,
            label=_LABELS.get(kind, kind),
            parameter=parameter,
            value=value,
        ),
        "title": shape.title,
        "resource_type": kind,
        "parameter": parameter,
        "resource_id": value,
        "type": f"{base}{shape.type}",
    }
    return error | {"section": section} if status == "protected" else error


def field_refused(base: str, *, kind: str, value: str, field: str, section: str) -> dict[str, str]:
    """One entry of a successful answer's `errors`: why a number of an object is missing.

    Args:
        base: Start of problem types.
        kind: `post` or `media`.
        value: The object's id or key.
        field: The number, such as `organic_metrics.like_count`.
        section: Part of the answer that the object is in.
    """
    label, parameter, resource = _FIELD_OWNERS[kind]
    return {
        "value": value,
        "detail": f"Sorry, you are not authorized to access '{field}' on the {label} with "
        f"{parameter} : [{value}].",
        "title": "Field Authorization Error",
        "resource_type": resource,
        "parameter": parameter,
        "resource_id": value,
        "field": field,
        "section": section,
        "type": f"{base}not-authorized-for-field",
    }
