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
        description="Posts of so many days are read again in every run, since their metrics move; "
        "0 reads each post once.",
    ),
    th.Property(
        "include_replies",
        th.BooleanType,
        default=True,
        title="Include replies",
        description="Whether posts that answer others are read. Without them X goes back 800 posts "
        "instead of 3,200.",
    ),
    th.Property(
        "include_retweets",
        th.BooleanType,
        default=True,
        title="Include retweets",
        description="Whether reposts are read.",
    ),
    th.Property(
        "expand_originals",
        th.BooleanType,
        default=False,
        title="Expand originals",
        description="Whether the posts that reposts, quotes and replies refer to are bought along, "
        "each at the full price of a post: a repost then has its whole text instead of 140 "
        "characters.",
    ),
    th.Property(
        "known_posts",
        th.StringType,
        title="Known posts",
        description="The dataset of earlier rows of `tweet_insights`, by GUID, URL or name, in the "
        "store of `store`. Rows of the lookback's days whose posts X no longer gives "
        "are then marked with `deleted_at` and `deletion_reason`.",
    ),
    additional_properties=False,
)
