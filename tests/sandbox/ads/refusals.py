"""How the Ads API refuses: a list of errors, each with a code in words.

https://docs.x.com/x-ads-api/fundamentals/error-codes-and-responses
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CODES: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "INVALID_PARAMETER",
        401: "UNAUTHORIZED_ACCESS",
        403: "UNAUTHORIZED_CLIENT_APPLICATION",
        404: "NOT_FOUND",
        408: "CANCELLED_REQUEST",
        423: "LOCK_ACQUISITION_TIMEOUT",
        429: "TOO_MANY_REQUESTS",
        500: "INTERNAL_ERROR",
        503: "SERVICE_UNAVAILABLE",
    }
)
_MESSAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "UNAUTHORIZED_ACCESS": "This request is not properly authenticated",
        "UNAUTHORIZED_CLIENT_APPLICATION": "The client application making this request does not "
        "have access to X Ads API",
        "TOO_MANY_REQUESTS": "Too many requests: see rate limit headers",
        "INTERNAL_ERROR": "An internal error occurred",
        "SERVICE_UNAVAILABLE": "Service is temporarily unavailable",
        "OVER_CAPACITY": "Service is over capacity",
        "CURRENT_USER_SUSPENDED": "The current user is suspended",
        "ROUTE_NOT_FOUND": "The requested resource could not be found",
    }
)


@dataclass(frozen=True)
class Fault:
    """One entry of `errors`.

    Attributes:
        code: What is wrong, as a word.
        message: The same in words; that of the code where empty.
        parameter: The parameter at fault; empty where there is none.
        value: What it holds.
    """

    code: str
    message: str = ""
    parameter: str | None = None
    value: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The entry."""
        found: dict[str, Any] = {
            "code": self.code,
            "message": self.message or _MESSAGES.get(self.code, self.code),
        }
        if self.parameter is not None:
            found["parameter"] = self.parameter
        if self.value is not None:
            found |= {"details": self.message, "value": self.value}
        return found


class Refusal(Exception):  # noqa: N818 - what happens, rather than an error
    """Makes the Ads API refuse a request.

    Args:
        status: The HTTP status.
        faults: What is wrong.
        headers: Headers of the answer.
    """

    def __init__(
        self, status: int, faults: Sequence[Fault], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status)
        self.status = status
        self.faults = faults
        self.headers = dict(headers or {})

    def body(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a request with these parameters."""
        return {
            "errors": [fault.as_json() for fault in self.faults],
            "request": {"params": dict(params)},
        }


def refused(status: int, code: str = "", message: str = "") -> Refusal:
    """A refusal for one reason, by default the status's own."""
    return Refusal(status, [Fault(code or CODES[status], message)])


def invalid(parameter: str, message: str, value: str = "") -> Refusal:
    """A refusal of one parameter."""
    return Refusal(400, [Fault("INVALID_PARAMETER", message, parameter, value)])
