"""The settings of the group `organic`, with Fivetran's names and values where it has them."""

from __future__ import annotations

import enum
from typing import Final

from singer_sdk import typing as th

from tap_twitter.accounts.settings import ADS_ACCOUNT_ID


class SyncMode(enum.StrEnum):
    """Which ads accounts are read, in Fivetran's words."""

    ALL = "AllAccounts"
    SPECIFIC = "SpecificAccounts"


class Timeframe(enum.StrEnum):
    """How far back the first sync of the report goes, in Fivetran's words."""

    THREE = "THREE"
    SIX = "SIX"
    TWELVE = "TWELVE"
    TWENTY_FOUR = "TWENTY_FOUR"
    ALL_TIME = "ALL_TIME"

    @property
    def months(self) -> int | None:
        """The number of months; None for all there is."""
        return MONTHS.get(self)


MONTHS: Final = {
    Timeframe.THREE: 3,
    Timeframe.SIX: 6,
    Timeframe.TWELVE: 12,
    Timeframe.TWENTY_FOUR: 24,
}

TABLES: Final = (
    *("account_history", "tweet", "tweet_hashtag", "tweet_symbols", "tweet_url"),
    *("tweet_user_mention", "twitter_user_history", "card_history", "card_component"),
    *("scheduled_tweet_history", "media_library", "organic_tweet_report"),
)
"""The streams with the tables of Fivetran's connector."""

ORGANIC: Final = th.ObjectType(
    th.Property(
        "sync_mode",
        th.StringType,
        default=SyncMode.ALL.value,
        allowed_values=[each.value for each in SyncMode],
        title="Sync mode",
        description="The ads accounts to read: all that the user sees, or those in `accounts`.",
    ),
    th.Property(
        "accounts",
        th.CustomType(
            {
                "type": ["array", "null"],
                "items": {**ADS_ACCOUNT_ID, "type": "string"},
                "uniqueItems": True,
            }
        ),
        title="Ads accounts",
        description="The ids of the ads accounts to read, such as `18ce54d4x5t`. With "
        "`SpecificAccounts`, those of `accounts[].ads_account_id` are read, too; one of both is "
        "required.",
    ),
    th.Property(
        "timeframe_months",
        th.StringType,
        default=Timeframe.THREE.value,
        allowed_values=[each.value for each in Timeframe],
        title="Timeframe",
        description="How far back the first sync of `organic_tweet_report` goes. Frozen after that "
        "sync, as Fivetran's is: to change it, reset the state.",
    ),
    th.Property(
        "rollback_days",
        th.IntegerType(minimum=1, maximum=15),
        default=15,
        title="Rollback days",
        description="How many days before the last sync `organic_tweet_report` reads again: the "
        "numbers of a day still change in the day after it.",
    ),
    th.Property(
        "fivetran_columns",
        th.BooleanType,
        default=False,
        title="Fivetran columns",
        description="Add Fivetran's own columns to the organic streams: `_fivetran_synced` (when a "
        "run last read the row, in UTC) to all of them, and `_fivetran_deleted` to those whose "
        "deletions are found. Packages made for Fivetran's tables need them.",
    ),
    additional_properties=False,
)
