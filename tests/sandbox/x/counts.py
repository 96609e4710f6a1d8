"""How many posts a search would find: `/2/tweets/counts/recent`.

https://docs.x.com/x-api/posts/counts/introduction. All seven days come in one answer, and X charges the
request rather than what it counts.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sandbox import moments
from sandbox.pace import DAY_MS
from sandbox.x.bill import Resource
from sandbox.x.bounds import BOUNDS
from sandbox.x.endpoint import APP_ONLY, Answer, Call, Endpoint
from sandbox.x.limits import Allowance
from sandbox.x.paging import refuse_token
from sandbox.x.scalars import Choice, Single
from sandbox.x.search import QUERY, matching
from sandbox.x.search_window import window

if TYPE_CHECKING:
    from collections.abc import Mapping

_SPANS: Final[Mapping[str, int]] = {"minute": 60_000, "hour": 3_600_000, "day": DAY_MS}
_FIELDS: Final = ("end", "start", "tweet_count")


def _counts(call: Call) -> Answer:
    for name in ("next_token", "pagination_token"):
        if call.single(name):
            raise refuse_token(call, name)
    first, end = window(call)
    edges = _edges(
        moments.snowflake_ms(first),
        moments.snowflake_ms(end),
        _SPANS[call.single("granularity") or "hour"],
    )
    counts = [0] * (len(edges) - 1)
    newest = call.sandbox.world.timelines.newest
    for post in matching(call, first, end):
        counts[bisect_right(edges, moments.snowflake_ms(newest(post))) - 1] += 1
    asked = {call.vocabulary.inner(name) for name in call.query["search_count.fields"]}
    data = [
        {name: bucket[name] for name in _FIELDS if not asked or name in asked}
        for bucket in map(_bucket, edges, edges[1:], counts)
    ]
    body = {"data": data, "meta": {"total_tweet_count": sum(counts)}}
    return Answer(body, [Resource("CountsRequest", str(call.sandbox.bill.total.requests))])


def _edges(start_ms: int, end_ms: int, span_ms: int) -> list[int]:
    """Where buckets begin and end: the first and the last may be parts of whole ones."""
    inner = range((start_ms // span_ms + 1) * span_ms, end_ms, span_ms)
    return [start_ms, *inner, max(end_ms, start_ms + 1)]


def _bucket(start_ms: int, end_ms: int, count: int) -> dict[str, Any]:
    start, end = (
        moments.stamp(datetime.fromtimestamp(ms / 1000, UTC)) for ms in (start_ms, end_ms)
    )
    return {"start": start, "end": end, "tweet_count": count}


ENDPOINTS: Final = (
    Endpoint(
        "/2/tweets/counts/recent",
        fields=("search_count",),
        # X's pages name no limit for users, whom its later spec admits
        allowance=Allowance(app=300, user=300),
        kinds=APP_ONLY,
        later_kinds=frozenset({"oauth2"}),
        scopes=frozenset(),
        parameters=(
            QUERY,
            Single("next_token"),
            Single("pagination_token"),
            Choice("granularity", choices=tuple(_SPANS)),
            *BOUNDS,
        ),
        answer=_counts,
    ),
)
