"""Counters of a post: they grow for thirty days, each version's for itself."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

from sandbox import moments

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.posts import Target

_DAYS_OF_GROWTH: Final = 30
_DAILY: Final = {
    "retweet_count": 0.2,
    "reply_count": 0.1,
    "like_count": 1.0,
    "quote_count": 0.02,
    "bookmark_count": 0.05,
    "impression_count": 20.0,
}
_CLICKS: Final = {"url_link_clicks": 0.4, "user_profile_clicks": 0.2}


def metrics(
    post_id: int, seed: int, until: datetime, target: Target | None, *, has_link: bool
) -> dict[str, Any]:
    """The public and private metrics of a post.

    A repost counts nothing itself but shows its original's `retweet_count`, as X's do.

    Args:
        post_id: Of the version.
        seed: The world's.
        until: When they are looked at, or the version was replaced.
        target: What the post repeats, answers or quotes.
        has_link: Whether it has a link: without one X counts no clicks on links.
    """
    if target is not None and target.kind == "retweeted":
        shown = (target.post or {}).get("public_metrics", {})
        public = dict.fromkeys(_DAILY, 0) | {"retweet_count": shown.get("retweet_count", 0)}
        return {"public_metrics": public}
    rng = random.Random(f"{seed}:metrics:{post_id}")
    age_days = (until - moments.snowflake_time(post_id)).total_seconds() / 86400
    fame = rng.paretovariate(1.3) * min(age_days, _DAYS_OF_GROWTH)
    public = {name: int(daily * fame) for name, daily in _DAILY.items()}
    clicks = {name: int(daily * fame) for name, daily in _CLICKS.items()}
    if not has_link:
        del clicks["url_link_clicks"]
    names = ("impression_count", "like_count", "reply_count", "retweet_count")
    interactions = sum(public.values()) - public["impression_count"] + sum(clicks.values())
    return {
        "public_metrics": public,
        "non_public_metrics": {
            "impression_count": public["impression_count"],
            "engagements": interactions,
            **clicks,
        },
        "organic_metrics": {**{name: public[name] for name in names}, **clicks},
    }
