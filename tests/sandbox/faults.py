"""Faults on demand: what can go wrong between a client and X, and when it shall.

`KINDS` is the whole list. A fault waits for requests that match it and strikes a number of them.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from sandbox.x.problems import JSON, Problem, blank, coded

if TYPE_CHECKING:
    from collections.abc import Mapping

Stage = Literal["before", "instead", "inside", "after"]


@dataclass(frozen=True)
class Canned:
    """An answer given in place of the real one; nothing is looked up and nothing billed."""

    status: int
    body: bytes
    content_type: str = JSON
    exhausts_window: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of fault.

    Attributes:
        stage: When it strikes: before the request is looked at, instead of the answer, inside the
            lookup, or after it, on the way out.
        takes: Names of its arguments, with defaults.
        canned: The answer given instead.
    """

    stage: Stage
    takes: Mapping[str, Any] = field(default_factory=dict)
    canned: Canned | None = None


def _canned(problem: Problem, *, exhausts_window: bool = False) -> Kind:
    body = json.dumps(problem.body).encode()
    return Kind("instead", canned=Canned(problem.status, body, exhausts_window=exhausts_window))


_TWITTER: Final = "https://api.twitter.com/2/problems/"

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "rate_limited": _canned(blank(429), exhausts_window=True),
        "rate_limited_code_88": _canned(coded(429, 88), exhausts_window=True),
        "usage_capped": _canned(
            Problem(
                429,
                {
                    "account_id": 1,
                    "product_name": "standard-basic",
                    "title": "UsageCapExceeded",
                    "period": "Monthly",
                    "scope": "Product",
                    "detail": "Usage cap exceeded: Monthly product cap",
                    "type": f"{_TWITTER}usage-capped",
                },
            )
        ),
        "credits_depleted": _canned(
            Problem(
                402,
                {
                    "account_id": 1,
                    "title": "CreditsDepleted",
                    "detail": "Your enrolled account [1] does not have any credits to fulfill this "
                    "request.",
                    "type": f"{_TWITTER}credits",
                },
            )
        ),
        "payment_required": _canned(
            Problem(
                402,
                {
                    "title": "Payment Required",
                    "detail": "credits depleted",
                    "status": 402,
                    "type": "https://api.x.com/2/problems/credits-depleted",
                },
            )
        ),
        "client_not_enrolled": _canned(
            Problem(
                403,
                {
                    "client_id": "1",
                    "required_enrollment": "Appropriate Level of API Access",
                    "registration_url": "https://developer.twitter.com/en/docs/projects/overview",
                    "title": "Client Forbidden",
                    "detail": "When authenticating requests to the Twitter API v2 endpoints, you "
                    "must use keys and tokens from a Twitter developer App that is attached to a "
                    "Project.",
                    "reason": "client-not-enrolled",
                    "type": f"{_TWITTER}client-forbidden",
                },
            )
        ),
        "spend_cap_reached": _canned(
            Problem(
                403,
                {
                    "account_id": 1,
                    "title": "SpendCapReached",
                    "detail": "Your enrolled account [1] has reached its billing cycle spend cap.",
                    "type": f"{_TWITTER}credits",
                },
            )
        ),
        "forbidden": _canned(blank(403)),
        "unauthorized": _canned(blank(401)),
        "invalid_token": _canned(coded(401, 89)),
        "internal_error": _canned(blank(500)),
        "bad_gateway": _canned(blank(502)),
        "service_unavailable": _canned(blank(503)),
        "gateway_timeout": _canned(blank(504)),
        "html": Kind(
            "instead",
            canned=Canned(
                503, b"<!DOCTYPE html><title>Over capacity</title>", "text/html; charset=utf-8"
            ),
        ),
        "empty_error": Kind("instead", canned=Canned(503, b"")),
        "html_success": Kind(
            "instead", canned=Canned(200, b"<!DOCTYPE html><title>Hi</title>", "text/html")
        ),
        "empty_body": Kind("after"),
        "truncated_json": Kind("after"),
        "connection_reset": Kind("after"),
        "missing_headers": Kind("after"),
        "absurd_reset": Kind("after", {"reset": "99999999999999"}),
        "drop_ids": Kind("inside", {"ids": []}),
        "delay": Kind("before", {"seconds": 1.0}),
        "revoke_token": Kind("before"),
    }
)


@dataclass
class Fault:
    """A fault that waits.

    Attributes:
        kind: A key of `KINDS`.
        path: Path of the requests that it strikes, with `*` for anything.
        nth: The first of the matching requests that it strikes, from 1.
        count: How many requests in a row it strikes; None for all from then on.
        arguments: What the kind takes.
        seen: Matching requests so far.
    """

    kind: str
    path: str = "*"
    nth: int = 1
    count: int | None = 1
    arguments: dict[str, Any] = field(default_factory=dict)
    seen: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            msg = f"There is no fault {self.kind}; there are {', '.join(KINDS)}"
            raise ValueError(msg)
        takes = KINDS[self.kind].takes
        if unknown := set(self.arguments) - set(takes):
            msg = f"The fault {self.kind} takes {sorted(takes)}, not {sorted(unknown)}"
            raise ValueError(msg)
        self.arguments = {**takes, **self.arguments}

    @property
    def stage(self) -> Stage:
        """When it strikes."""
        return KINDS[self.kind].stage

    @property
    def canned(self) -> Canned | None:
        """The answer given in place of the real one."""
        return KINDS[self.kind].canned

    def strikes(self, path: str) -> bool:
        """Whether it strikes this request; counts the request if it matches."""
        if not fnmatchcase(path, self.path):
            return False
        self.seen += 1
        last = None if self.count is None else self.nth + self.count
        return self.seen >= self.nth and (last is None or self.seen < last)


class Faults:
    """The faults that wait, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(
        self, kind: str, *, path: str = "*", nth: int = 1, count: int | None = 1, **arguments: Any
    ) -> Fault:
        """Ask for a fault; see `Fault` for the arguments.

        Raises:
            ValueError: If there is no such kind, or it takes no such argument.
        """
        fault = Fault(kind, path, nth, count, arguments)
        self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        """Take back every fault."""
        self._waiting.clear()

    def strike(self, path: str) -> list[Fault]:
        """The faults that strike this request."""
        return [fault for fault in self._waiting if fault.strikes(path)]

    def as_json(self) -> list[dict[str, Any]]:
        """The faults that wait or struck, as `GET /sandbox/faults` shows them."""
        return [asdict(fault) for fault in self._waiting]
