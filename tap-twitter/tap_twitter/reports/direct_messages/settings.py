"""The settings of the group `direct_messages`."""

from __future__ import annotations

from typing import Final

from singer_sdk import typing as th

from tap_twitter.reports.direct_messages.events import EventType

DIRECT_MESSAGES: Final = th.ObjectType(
    th.Property(
        "limit",
        th.CustomType({"type": ["integer", "null"], "minimum": 1}),
        title="Limit",
        description="The maximum number of rows per stream, account and run: the newest ones. "
        "Older messages are then skipped for good, also by later runs. Unset: everything since "
        "the last run; the first run reads the 30 days that X keeps.",
    ),
    th.Property(
        "event_types",
        th.CustomType(
            {
                "type": ["array", "null"],
                "items": {"type": "string", "enum": [each.value for each in EventType]},
                "minItems": 1,
                "uniqueItems": True,
            }
        ),
        default=[each.value for each in EventType],
        title="Event types",
        description="The events to read: messages (`MessageCreate`), and members who join or leave "
        "groups (`ParticipantsJoin`, `ParticipantsLeave`). X returns and bills only these.",
    ),
    th.Property(
        "expand_users",
        th.BooleanType,
        default=False,
        title="Expand users",
        description="Fill the columns with the names of senders and recipients. X may charge for a "
        "user once a day; the stream `users_lookup` returns more columns for the same price.",
    ),
    additional_properties=False,
)
