"""The settings of the group `users_lookup`."""

from __future__ import annotations

from typing import Final

from singer_sdk import typing as th

USERS_LOOKUP: Final = th.ObjectType(
    th.Property(
        "store",
        th.StringType,
        title="Dataset store (old name)",
        description="The old name of the setting `store`. It still works; do not set both.",
    ),
    th.Property(
        "store_options",
        th.ObjectType(additional_properties=True),
        secret=True,
        title="Dataset store options (old name)",
        description="The old name of the setting `store_options`. It still works; do not set both.",
    ),
    th.Property(
        "input_dataset_id",
        th.CustomType({"type": ["string", "array", "null"], "items": {"type": "string"}}),
        title="Input dataset ID",
        description="The dataset with the users to look up: its GUID, a URL that contains the "
        "GUID, or its name; one, or a list.",
    ),
    th.Property(
        "id_columns",
        th.ArrayType(th.StringType),
        title="ID columns",
        description="The columns of the input dataset that hold user ids or handles. Unset: all of "
        "user_id, twitter_id, sender_id, recipient_id and author_id that exist; else id; else "
        "username, screen_name, handle and twitter; else the only column. Case, spaces, `_`, `-` "
        "and `@` in column names are ignored, and so is a leading `twitter` or `x`.",
    ),
    th.Property(
        "allow_rounded_ids",
        th.CustomType({"type": ["boolean", "null"]}),
        default=False,
        title="Allow rounded IDs",
        description="Look up ids that end in zeros, as if a spreadsheet had rounded them. "
        "Otherwise a column is refused if at least two of its long ids, and a tenth of them, end "
        "in zeros.",
    ),
    th.Property(
        "refresh_after_days",
        th.CustomType({"type": ["number", "null"], "minimum": 0, "maximum": 36_500}),
        default=0,
        title="Refresh after (days)",
        description="Skip users whose row in the writeback dataset is younger than this many "
        "days. 0 looks up every user again.",
    ),
    additional_properties=False,
)
