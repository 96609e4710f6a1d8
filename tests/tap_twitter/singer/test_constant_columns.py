"""The setting `source_default_schema`: columns that every row of every stream gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.exceptions import ConfigValidationError
from support.harness import Messages, make_dataset, run_tap, tap_config

from tap_twitter.errors import SettingError
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

COLUMNS: dict[str, Any] = {"source": "x", "team": 7, "share": 0.5, "is_ours": True}
TYPES = {"source": "string", "team": "integer", "share": "number", "is_ours": "boolean"}


@pytest.fixture
def config(sandbox: Sandbox, tmp_path: Path) -> dict[str, Any]:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(2, "found")})
    return tap_config(sandbox, tmp_path) | {"source_default_schema": COLUMNS}


def run(config: dict[str, Any], catalog: dict[str, Any] | None) -> Messages:
    messages = Messages()
    TapTwitter(config=config, catalog=catalog, message_writer=messages).run()
    return messages


def discovered(config: dict[str, Any], **columns: Any) -> dict[str, Any]:
    given = config | {"source_default_schema": columns}
    catalog: dict[str, Any] = TapTwitter(config=given, validate_config=False).catalog_dict
    return catalog


@pytest.mark.parametrize(
    "of_catalog", [None, {}, {"team": "was text"}, COLUMNS],
    ids=["no-catalog", "older-catalog", "another-type", "catalog"],
)  # fmt: skip
def test_every_row_and_the_schema_have_them(
    config: dict[str, Any], of_catalog: dict[str, Any] | None
) -> None:
    catalog = None if of_catalog is None else discovered(config, **of_catalog)
    messages = run(config, catalog)
    (schema,) = [each for each in messages.all if each["type"] == "SCHEMA"]
    properties = schema["schema"]["properties"]
    assert {name: properties[name]["type"] for name in COLUMNS} == {
        name: [kind, "null"] for name, kind in TYPES.items()
    }
    assert len(messages.records) == 2
    for record in messages.records:
        assert {name: record[name] for name in COLUMNS} == COLUMNS
        assert record.keys() == properties.keys()


def test_stream_maps_see_them(config: dict[str, Any]) -> None:
    maps = {"users_lookup": {"source": "source + str(team)", "share": "__NULL__"}}
    for record in run_tap(config | {"stream_maps": maps}).records:
        assert (record["source"], record["team"], "share" in record) == ("x7", 7, False)


def test_the_catalog_can_deselect_them(config: dict[str, Any]) -> None:
    catalog = discovered(config, **COLUMNS)
    (lookup,) = [each for each in catalog["streams"] if each["stream"] == "users_lookup"]
    for each in lookup["metadata"]:
        if each["breadcrumb"][-1:] == ["team"]:
            each["metadata"] = {"selected": False}
    for record in run(config, catalog).records:
        assert ("team" in record, record["source"]) == (False, "x")


@pytest.mark.parametrize("name", ["requested_id", "Requested_ID"])
def test_a_clash_is_an_error_before_anything_is_asked(
    sandbox: Sandbox, config: dict[str, Any], name: str
) -> None:
    clashing = config | {"source_default_schema": {name: "x", "team": 1}}
    message = f"names '{name}', but the stream 'users_lookup' already has such a"
    with pytest.raises(SettingError, match=message):
        run_tap(clashing)
    assert not sandbox.requests


@pytest.mark.parametrize(
    "value", [{"a": None}, {"a": [1]}, {"a": {}}, {"": 1}, "text", ["a"]], ids=str
)
def test_what_is_no_value_of_a_column_is_refused(config: dict[str, Any], value: Any) -> None:
    with pytest.raises(ConfigValidationError) as raised:
        run_tap(config | {"source_default_schema": value})
    (problem,) = raised.value.errors
    assert problem.startswith("Setting 'source_default_schema")


@pytest.mark.parametrize("value", [{"a": None}, {"a": [1]}, {"a": {}}, "text", ["a"]], ids=str)
def test_discovery_refuses_it_in_a_line_too(config: dict[str, Any], value: Any) -> None:
    given = config | {"source_default_schema": value}
    tap = TapTwitter(config=given, validate_config=False, setup_mapper=False)
    with pytest.raises(SettingError, match="Setting 'source_default_schema"):
        _ = tap.catalog_dict
