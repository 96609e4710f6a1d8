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
        description="The most rows that each stream takes of each account in a run, the newest "
        "ones. What is older is then left out for good, also by later runs. Unset: everything that "
        "came since the last run; in the first one all that X has, which is 30 days.",
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
        description="What is read: messages (`MessageCreate`), and who joins and leaves groups "
        "(`ParticipantsJoin`, `ParticipantsLeave`). X charges for each event that it gives, and "
        "gives no others than these.",
    ),
    th.Property(
        "expand_users",
        th.BooleanType,
        default=False,
        title="Expand users",
        description="Whether to fill the columns with the names of senders and recipients. X may "
        "charge for a user once a day; the stream `users_lookup` tells more of them for the same.",
    ),
    additional_properties=False,
)
