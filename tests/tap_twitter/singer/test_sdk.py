"""What the tap uses of the SDK's private parts, and that its own loop writes what the SDK's does."""

from __future__ import annotations

import ast
import inspect
import pkgutil
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import singer_sdk
from singer_sdk import Stream
from singer_sdk.singerlib import RecordMessage
from support.harness import Messages, make_dataset, tap_config

import tap_twitter
from tap_twitter.reports.insights.tweet_insights import TweetInsightsStream
from tap_twitter.singer import sdk
from tap_twitter.streams.account_stream import AccountStream
from tap_twitter.streams.base import XStream
from tap_twitter.streams.paged import PagedStream
from tap_twitter.streams.partitioned import PartitionedStream
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox import Sandbox

ROOT = Path(tap_twitter.__file__).parent
SDK_ROOT = Path(singer_sdk.__file__).parent
MODULES = {path: ast.parse(path.read_text()) for path in ROOT.rglob("*.py")}
OWN = ROOT / "singer" / "sdk.py"


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def sdk_members() -> set[str]:
    """The private methods and attributes of all classes of the SDK."""
    found = set()
    for path in SDK_ROOT.rglob("*.py"):
        for each in ast.walk(ast.parse(path.read_text())):
            if isinstance(each, ast.FunctionDef):
                found.add(each.name)
            elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name):
                found |= {each.attr} if each.value.id in {"self", "cls"} else set()
    return {name for name in found if is_private(name)}


MEMBERS = sdk_members()


def classes_on_the_sdk() -> set[str]:
    """The names of the tap's classes that inherit from a class of the SDK."""
    names = [each.name for each in pkgutil.walk_packages([str(ROOT)], "tap_twitter.")]
    modules = [import_module(name) for name in names if not name.endswith("__main__")]
    classes = {
        each for module in modules for _, each in inspect.getmembers(module, inspect.isclass)
    }
    return {
        each.__name__
        for each in classes
        if each.__module__.startswith("tap_twitter.")
        and any(base.__module__.startswith("singer_sdk.") for base in each.__mro__)
    }


def uses(module: ast.Module, inheriting: set[str]) -> Iterator[str]:
    """Private members of the SDK that a module overrides, reads, calls or imports."""
    for each in ast.walk(module):
        if isinstance(each, ast.ImportFrom) and (each.module or "").startswith("singer_sdk"):
            parts = [*(each.module or "").split("."), *(alias.name for alias in each.names)]
            yield from filter(is_private, parts)
        elif isinstance(each, ast.ClassDef) and each.name in inheriting:
            yield from own_uses(each)
        elif isinstance(each, ast.Attribute) and each.attr in MEMBERS and not is_own(each.value):
            yield each.attr


def own_uses(definition: ast.ClassDef) -> Iterator[str]:
    """Private members that a class defines, or uses of itself."""
    for each in ast.walk(definition):
        name = None
        if isinstance(each, ast.FunctionDef):
            name = each.name
        elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            name = each.id
        elif isinstance(each, ast.Attribute) and is_own(each.value):
            name = each.attr
        if name in MEMBERS:
            yield str(name)


