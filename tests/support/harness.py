"""What tests of several packages need: datasets of references, settings for the tap, its messages."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dataset_store import DatasetSpec, open_store
from sandbox.credentials import APP, OWNER
from tap_twitter.singer.writer import MessageWriter
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pytest

    from dataset_store import Dataset
    from sandbox import Sandbox
    from sandbox.credentials import UserToken
    from tap_twitter.clock import Clock

APP_AUTH = {"consumer_key": APP.consumer_key, "consumer_secret": APP.consumer_secret}


def auth_of(token: UserToken) -> dict[str, str]:
    """The settings by which the tap asks in the name of a user of a sandbox."""
    return {
        **APP_AUTH,
        "access_token": token.access_token,
        "access_token_secret": token.access_token_secret,
    }


USER_AUTH = auth_of(OWNER)


def account_of(token: UserToken, **settings: Any) -> dict[str, Any]:
    """An entry of `accounts`: a user of a sandbox, in whose own name the tap asks about it."""
    return {"id": token.user_id, "auth": auth_of(token), **settings}


NOT_IN_CATALOGS = frozenset({"api", "auth", "store", "store_options"})
"""Settings on which no column depends."""

catalogs: dict[str, dict[str, str]] = {}
"""What the tap discovered with other settings, by stream, as JSON: a run of the tap takes half as long."""

NO_STORES: dict[str, tuple[dict[str, Any], str]] = {
    "store": ({"store": "ftp://x"}, "'ftp://x' is not a supported store.*'store'"),
    "store_options": ({"store_options": {"colour": "red"}}, "colour"),
}
"""Settings that lead to no store, and what the tap says of them."""


def make_dataset(
    store: Path, name: str, columns: Mapping[str, Sequence[Any]] | pa.Table
) -> Dataset:
    """Put a dataset into a store."""
    rows = columns if isinstance(columns, pa.Table) else pa.table(dict(columns))
    dataset = open_store(str(store)).create(DatasetSpec(name, rows.schema))
    dataset.append(rows)
    return dataset


def tap_config(
    sandbox: Sandbox,
    store: Path,
    *,
    inputs: str | list[str] = "people",
    auth: Mapping[str, str] = USER_AUTH,
    **settings: Any,
) -> dict[str, Any]:
    """Settings of the tap for a sandbox; `settings` go into the group `users_lookup`."""
    return {
        "auth": {"token_store": str(store / "tokens.json"), **auth},
        "api": {
            "base_url": sandbox.url,
            "engagement_url": sandbox.url,
            "ads_url": sandbox.url,
        },
        "store": str(store),
        "users_lookup": {"input_dataset_id": inputs, **settings},
    }


class Messages(MessageWriter):
    """Takes the messages of the tap in the place of stdout.

    Attributes:
        all: The messages.
        flushes: How many there were each time that the tap has handed them over for certain.
    """

    def __init__(self) -> None:
        self.all: list[dict[str, Any]] = []
        self.flushes: list[int] = []

    def write_message(self, message: Any) -> None:
        told = message.to_dict()
        # the tap goes on writing into its state
        self.all.append(deepcopy(told) if told["type"] == "STATE" else told)

    def flush(self) -> None:
        self.flushes.append(len(self.all))

    @property
    def records(self) -> list[dict[str, Any]]:
        return [message["record"] for message in self.all if message["type"] == "RECORD"]

    @property
    def states(self) -> list[dict[str, Any]]:
        return [message["value"] for message in self.all if message["type"] == "STATE"]


def summary_in(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    """The summary of the newest run in the log, for which its level must be INFO."""
    return next(
        found for each in reversed(caplog.records) if (found := getattr(each, "summary", None))
    )


class SkippingClock:
    """Time that goes on as ever, but for waits, which it skips."""

    def __init__(self) -> None:
        self.skipped: list[float] = []

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=sum(self.skipped))

    def sleep(self, seconds: float) -> None:
        self.skipped.append(seconds)


def selecting(config: dict[str, Any], streams: Sequence[str]) -> dict[str, Any]:
    """The tap's catalog with these streams selected, without the others: a fourth less work for a run."""
    settings = {name: value for name, value in config.items() if name not in NOT_IN_CATALOGS}
    key = json.dumps(settings, sort_keys=True, default=repr)
    if key not in catalogs:
        found = TapTwitter(config=config).catalog_dict["streams"]
        catalogs[key] = {stream["tap_stream_id"]: json.dumps(stream) for stream in found}
    selected = [json.loads(text) for name, text in catalogs[key].items() if name in streams]
    for stream in selected:
        (root,) = (entry for entry in stream["metadata"] if not entry["breadcrumb"])
        root["metadata"]["selected"] = True
    return {"streams": selected}


def run_tap(
    config: dict[str, Any],
    state: dict[str, Any] | None = None,
    clock: Clock | None = None,
    streams: Sequence[str] | None = None,
) -> Messages:
    """Run the tap in this process and give its messages.

    Args:
        config: Its settings.
        state: Where it goes on.
        clock: Its time, if not the machine's.
        streams: What is selected; by default what is without a catalog.
    """
    messages = Messages()
    catalog = None if streams is None else selecting(config, streams)
    given = deepcopy(state)  # the SDK goes on writing into it
    tap = TapTwitter(config=config, state=given, catalog=catalog, message_writer=messages)
    tap.run_context.clock = clock or tap.run_context.clock
    tap.run()
    return messages


def rows(
    store: Path, reference: str, ignore: Sequence[str] = ("looked_up_at",)
) -> list[dict[str, Any]]:
    """The rows of a dataset, in the order of their text, without columns that differ between runs."""
    batches = open_store(str(store)).open(reference).read()
    found = [row for batch in batches for row in batch.to_pylist()]
    kept = [{name: row[name] for name in row if name not in ignore} for row in found]
    return sorted(kept, key=repr)
