"""The settings of the group `insights`."""

from __future__ import annotations

from typing import Final

from singer_sdk import typing as th

INSIGHTS: Final = th.ObjectType(
    th.Property(
        "lookback_days",
        th.CustomType({"type": ["integer", "null"], "minimum": 0, "maximum": 3650}),
        default=7,
        title="Lookback (days)",
        description="Read the posts of this many days again in every run, since their metrics "
        "change. 0 reads each post once.",
    ),
    th.Property(
        "include_replies",
        th.BooleanType,
        default=True,
        title="Include replies",
        description="Read replies. Without them, X goes back 800 posts instead of 3,200.",
    ),
    th.Property(
        "include_retweets",
        th.BooleanType,
        default=True,
        title="Include retweets",
        description="Read reposts.",
    ),
    th.Property(
        "expand_originals",
        th.BooleanType,
        default=False,
        title="Expand originals",
        description="Also buy the posts that reposts, quotes and replies refer to, each at the "
        "full price of a post. A repost then has its whole text instead of 140 characters.",
    ),
    th.Property(
        "known_posts",
        th.StringType,
        title="Known posts",
        description="The dataset with the earlier rows of `tweet_insights`, in the tap's `store`: "
        "its GUID, URL or name. Rows of the lookback days whose posts X no longer returns get a "
        "`deleted_at` and a `deletion_reason`.",
    ),
    additional_properties=False,
)
