"""A target of the SDK with nothing in it: what the start of ours is measured against."""

from __future__ import annotations

from typing import Any, ClassVar

from singer_sdk import BatchSink, Target
from singer_sdk import typing as th


class PlainSink(BatchSink):
    """Drops what it gets."""

    def process_batch(self, context: dict[str, Any]) -> None:
        pass


class PlainTarget(Target):
    """The target."""

    name = "target-plain"
    default_sink_class = PlainSink
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("url", th.StringType)
    ).to_dict()


if __name__ == "__main__":
    PlainTarget.cli()
