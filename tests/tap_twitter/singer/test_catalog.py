"""What a given catalog may change, and what it may not, seen on the SCHEMA message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.harness import Messages, make_dataset, tap_config

from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox import Sandbox

KEYS = ["input_dataset_id", "requested_id"]


def discovered() -> dict[str, Any]:
    catalog: dict[str, Any] = TapTwitter(validate_config=False).catalog_dict
    return catalog


def schema_and_records(
    sandbox: Sandbox, store: Path, catalog: dict[str, Any], **config: Any
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    make_dataset(store, "people", {"user_id": sandbox.world.sample_ids(2, "found")})
    messages = Messages()
    settings = tap_config(sandbox, store) | config
    TapTwitter(config=settings, catalog=catalog, message_writer=messages).run()
    return [each for each in messages.all if each["type"] == "SCHEMA"], messages.records


def lookup_of(catalog: dict[str, Any]) -> dict[str, Any]:
    (found,) = [stream for stream in catalog["streams"] if stream["stream"] == "users_lookup"]
    stream: dict[str, Any] = found
    return stream


def other_keys(stream: dict[str, Any]) -> None:
    stream["key_properties"] = ["username"]


def other_keys_in_metadata(stream: dict[str, Any]) -> None:
    del stream["key_properties"]
    root = next(each for each in stream["metadata"] if each["breadcrumb"] == [])
    root["metadata"] |= {"table-key-properties": ["name"], "replication-key": "looked_up_at"}


def replicated_by_a_key(stream: dict[str, Any]) -> None:
    stream |= {"replication_method": "INCREMENTAL", "replication_key": "looked_up_at"}


def old(stream: dict[str, Any]) -> None:
    """A catalog from before some columns, keys among them."""
    gone = ["requested_id", "lookup_status", "media_count"]
    for name in gone:
        del stream["schema"]["properties"][name]
    stream["metadata"] = [
        each
        for each in stream["metadata"]
        if each["breadcrumb"][-1:] not in [[name] for name in gone]
    ]


def without_schema(stream: dict[str, Any]) -> None:
    del stream["schema"]


def without_metadata(stream: dict[str, Any]) -> None:
    del stream["metadata"]


def with_unknown_columns(stream: dict[str, Any]) -> None:
    stream["schema"]["properties"]["shoe_size"] = {"type": "integer"}


@pytest.mark.parametrize(
    "change",
    [
        other_keys,
        other_keys_in_metadata,
        replicated_by_a_key,
        old,
        without_schema,
        without_metadata,
        with_unknown_columns,
    ],
    ids=lambda change: change.__name__,
)
@pytest.mark.parametrize("mapped", [False, True], ids=["plain", "with-a-stream-map"])
def test_keys_and_columns_are_the_streams_own(
    sandbox: Sandbox, tmp_path: Path, change: Callable[[dict[str, Any]], None], mapped: bool
) -> None:
    own = set(lookup_of(discovered())["schema"]["properties"])
    catalog = discovered()
    change(lookup_of(catalog))
    maps = {"stream_maps": {"users_lookup": {"name": "name.upper()"}}} if mapped else {}
    (schema,), records = schema_and_records(sandbox, tmp_path, catalog, **maps)
    assert list(schema["key_properties"]) == KEYS
    assert set(schema["schema"]["properties"]) == own
    assert schema["bookmark_properties"] == ["requested_id"]
    assert len(records) == 2
    assert all(record.keys() == own for record in records)


def deselect(stream: dict[str, Any], *names: str) -> None:
    for each in stream["metadata"]:
        if each["breadcrumb"][-1:] in [[name] for name in names]:
            each["metadata"] = {"selected": False}


def test_columns_can_be_deselected_but_not_the_keys(sandbox: Sandbox, tmp_path: Path) -> None:
    catalog = discovered()
    deselect(lookup_of(catalog), "name", "requested_id")
    (schema,), records = schema_and_records(sandbox, tmp_path, catalog)
    assert "name" not in schema["schema"]["properties"]
    assert "name" not in records[0]
    assert records[0].keys() >= set(KEYS)


def test_a_type_that_the_catalog_changes_is_kept(sandbox: Sandbox, tmp_path: Path) -> None:
    catalog = discovered()
    lookup_of(catalog)["schema"]["properties"]["like_count"] = {"type": ["number", "null"]}
    (schema,), _ = schema_and_records(sandbox, tmp_path, catalog)
    assert schema["schema"]["properties"]["like_count"]["type"] == ["number", "null"]


@pytest.mark.parametrize("catalog", [{"streams": []}, {}], ids=["no-stream", "empty"])
def test_a_stream_that_the_catalog_lacks_is_not_read(
    sandbox: Sandbox, tmp_path: Path, catalog: dict[str, Any]
) -> None:
    assert schema_and_records(sandbox, tmp_path, catalog) == ([], [])
    assert len(sandbox.requests) == 0


def test_maps_of_a_stream_that_is_not_selected_do_no_harm(sandbox: Sandbox, tmp_path: Path) -> None:
    maps = {"direct_messages": {"text": "md5(text)"}, "tweet_insights": "__NULL__"}
    catalog = discovered()
    _, records = schema_and_records(sandbox, tmp_path, catalog, stream_maps=maps)
    assert len(records) == 2
