"""Analytics of posts: `GET /2/tweets/analytics` (https://docs.x.com/x-api/posts/get-post-analytics).

Only the author of a post is given any; how X says so to others is unconfirmed, as is how long a
request may be. Pages of prices do not list it: an object costs what a post does here.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from sandbox import moments
from sandbox.ads.metrics import Subject, Tally
from sandbox.ads.zones import Calendar
from sandbox.x.bounds import POST_ID
from sandbox.x.endpoint import Answer, Call, Endpoint
from sandbox.x.envelope import Envelope, asked, post_status
from sandbox.x.limits import Allowance
from sandbox.x.parameters import Parameter
from sandbox.x.problems import invalid_request
from sandbox.x.scalars import Choice, Moment, moment_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sandbox import Sandbox

_FINAL_AFTER_HOURS: Final = 24
_UTC: Final = Calendar(ZoneInfo("UTC"))
_HOURS: Final[Mapping[str, int | None]] = {"hourly": 1, "daily": 24, "weekly": 168, "total": None}
_SAME: Final = (
    "engagements", "follows", "impressions", "likes", "replies", "retweets", "unfollows",
    "url_clicks",
)  # fmt: skip
METRICS: Final = (
    "app_install_attempts", "app_opens", "bookmarks", "detail_expands", "email_tweet",
    "engagements", "follows", "hashtag_clicks", "impressions", "likes", "media_views",
    "permalink_clicks", "quote_tweets", "replies", "retweets", "shares", "unfollows", "unlikes",
    "url_clicks", "user_profile_clicks",
)  # fmt: skip


def daily(sandbox: Sandbox, post_id: int, day: date) -> dict[str, int]:
    """What a post has earned on a day in UTC, by metric."""
    return _metrics(_tally(sandbox).daily(_subject(post_id), day))


def _analytics(call: Call) -> Answer:
    envelope, world = Envelope(call), call.sandbox.world
    edges = _edges(call)
    wanted = {call.vocabulary.inner(name) for name in call.query["analytics.fields"]}
    for post_id in asked(call, "ids"):
        status, publication = post_status(call, post_id), world.timelines.find(int(post_id))
        if publication is not None and publication.author_id != call.credential.user_id:
            status = "protected"
        if status != "found":
            envelope.miss(status, "data", kind="tweet", parameter="ids", value=post_id)
            continue
        buckets = [
            {
                "timestamp": moments.stamp(start),
                "metrics": {
                    name: count
                    for name, count in _bucket(call, int(post_id), start, end).items()
                    if not wanted or name in wanted
                },
            }
            for start, end in pairwise(edges)
        ]
        envelope.data.append({"id": post_id, "timestamped_metrics": buckets})
    envelope.shuffle()
    return envelope.answer("Post")


def _edges(call: Call) -> Sequence[datetime]:
    """Where buckets begin and end, in UTC.

    Raises:
        Problem: 400, if the time ends before it begins.
    """
    start, end = (moment_of(call.single(name) or "") for name in ("start_time", "end_time"))
    assert start is not None
    assert end is not None
    if start >= end:
        text = f"'end_time' [{moments.stamp(end)}] must be after 'start_time'"
        complaint = ({"end_time": [moments.stamp(end)]}, text)
        raise invalid_request(call.sandbox.options.problem_base, [complaint])
    hours = _HOURS[call.single("granularity") or "total"]
    if hours is None:
        return [start, end]
    edges = [start.replace(minute=0, second=0, microsecond=0)]
    if hours > 1:
        edges = [edges[0].replace(hour=0)]
    while edges[-1] < end:
        edges.append(edges[-1] + timedelta(hours=hours))
    return edges


def _bucket(call: Call, post_id: int, start: datetime, end: datetime) -> dict[str, int]:
    sandbox, subject, total = call.sandbox, _subject(post_id), dict.fromkeys(METRICS, 0)
    is_days = start.hour == 0 and (end - start) % timedelta(days=1) == timedelta()
    step = timedelta(days=1) if is_days else timedelta(hours=1)
    while start < end:
        hour = {} if is_days else _metrics(_tally(sandbox).hourly(subject, start))
        for name, count in (hour or daily(sandbox, post_id, start.date())).items():
            total[name] += count
        start += step
    return total


def _metrics(counts: Mapping[str, int]) -> dict[str, int]:
    """All metrics, from those that the Ads API has, too; quotes are among its reposts."""
    found = {name: counts.get(name, 0) for name in _SAME}
    derived: dict[str, Any] = {
        "user_profile_clicks": counts.get("clicks", 0) // 3,
        "detail_expands": counts.get("impressions", 0) // 20,
        "bookmarks": counts.get("likes", 0) // 10,
    }
    return {name: (found | derived).get(name, 0) for name in METRICS}


def _tally(sandbox: Sandbox) -> Tally:
    now = sandbox.clock.now().astimezone(UTC)
    return Tally(sandbox.world.seed, _UTC, now, _FINAL_AFTER_HOURS)


def _subject(post_id: int) -> Subject:
    return Subject(str(post_id), moments.snowflake_time(post_id), has_link=True)


ENDPOINTS: Final = (
    Endpoint(
        "/2/tweets/analytics",
        fields=("analytics",),
        allowance=Allowance(app=300, user=300),
        kinds=frozenset({"oauth1", "oauth2"}),
        parameters=(
            Parameter("ids", pattern=POST_ID, required=True),
            Moment("start_time", required=True),
            Moment("end_time", required=True),
            Choice("granularity", choices=tuple(_HOURS)),
        ),
        answer=_analytics,
    ),
)
