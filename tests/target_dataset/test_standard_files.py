"""The SDK's standard suite; its message files are also read back from the store."""

from __future__ import annotations

import importlib.resources
import json
import tempfile
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.testing import get_target_test_class, target_test_streams

from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.singer_messages import Loaded, Message, Rows

REFUSED = {
    "invalid_schema",
    "record_before_schema",
    "record_missing_key_property",
    "record_missing_required_property",
}
FILES = {
    file.name.removesuffix(".singer"): file.read_text()
    for file in importlib.resources.files(target_test_streams).iterdir()
    if file.name.endswith(".singer")
}
LOADABLE = {name: text for name, text in FILES.items() if name not in REFUSED}

StandardTests = get_target_test_class(
    TargetDataset, config={"store": tempfile.mkdtemp(prefix="standard-suite-")}
)


class TestStandard(StandardTests):  # type: ignore[misc, valid-type]
    """Runs the standard suite."""


def expected(text: str) -> dict[str, Rows]:
    """What each stream's dataset must hold, by the plainest reading of the messages."""
    columns: dict[str, dict[str, None]] = {}
    rows: dict[str, dict[Any, Message]] = {}
    keys: dict[str, list[str]] = {}
    for message in map(json.loads, text.splitlines()):
        stream = message.get("stream")
        if message["type"] == "SCHEMA":
            columns.setdefault(stream, {}).update(dict.fromkeys(message["schema"]["properties"]))
            keys[stream] = message.get("key_properties") or []
            rows.setdefault(stream, {})
        elif message["type"] == "RECORD":
            row = message["record"]
            if "version" in message:
                versions = {"_sdc_deleted_at": None, "_sdc_table_version": message["version"]}
                columns[stream].update(dict.fromkeys(versions))
                row = row | versions
            key = tuple(row[key] for key in keys[stream]) or len(rows[stream])
            rows[stream][key] = row
    return {
        stream: [
            {name: stored_form(row.get(name)) for name in columns[stream]} for row in found.values()
        ]
        for stream, found in rows.items()
    }


def stored_form(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return value


def by_text(row: Message) -> str:
    return json.dumps(row, sort_keys=True)


@pytest.mark.parametrize("text", LOADABLE.values(), ids=LOADABLE)
def test_rows_of_standard_files_are_stored(text: str, load: Callable[..., Loaded]) -> None:
    loaded = load(text.strip())
    wanted = expected(text)
    assert wanted
    for stream, records in wanted.items():
        assert sorted(loaded.rows(stream), key=by_text) == sorted(records, key=by_text)


def test_a_second_load_updates_rows(load: Callable[..., Loaded]) -> None:
    load(LOADABLE["user_location_data"].strip())
    loaded = load(LOADABLE["user_location_upsert_data"].strip())
    names = {row["id"]: row["name"] for row in loaded.rows("test_users")}
    assert names == {
        1: "Johny", 2: "George", 3: "Jacob", 4: "Josh", 5: "Jim", 8: "Thomas", 12: "Paul", 13: "Mary",
    }  # fmt: skip
