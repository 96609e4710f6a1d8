"""The SDK's flattening loses nothing, and says in one line what it cannot do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from singer_messages import Loaded, record, schema
from target_command import Command, Run

from target_dataset.mapping import flattenable

if TYPE_CHECKING:
    from collections.abc import Callable

FLAT = {"flattening_enabled": True, "flattening_max_depth": 2}
TEXT = {"type": ["string", "null"]}
PERSON = {"type": "object", "properties": {"name": TEXT}}

PROPERTIES: list[tuple[str, Any, Any, dict[str, Any]]] = [
    ("object", PERSON, {"name": "ann"}, {"v__name": "ann"}),
    ("object or null", {"anyOf": [PERSON, {"type": "null"}]}, {"name": "ann"}, {"v__name": "ann"}),
    ("null or object", {"oneOf": [{"type": "null"}, PERSON]}, {"name": "ann"}, {"v__name": "ann"}),
    ("null for it", {"anyOf": [PERSON, {"type": "null"}]}, None, {"v__name": None}),
    ("reference", {"$ref": "#/definitions/person"}, {"name": "ann"}, {"v__name": "ann"}),
    ("integer or null", {"anyOf": [{"type": "integer"}, {"type": "null"}]}, 5, {"v": 5}),
    ("scalars", {"anyOf": [{"type": "integer"}, {"type": "string"}]}, 5, {"v": "5"}),
    ("enumeration", {"enum": ["a", "b", None]}, "b", {"v": "b"}),
    ("constant", {"const": 5}, 5, {"v": 5}),
    ("anything", {}, "a", {"v": "a"}),
    ("deep", {"type": "object", "properties": {"w": {"anyOf": [PERSON, {"type": "null"}]}}},
     {"w": {"name": "ann"}}, {"v__w__name": "ann"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("value_schema", "value", "stored"),
    [example[1:] for example in PROPERTIES],
    ids=[example[0] for example in PROPERTIES],
)
def test_every_value_arrives(
    value_schema: Any, value: Any, stored: dict[str, Any], load: Callable[..., Loaded]
) -> None:
    posts = schema("posts", {"id": TEXT, "v": value_schema}, definitions={"person": PERSON})
    for _ in range(2):
        loaded = load(posts, posts, record("posts", id="1", v=value), **FLAT)
    assert loaded.rows("posts") == [{"id": "1", **stored}] * 2


def test_a_schema_that_says_its_types_stays_as_it_is() -> None:
    message = schema("posts", {"id": TEXT, "v": PERSON, "n": {"type": ["integer", "null"]}})
    assert flattenable(message["schema"]) == message["schema"]


def test_names_that_meet_are_one_line(command: Command) -> None:
    posts = schema("posts", {"v": PERSON, "v__name": TEXT})
    error = (
        "Stream 'posts': it cannot be flattened (Duplicate column name produced in schema: "
        "v__name); set `flattening_separator` to a text that none of its names hold"
    )
    assert command(posts, **FLAT) == Run(1, "", [error])


@pytest.mark.parametrize("config", [{}, {"nested": "struct"}, FLAT], ids=["json", "struct", "flat"])
def test_references_between_deep_parts_are_one_line(
    config: dict[str, Any], command: Command
) -> None:
    definitions: dict[str, Any] = {"d5": TEXT}
    for number in reversed(range(5)):
        part: dict[str, Any] = {"$ref": f"#/definitions/d{number + 1}"}
        for _ in range(30):
            part = {"type": "object", "properties": {"p": part}}
        definitions[f"d{number}"] = part
    posts = schema("posts", {"v": {"$ref": "#/definitions/d0"}}, definitions=definitions)
    error = (
        "Stream 'posts': Its schema is nested too deeply once references to its own parts "
        "are followed"
    )
    assert command(posts, **config) == Run(1, "", [error])


@pytest.mark.parametrize(
    ("stream_map", "reason"),
    [
        ({"id": "(("}, "Failed to parse expression ((."),
        ({"__filter__": "(("}, "Failed to parse expression ((."),
    ],
    ids=["expression", "filter"],
)
def test_a_stream_map_that_cannot_be_read_is_one_line(
    stream_map: dict[str, str], reason: str, command: Command
) -> None:
    error = f"Stream 'posts', setting 'stream_maps': {reason}"
    run = command(schema("posts", {"id": TEXT}), stream_maps={"posts": stream_map})
    assert run == Run(1, "", [error])