def is_own(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id in {"self", "cls"}


def test_no_other_module_overrides_or_uses_a_private_member_of_the_sdk() -> None:
    inheriting = classes_on_the_sdk()
    assert {"TapTwitter", "XStream", "MessageWriter", "UsersLookupStream"} <= inheriting
    found = {path: set(uses(tree, inheriting)) for path, tree in MODULES.items()}
    expected = {"_generate_schema_messages", "_generate_record_messages", "_write_state_message"}
    assert found.pop(OWN) >= {*expected, "_log_metric", "_singer_catalog_entry", "_ConfigInput"}
    assert {path.name: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "source",
    [
        "class XStream:\n    def _sync_records(self): ...",
        "class XStream:\n    _sync_records = None",
        "class XStream:\n    def read(self):\n        return self._tap",
        "class XStream:\n    def read(self):\n        super()._write_state_message()",
        "def flush(stream):\n    stream._write_state_message()",
        "from singer_sdk.helpers._catalog import pop_deselected_record_properties",
        "from singer_sdk.plugin_base import _ConfigInput",
    ],
)
def test_the_scan_finds_each_kind_of_use(source: str) -> None:
    assert list(uses(ast.parse(source), {"XStream"}))


@pytest.mark.parametrize("name", ["_sync_records", "_write_schema_message"])
def test_what_is_replaced_is_still_there_and_takes_the_same(name: str) -> None:
    """If this fails with a new SDK, see what calls the method now."""
    own, replaced = vars(XStream)[name], vars(Stream)[name]
    parameters = [inspect.signature(each).parameters for each in (own, replaced)]
    assert [(each.name, each.kind, each.default) for each in parameters[0].values()] == [
        (each.name, each.kind, each.default) for each in parameters[1].values()
    ]


@pytest.mark.parametrize("stream", TapTwitter.STREAMS, ids=lambda each: each.name)
def test_at_most_four_classes_stand_between_a_stream_and_the_sdk(
    stream: type[XStream[Any]],
) -> None:
    between = stream.__mro__[1 : stream.__mro__.index(Stream)]
    assert len(between) <= 4
    assert not set(between) & set(TapTwitter.STREAMS)  # no stream is the base of another


def test_the_classes_that_are_counted_are_those_of_the_chain() -> None:
    between = TweetInsightsStream.__mro__[1 : TweetInsightsStream.__mro__.index(Stream)]
    assert between == (PagedStream, AccountStream, PartitionedStream, XStream)


SETTINGS: list[Any] = [
    pytest.param({}, id="as-they-are"),
    pytest.param({"source_default_schema": {"team": "x"}}, id="constant"),
    pytest.param({"flattening_enabled": True, "flattening_max_depth": 1}, id="flat"),
    pytest.param({"stream_maps": {"users_lookup": {"username": "username.upper()"}}}, id="mapped"),
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_sdk_s_own_loop_writes_the_same_rows_and_the_same_last_state(
    settings: dict[str, Any],
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(150, "found")})
    runs = []
    for loop in ("own", "sdk"):
        if loop == "sdk":
            for name in ("_sync_records", "_write_schema_message"):
                monkeypatch.setattr(XStream, name, vars(Stream)[name])
        messages = Messages()
        config = {**tap_config(sandbox, tmp_path), **settings}
        TapTwitter(config=config, message_writer=messages).run()
        runs.append(messages)
    own, of_sdk = runs
    stable = [[without_times(each) for each in run.records] for run in runs]
    assert len(stable[0]) == 150
    assert stable[0] == stable[1]
    assert own.states[-1] == of_sdk.states[-1]
    schemas = [next(each for each in run.all if each["type"] == "SCHEMA") for run in runs]
    assert schemas[0].pop("bookmark_properties") == ["requested_id"]
    assert not schemas[1].pop("bookmark_properties", None)
    assert schemas[0] == schemas[1]


def without_times(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "looked_up_at"}


def test_private_functions_do_what_their_first_lines_say() -> None:
    messages = Messages()
    config = {"auth": {"bearer_token": "unused"}}
    stream = TapTwitter(config=config, message_writer=messages).streams["users_lookup"]
    assert sdk.catalog_entry(stream).tap_stream_id == stream.name
    assert [each.stream for each in sdk.schema_messages(stream)] == [stream.name]
    (record,) = sdk.record_messages(stream, {"requested_id": "1"})
    assert isinstance(record, RecordMessage)
    assert record.record == {"requested_id": "1"}
    for number in range(2):
        stream.stream_state["number"] = number
        sdk.write_state(stream)
    written = [state["bookmarks"][stream.name]["number"] for state in messages.states]
    assert written == [0, 1]
