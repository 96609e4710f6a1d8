"""Flattening loses nothing, and says in one line what it cannot do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.singer_messages import Loaded, record, schema
from support.target_cases import run_case
from target_command import Command, Run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FLAT = {"flattening_enabled": True, "flattening_max_depth": 2}
TEXT = {"type": ["string", "null"]}
PERSON = {"type": "object", "properties": {"name": TEXT}}

OPEN = {**PERSON, "additionalProperties": True}
INT = {"type": ["integer", "null"]}

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
    ("object or text", {**PERSON, "type": ["object", "string"]}, {"name": "ann"},
     {"v": None, "v__name": "ann"}),
    ("text for it", {**PERSON, "type": ["object", "string"]}, "x", {"v": "x", "v__name": None}),
    ("number for it", {**PERSON, "type": ["object", "integer", "null"]}, 5,
     {"v": 5, "v__name": None}),
    ("array for it", {**PERSON, "type": ["object", "array"]}, [1], {"v": "[1]", "v__name": None}),
    ("object of anything", {"type": "object"}, {"a": 1}, {"v": '{"a":1}'}),
    ("object of nothing", {"type": "object", "properties": {}}, {"a": 1}, {"v": '{"a":1}'}),
    ("array", {"type": ["array", "null"], "items": PERSON}, [{"name": "ann"}],
     {"v": '[{"name":"ann"}]'}),
    ("array of anything", {"type": "array"}, [], {"v": "[]"}),
    ("open object", OPEN, {"name": "ann", "x": [1]}, {"v": '{"x":[1]}', "v__name": "ann"}),
    ("open object or text", {**OPEN, "type": ["object", "string"]}, {"x": 1},
     {"v": '{"x":1}', "v__name": None}),
    ("names by pattern", {**PERSON, "patternProperties": {"^x_": {}}}, {"x_a": 1},
     {"v": '{"x_a":1}', "v__name": None}),
    ("two objects", {"anyOf": [PERSON, {"type": "object", "properties": {"age": INT}}]},
     {"age": 5}, {"v": '{"age":5}'}),
    ("object or text as alternatives", {"anyOf": [PERSON, {"type": "string"}]}, "x", {"v": "x"}),
    ("parts of all", {"allOf": [PERSON, {"properties": {"age": INT}}]}, {"name": "ann", "age": 5},
     {"v__name": "ann", "v__age": 5}),
    ("rules beside", {**PERSON, "anyOf": [{"required": ["name"]}]}, {"name": "a"}, {"v__name": "a"}),
    ("true", True, {"z": 1}, {"v": '{"z":1}'}),
    ("any number", {}, 5, {"v": "5"}),
    ("null alone", {"type": "null"}, None, {"v": None}),
    ("too deep", {"properties": {"a": {"properties": {"b": {"properties": {"c": INT}}}}}},
     {"a": {"b": {"c": 1}}}, {"v__a__b": '{"c":1}'}),
    ("null inside", {"properties": {"a": {"type": ["object", "null"], "properties": {"b": INT}}}},
     {"a": None}, {"v__a__b": None}),
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


def test_names_that_meet_are_one_line(command: Command) -> None:
    posts = schema("posts", {"v": PERSON, "v__name": TEXT})
    error = (
        "Stream 'posts': it cannot be flattened (Duplicate column name produced in schema: "
        "v__name); set `flattening_separator` to a string that occurs in none of its names"
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
    error = "Stream 'posts': Its schema is nested too deeply after its own references are resolved"
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


CASES: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "f02_type_obj_str": ("k", [
        {"id": 0, "p": None, "p__x": 1},
        {"id": 1, "p": "abc", "p__x": None},
        {"id": 2, "p": None, "p__x": None},
    ]),
    "f11_true": ("k", [{"id": 0, "p": "5"}, {"id": 1, "p": "a"}, {"id": 2, "p": '{"z":1}'}]),
    "f17_emptyobj_props": ("k", [{"id": 0, "p": '{"a":1}'}, {"id": 1, "p": "{}"}]),
    "t03_sf_typeless_flat": ("acct_hist", [
        {"Id": "a", "CreatedDate": "2023-07-28T10:00:00.000Z", "Old": "1", "New": "x", "Amt": 1.5},
        {"Id": "b", "CreatedDate": None, "Old": '{"k":[1]}', "New": None, "Amt": None},
        {"Id": "c", "CreatedDate": "", "Old": "1", "New": "true", "Amt": 3.0},
    ]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_inputs_that_lost_values(name: str, tmp_path: Path) -> None:
    case = run_case(name, tmp_path)
    stream, rows = CASES[name]
    assert (case.codes, case.runs[0].errors) == ([0], [])
    assert case.rows(stream, by=next(iter(rows[0]))) == rows


def test_dropped_properties_are_told_once(command: Command) -> None:
    posts = schema("posts", {"v": PERSON})
    rows = [record("posts", v={"name": "a", "secret": 1}) for _ in range(3)]
    warning = (
        "Stream 'posts', column 'v': flattening drops properties not declared in the SCHEMA; "
        "to keep them, allow `additionalProperties` in the SCHEMA"
    )
    assert command(posts, *rows, **FLAT) == Run(0, "", [warning])


def test_a_value_that_is_no_object_is_one_line(command: Command) -> None:
    posts = schema("posts", {"v": PERSON})
    run = command(posts, record("posts", v="secret"), validate_records=False, **FLAT)
    error = "Line 2, stream 'posts': column 'v' holds a value that is not an object"
    assert run == Run(1, "", [error])


def test_an_undeclared_name_does_not_take_the_place_of_a_nested_one(
    load: Callable[..., Loaded],
) -> None:
    posts = schema("posts", {"id": TEXT, "v": PERSON})
    loaded = load(posts, record("posts", id="1", v={"name": "ann"}, v__name="x"), **FLAT)
    assert loaded.rows("posts") == [{"id": "1", "v__name": "ann"}]


def test_records_are_checked_by_the_schema_of_their_tap(command: Command) -> None:
    posts = schema("posts", {"v": {**PERSON, "required": ["name"]}})
    error = "Line 2, stream 'posts': column 'v': \"name\" is a required property"
    assert command(posts, record("posts", v={}), **FLAT) == Run(1, "", [error])
    assert command(posts, record("posts", v={}), validate_records=False, **FLAT).code == 0


def test_maps_see_records_before_they_are_flattened(load: Callable[..., Loaded]) -> None:
    posts = schema(
        "posts", {"id": TEXT, "v": {"$ref": "#/definitions/p"}}, definitions={"p": PERSON}
    )
    maps = {"posts": {"name": "v['name'].upper()", "id": "id", "v": "v", "__else__": None}}
    loaded = load(posts, record("posts", id="1", v={"name": "ann"}), stream_maps=maps, **FLAT)
    assert loaded.rows("posts") == [{"name": "ANN", "id": "1", "v__name": "ann"}]
