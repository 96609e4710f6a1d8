"""The settings of the group `organic`, with Fivetran's names and values where it has them."""

from __future__ import annotations

import enum
from typing import Final

from singer_sdk import typing as th


class SyncMode(enum.StrEnum):
    """Which ads accounts are read, in Fivetran's words."""

    ALL = "AllAccounts"
    SPECIFIC = "SpecificAccounts"


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
                "items": {
                    "type": "string",
                    "pattern": r"^[0-9a-z]{1,20}$(?!\n)",
                    "errorMessage": "must be the id of an ads account, such as 18ce54d4x5t, as in "
                    "the URLs of ads.x.com",
                },
                "uniqueItems": True,
            }
        ),
        title="Ads accounts",
        description="The ids of the ads accounts to read, such as `18ce54d4x5t`. Required with "
        "`SpecificAccounts`.",
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
