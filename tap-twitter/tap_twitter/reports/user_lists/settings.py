"""The settings of the groups `followers`, `following` and `list_members`."""

from __future__ import annotations

from typing import Any, Final

from singer_sdk import typing as th

from tap_twitter.streams.list_stream import LIST


def _limit(items: str, whose: str) -> th.Property[Any]:
    return th.Property(
        "limit",
        th.CustomType({"type": ["integer", "null"], "minimum": 1}),
        title="Limit",
        description=f"The maximum number of {items} per {whose} and UTC day. A snapshot that it "
        "cuts has `cut` in `snapshot_end`. Unset: all, which needs `budget.max_cost_usd`.",
    )


FOLLOWERS: Final = th.ObjectType(_limit("followers", "account"), additional_properties=False)
FOLLOWING: Final = th.ObjectType(
    _limit("followed accounts", "account"), additional_properties=False
)
LIST_MEMBERS: Final = th.ObjectType(
    th.Property(
        "lists",
        th.CustomType(
            {
                "type": ["array", "null"],
                "items": {
                    "type": ["string", "integer"],
                    "pattern": rf"^{LIST.pattern}$(?!\n)",
                    "errorMessage": "must be the id of a list, as text, or its address such as "
                    "https://x.com/i/lists/1530000000000000001",
                    "minimum": 1,
                },
            }
        ),
        title="Lists",
        description="The lists to read, by id or address. The default credentials read them; "
        "private lists need those of their owner.",
    ),
    _limit("members", "list"),
    additional_properties=False,
)
