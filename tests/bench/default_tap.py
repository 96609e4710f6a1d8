"""A tap as the Meltano SDK's guide has it, with our schema: what our tap is measured against."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.pagination import BaseOffsetPaginator

from bench.replay import IDS_PER_PAGE
from tap_twitter.objects.fields import json_schema
from tap_twitter.reports.users_lookup.columns import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import requests
    from singer_sdk.helpers.types import Context


class IdsPaginator(BaseOffsetPaginator):
    """Goes through a list, a page at a time."""

    def __init__(self, length: int) -> None:
        super().__init__(start_value=0, page_size=IDS_PER_PAGE)
        self._length = length

    def has_more(self, response: requests.Response) -> bool:
        return self.current_value + self._page_size < self._length


class UsersStream(RESTStream[int]):
    """Looks users up."""

    name = "users_lookup"
    path = "/2/users"
    primary_keys = ("input_dataset_id", "requested_id")
    records_jsonpath = "$.data[*]"
    schema = json_schema("users_lookup", COLUMNS)

    def __init__(self, tap: Tap) -> None:
        super().__init__(tap)
        self._ids: Sequence[str] = Path(self.config["ids"]).read_text().split()

    @property
    def url_base(self) -> str:
        return str(self.config["url"])

    def get_new_paginator(self) -> IdsPaginator:
        return IdsPaginator(len(self._ids))

    def get_url_params(
        self, context: Context | None, next_page_token: int | None
    ) -> dict[str, Any] | str:
        start = next_page_token or 0
        return {"ids": ",".join(self._ids[start : start + IDS_PER_PAGE])}

    def post_process(self, row: dict[str, Any], context: Context | None = None) -> dict[str, Any]:
        metrics = row.pop("public_metrics", {})
        found = {"requested_id": row["id"], "requested_kind": "id", "lookup_status": "found"}
        return {"input_dataset_id": "people", **found, **row, **metrics}


class DefaultTap(Tap):
    """The tap."""

    name = "tap-default"
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("url", th.StringType, required=True),
        th.Property("ids", th.StringType, required=True),
    ).to_dict()

    def discover_streams(self) -> Sequence[UsersStream]:
        return [UsersStream(self)]


if __name__ == "__main__":
    DefaultTap.cli()
