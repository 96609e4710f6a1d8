"""`make hub`, against schemas of a form like the Hub's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest
import yaml
from click.testing import CliRunner
from hub.__main__ import PLUGINS, main

from tap_twitter.auth.keyring import Keyring
from tap_twitter.auth.token_store import TokenStore

if TYPE_CHECKING:
    from pathlib import Path

COMMON = {"$id": "common/common.schema.json", "type": "object", "required": ["name", "variant"]}
EXTRACTORS = {
    "$id": "extractors.schema.json",
    "allOf": [
        {"$ref": "../common/common.schema.json"},
        {
            "properties": {
                "domain_url": {"type": "string", "format": "uri"},
                "keywords": {"items": {"type": "string"}},
            }
        },
    ],
}
DEFINITION = {
    "name": "tap-a",
    "variant": "b",
    "logo_url": "/assets/logos/tap-a.png",
    "settings": [{"name": "a", "label": "A", "description": "Does a."}],
    "settings_group_validation": [["a"]],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of schemas and one of definitions."""
    for name, schema in (("common/common", COMMON), ("plugin_definitions/extractors", EXTRACTORS)):
        path = tmp_path / f"schemas/{name}.schema.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(schema))
    for path in (tmp_path / "plugins/extractors", tmp_path / "plugins/assets/logos"):
        path.mkdir(parents=True)
    (tmp_path / "plugins/assets/logos/tap-a.png").touch()
    return tmp_path


def check(folder: Path, definition: dict[str, Any], kind: str = "extractors") -> tuple[int, str]:
    path = folder / f"plugins/{kind}/tap-a.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(definition))
    done = CliRunner().invoke(
        main, ["--schemas", str(folder / "schemas"), "--plugins", str(folder / "plugins")]
    )
    return done.exit_code, done.output


def test_a_right_definition(folder: Path) -> None:
    assert check(folder, DEFINITION) == (0, "tap-a            ok\n")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"variant": None}, ""),
        ({"keywords": [1]}, "$.keywords[0]: 1 is not of type 'string'"),
        ({"logo_url": "/assets/logos/b.png"}, "logo_url: /assets/logos/b.png is not in "),
        ({"settings_group_validation": [["b"]]}, "there is no setting 'b'"),
        ({"settings": [{"name": "a", "label": "A"}]}, "settings: 'a' has no description"),
        ({"settings": DEFINITION["settings"] * 2}, "settings: 'a' stands there twice"),  # type: ignore[operator]
    ],
    ids=["null", "type", "logo", "group", "description", "twice"],
)
def test_what_is_wrong_is_named(folder: Path, change: dict[str, Any], fault: str) -> None:
    definition = {name: value for name, value in (DEFINITION | change).items() if value is not None}
    code, output = check(folder, definition)
    assert code == 1
    assert output.startswith("tap-a            WRONG\n  ")
    assert fault in output


def test_a_kind_without_a_schema_is_not_checked(folder: Path) -> None:
    code, output = check(folder, {}, "utilities")
    assert code == 0
    assert "not checked: the folder has no schema of utilities" in output


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "is no JSON"), (None, "has no plugin_definitions/*.schema.json")],
    ids=["damaged", "none"],
)
def test_a_folder_of_something_else(folder: Path, text: str | None, message: str) -> None:
    schema = folder / "schemas/plugin_definitions/extractors.schema.json"
    schema.write_text(text) if text else schema.unlink()
    code, output = check(folder, DEFINITION)
    assert code == 1
    assert output.startswith("Error: ")
    assert message in output


def test_without_a_folder_it_says_so() -> None:
    done = CliRunner().invoke(main, [], env={"HUB_SCHEMAS_DIR": ""})
    assert done.exit_code == 0
    assert done.output.startswith("Nothing was checked: ")


def combinations() -> list[list[str]]:
    """The combinations of keys that the tap's definition calls enough."""
    definition = yaml.safe_load((PLUGINS / "extractors/tap-twitter.yml").read_text())
    groups: list[list[str]] = definition["settings_group_validation"]
    return [group for group in groups if len(group) > 1 or group == ["auth.bearer_token"]]


@pytest.mark.parametrize("names", combinations(), ids=" ".join)
def test_the_keys_that_the_definition_calls_enough_are(names: list[str], tmp_path: Path) -> None:
    keyring = Keyring(TokenStore(tmp_path / "tokens"), "http://127.0.0.1:9", Mock(), Mock())
    keys = {name.removeprefix("auth."): f"1-{name.rpartition('.')[2]}" for name in names}
    assert len(keyring.given(keys)) == 1
