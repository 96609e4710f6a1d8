"""The SDK's standard suite into Domo; its message files are also read back from there."""

from __future__ import annotations

import importlib.resources
import json
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.testing import get_target_test_class, target_test_streams
from support.domo_stores import QUICK, domo_address, domo_options

from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.singer_messages import Loaded, Message, Rows

    from sandbox import Sandbox

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
CONFIG: dict[str, Any] = {"commit_interval": 0}

StandardTests = get_target_test_class(TargetDataset, config=CONFIG)


@pytest.fixture(autouse=True, scope="module")
def domo_of_the_suite(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> None:
    running_sandbox.reset()
    running_sandbox.domo.set(**QUICK)
    folder = tmp_path_factory.mktemp("suite")
    CONFIG["store"] = domo_address(running_sandbox)
    CONFIG["store_options"] = domo_options(folder)


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
            key = tuple(row[key] for key in keys[stream]) or len(rows[stream])
            rows[stream][key] = row
    return {
        stream: [
            {name: stored_form(row.get(name)) for name in columns[stream]} for row in found.values()
        ]
        for stream, found in rows.items()
    }


def stored_form(value: Any) -> Any:
    """Booleans, objects and arrays are text in Domo."""
    if isinstance(value, dict | list | bool):
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
