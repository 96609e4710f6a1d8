"""The settings of the group `usage`."""

from __future__ import annotations

from typing import Final

from singer_sdk import typing as th

MAX_DAYS: Final = 90
"""X goes back so many days (https://docs.x.com/x-api/usage/introduction)."""

USAGE: Final = th.ObjectType(
    th.Property(
        "days",
        th.CustomType({"type": ["integer", "null"], "minimum": 1, "maximum": MAX_DAYS}),
        default=7,
        title="Days",
        description="The number of days to read in every run, today included.",
    ),
    additional_properties=False,
)
