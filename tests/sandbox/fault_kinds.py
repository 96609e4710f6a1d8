"""Everything that can go wrong on demand; bodies as X sends them, where that is known."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from sandbox.x import problems
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
            lookup, or after it, on the way out (served, and billed, all the same).
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
        "refused_with_room": _canned(blank(429)),
        "usage_capped": _canned(problems.usage_capped(_TWITTER)),
        "credits_depleted": _canned(problems.credits_depleted(_TWITTER)),
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
        "spend_cap_reached": _canned(problems.spend_cap_reached(_TWITTER)),
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
        "ads_refused": Kind(
            "instead",
            {"status": 503, "code": "SERVICE_UNAVAILABLE", "message": "", "retry_after": 0},
        ),
        "empty_body": Kind("after"),
        "truncated_json": Kind("after"),
        "connection_reset": Kind("after"),
        "answer_lost": Kind("after"),
        "missing_headers": Kind("after"),
        "absurd_reset": Kind("after", {"reset": "99999999999999"}),
        "drop_ids": Kind("inside", {"ids": []}),
        "empty_page": Kind("inside"),
        "short_page": Kind("inside"),
        "refuse_metrics": Kind("inside", {"ids": []}),
        "delay": Kind("before", {"seconds": 1.0}),
        "time_passes": Kind("before", {"seconds": 3600.0}),
        "kill_page_tokens": Kind("before"),
        "revoke_token": Kind("before"),
    }
)
