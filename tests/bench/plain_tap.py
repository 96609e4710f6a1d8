"""A tap of the SDK with nothing in it: what the start of ours is measured against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Tap
from singer_sdk import typing as th

if TYPE_CHECKING:
    from collections.abc import Sequence

    from singer_sdk import Stream


class PlainTap(Tap):
    """The tap."""

    name = "tap-plain"
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("url", th.StringType)
    ).to_dict()

    def discover_streams(self) -> Sequence[Stream]:
        return []


if __name__ == "__main__":
    PlainTap.cli()
