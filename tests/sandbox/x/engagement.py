"""X's Engagement API: `POST /insights/engagement/totals`, `…/28hr` and `…/historical`.

https://docs.x.com/x-api/enterprise-gnip-2.0/fundamentals/engagement-api, and the reference that was cut
from it: https://developer.x.com/en/docs/x-api/enterprise/engagement-api/api-reference/post-insights-engagement.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response
from starlette.routing import Route

from sandbox import moments
from sandbox.injection import canned, injected
from sandbox.x import authentication, engagement_request
from sandbox.x.engagement_contract import Asked
from sandbox.x.engagement_counts import HOUR, counted, hours, nested, total
from sandbox.x.engagement_request import (
    OWNER_TYPES,
    PUBLIC_TYPES,
    TIMED,
    TIMED_TYPES,
    UNTIMED,
    Asking,
    Refusal,
    Rules,
)
from sandbox.x.problems import JSON, Problem

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.faults import Fault
    from sandbox.state import Sandbox
    from sandbox.tokens import Credential

HOSTS: Final = frozenset({"data-api.x.com", "data-api.twitter.com"})
_OTHER_HOSTS: Final = frozenset({"api.x.com", "api.twitter.com"})
_PATH: Final = "/insights/engagement/"
_OWNER_TOTALS_AGE: Final = timedelta(days=90)
_VIDEO_VIEWS_AGE: Final = timedelta(days=1800)
_LAST_HOURS: Final = 28

Counts = Mapping[tuple[str, str, datetime | None], int]


@dataclass(frozen=True)
class _Endpoint:
    """One endpoint.

    Attributes:
        name: Its last path segment.
        rules: What it takes.
        answer: Gives the members of the answer that are no groupings, and the counts.
        is_public: Whether the app itself may ask.
    """

    name: str
    rules: Rules
    answer: Callable[[Sandbox, Asking], tuple[dict[str, Any], Counts]]
    is_public: bool = False


def routes(sandbox: Sandbox) -> list[Route]:
    """The three endpoints of a sandbox."""
    return [_route(endpoint, sandbox) for endpoint in _ENDPOINTS]


def _route(endpoint: _Endpoint, sandbox: Sandbox) -> Route:
    def handle(request: Request, body: bytes, faults: Sequence[Fault]) -> Response:
        headers: dict[str, str] = {}
        try:
            response = _respond(endpoint, sandbox, request, body, faults, headers)
        except Refusal as refusal:
            response = _gzipped(refusal.body, refusal.status)
        response.headers.update(headers)
        return response

    return Route(_PATH + endpoint.name, injected(sandbox, handle), methods=["POST"])


def _respond(
    endpoint: _Endpoint,
    sandbox: Sandbox,
    request: Request,
    body: bytes,
    faults: Sequence[Fault],
    headers: dict[str, str],
) -> Response:
    """Let the request in, then answer it; `headers` takes those that refusals carry too."""
    if request.headers.get("host") in _OTHER_HOSTS:
        raise Refusal(404, "Not Found")
    if "gzip" not in request.headers.get("accept-encoding", ""):
        raise Refusal(406, "Responses are gzip: send Accept-Encoding: gzip")
    credential = _credential(sandbox, request)
    request.state.credential = credential
    if not sandbox.engagement.allowed:
        raise Refusal(403, "This app is not allowed to use the Engagement API")
    if any(fault.canned and fault.canned.exhausts_window for fault in faults):
        sandbox.engagement.exhaust(request.url.path)
    granted, limits = sandbox.engagement.take(request.url.path)
    headers |= limits
    if response := canned(faults):
        return response
    if not granted:
        raise Refusal(429, "Too many requests")
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Refusal(400, "Content-Type must be application/json")
    asked = engagement_request.read(body, endpoint.rules, sandbox.clock.now())
    answer = _answer(endpoint, sandbox, credential, asked)
    sandbox.engagement.asked.append(Asked(request.url.path, json.loads(body)))
    return _gzipped(answer)


def _credential(sandbox: Sandbox, request: Request) -> Credential:
    reason = "Your account could not be authenticated. Reason: {}"
    try:
        credential = authentication.authenticate(sandbox, request)
    except Problem as problem:
        raise Refusal(problem.status, reason.format("Access token not found")) from None
    if credential.kind == "oauth2":
        raise Refusal(401, reason.format("OAuth 2.0 user tokens are not taken"))
    return credential


def _answer(
    endpoint: _Endpoint, sandbox: Sandbox, credential: Credential, asked: Asking
) -> dict[str, Any]:
    authors = {each: _author(sandbox, each) for each in asked.post_ids}
    is_public = endpoint.is_public and not OWNER_TYPES & set(asked.types)
    if not (is_public and credential.kind == "app_only"):
        _check_owner(sandbox, credential, authors)
    gone = [each for each, author in authors.items() if not _is_seen(sandbox, author)]
    there = [each for each in asked.post_ids if each not in gone]
    rest = Asking(there, asked.types, asked.groupings, asked.span)
    members, counts = endpoint.answer(sandbox, rest)
    if gone:
        members["unavailable_tweet_ids"] = gone
        members["errors"] = [f"{len(gone)} Tweet ID(s) are unavailable"]
    return members | {name: nested(order, counts) for name, order in asked.groupings.items()}


def _check_owner(
    sandbox: Sandbox, credential: Credential, authors: Mapping[str, str | None]
) -> None:
    """Refuse posts that who asks did not write; protected ones are refused even to their owner."""
    foreign = [each for each, author in authors.items() if author not in {None, credential.user_id}]
    if foreign:
        raise Refusal(403, *_foreign(sandbox, {each: authors[each] for each in foreign}))
    if credential.user_id and _is_protected(sandbox, credential.user_id):
        raise Refusal(400, "Tweet ID(s) are unavailable")


def _foreign(sandbox: Sandbox, authors: Mapping[str, str | None]) -> list[str]:
    """The lines that refuse posts of these authors."""
    if not sandbox.engagement.names_foreign:
        return ["Forbidden to access tweets: "]
    by_line: dict[str | None, list[str]] = {}
    for post_id, author in authors.items():
        is_for_each = sandbox.options.foreign_posts == "line_per_author"
        by_line.setdefault(author if is_for_each else None, []).append(post_id)
    return [f"Forbidden to access tweets: {','.join(ids)}" for ids in by_line.values()]


def _is_seen(sandbox: Sandbox, author: str | None) -> bool:
    """Whether a post is there, and public."""
    if author is None:
        return False
    return sandbox.world.status(author) == "found" and not _is_protected(sandbox, author)


def _is_protected(sandbox: Sandbox, author: str) -> bool:
    status = sandbox.world.status(author)
    return status == "protected" or (status == "found" and sandbox.world.is_protected(author))


def _author(sandbox: Sandbox, post_id: str) -> str | None:
    if post_id in sandbox.engagement.withheld:
        return None
    publication = sandbox.world.timelines.find(int(post_id))
    return None if publication is None else publication.author_id


def _totals(sandbox: Sandbox, asked: Asking) -> tuple[dict[str, Any], Counts]:
    now = sandbox.clock.now()
    ages = {each: now - moments.snowflake_time(int(each)) for each in asked.post_ids}
    old = [each for each in asked.post_ids if ages[each] > _OWNER_TOTALS_AGE]
    if old and OWNER_TYPES & set(asked.types):
        text = (
            "Impressions & engagements for tweets older than 90 days "
            f"({','.join(old)}) are not supported"
        )
        more = {"unsupported_for_impressions_engagements_tweet_ids": old}
        raise Refusal(sandbox.engagement.old_posts_status, text, **more)
    very_old = [each for each in asked.post_ids if ages[each] > _VIDEO_VIEWS_AGE]
    counts: dict[tuple[str, str, datetime | None], int] = {
        (each, metric, None): total(each, metric, now)
        for each in asked.post_ids
        for metric in asked.types
    }
    if "video_views" not in asked.types or not very_old:
        return {}, counts
    counts |= {(each, "video_views", None): 0 for each in very_old}
    return {"unsupported_for_video_views_tweet_ids": very_old}, counts


def _historical(sandbox: Sandbox, asked: Asking) -> tuple[dict[str, Any], Counts]:
    assert asked.span
    days = sandbox.engagement.days_kept
    if days is not None and asked.span[0] < sandbox.clock.now() - timedelta(days=days):
        raise Refusal(400, f"start may not be more than {days} days ago")
    return _timed(sandbox, asked, *asked.span)


def _last_hours(sandbox: Sandbox, asked: Asking) -> tuple[dict[str, Any], Counts]:
    now = sandbox.clock.now()
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    start = this_hour - _LAST_HOURS * HOUR
    return _timed(sandbox, asked, start, this_hour if this_hour == now else this_hour + HOUR)


def _timed(
    sandbox: Sandbox, asked: Asking, start: datetime, end: datetime
) -> tuple[dict[str, Any], Counts]:
    now = sandbox.clock.now()
    counts: dict[tuple[str, str, datetime | None], int] = {
        (each, metric, hour): counted(each, metric, hour, now)
        for each in asked.post_ids
        for metric in asked.types
        for hour in hours(start, end)
    }
    echo = {name: f"{at:%Y-%m-%dT%H:%M:%SZ}" for name, at in (("start", start), ("end", end))}
    return dict(echo), counts


def _gzipped(body: Mapping[str, Any], status: int = 200) -> Response:
    content = gzip.compress(json.dumps(body).encode(), compresslevel=1, mtime=0)
    return Response(content, status, {"content-encoding": "gzip"}, media_type=JSON)


_ENDPOINTS: Final = (
    _Endpoint("totals", Rules(250, PUBLIC_TYPES | OWNER_TYPES, UNTIMED), _totals, is_public=True),
    _Endpoint("28hr", Rules(25, TIMED_TYPES, TIMED), _last_hours),
    _Endpoint("historical", Rules(25, TIMED_TYPES, TIMED, takes_span=True), _historical),
)
