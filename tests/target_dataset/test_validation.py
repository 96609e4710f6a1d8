"""JSON schemas as taps send them: what is enforced, and what only other validators know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.target_cases import run_case
from target_command import Run

from target_dataset.errors import InvalidSchemaError
from target_dataset.validation import RecordValidator

if TYPE_CHECKING:
    from pathlib import Path


def validator(value_schema: Any) -> RecordValidator:
    return RecordValidator("posts", {"properties": {"v": value_schema}})


PATTERNS = [
    (r"^\d{4}$", "2024", "24"),
    (r"^(?P<year>\d{4})$", "2024", "24"),
    (r"\A\d{4}\Z", "2024", "24"),
    (r"(?i)^abc$", "ABC", "abcd"),
    (r"(?P<a>x)-(?P=a)", "x-x", "x-y"),
    (r"(?x) a b  # a comment", "ab", "a b"),
    (r"(?#note)a", "a", "b"),
    (r"^a{,2}$", "aa", "aaa"),
]


@pytest.mark.parametrize(
    ("pattern", "fit", "unfit"), PATTERNS, ids=[pattern for pattern, _, _ in PATTERNS]
)
@pytest.mark.parametrize("more", [{}, {"maximum": 5, "exclusiveMaximum": True}],
                         ids=["draft 7", "draft 4"])  # fmt: skip
def test_patterns_of_python(pattern: str, fit: str, unfit: str, more: dict[str, Any]) -> None:
    found = validator({"type": ["string", "null"], "pattern": pattern, **more})
    assert found.is_valid({"v": fit})
    assert found.is_valid({"v": None})
    assert not found.is_valid({"v": unfit})
    assert unfit not in found.reason({"v": unfit}).replace(pattern, "")


def test_patterns_deep_in_a_schema() -> None:
    found = validator(
        {"items": {"anyOf": [{"type": "null"}, {"pattern": "(?i)^a$", "type": "string"}]}}
    )
    assert found.is_valid({"v": ["A", None]})
    assert not found.is_valid({"v": ["b"]})


def test_what_only_looks_like_a_pattern_stays() -> None:
    properties = {"pattern": {"type": "integer"}, "w": {"pattern": "(?i)a"}}
    values = {"enum": [{"pattern": "a"}]}
    found = RecordValidator("posts", {"properties": {**properties, "v": values}})
    assert found.is_valid({"pattern": 1, "w": "A", "v": {"pattern": "a"}})
    assert not found.is_valid({"pattern": "a"})
    assert not found.is_valid({"v": {"x-python-pattern": "a"}})


@pytest.mark.parametrize("name", ["default", "enum", "const", "examples", "pattern", "properties"])
@pytest.mark.parametrize("depth", [0, 1])
def test_patterns_of_properties_that_are_called_like_keywords(name: str, depth: int) -> None:
    part: dict[str, Any] = {"properties": {name: {"type": "string", "pattern": r"(?i)^a\Z"}}}
    fit: dict[str, Any] = {name: "A"}
    unfit: dict[str, Any] = {name: "b"}
    for _ in range(depth):
        part, fit, unfit = {"properties": {name: part}}, {name: fit}, {name: unfit}
    found = RecordValidator("posts", part)
    assert found.is_valid(fit)
    assert not found.is_valid(unfit)


def test_patterns_of_definitions_that_are_called_like_keywords() -> None:
    definitions = {"default": {"pattern": "(?i)^a$"}}
    value = {"$ref": "#/definitions/default"}
    found = RecordValidator("posts", {"properties": {"v": value}, "definitions": definitions})
    assert found.is_valid({"v": "A"})
    assert not found.is_valid({"v": "b"})


@pytest.mark.parametrize(
    ("pattern", "fit", "unfit"),
    [
        (r"\A\d{4}\Z", "2024", "2024b"),
        (r"^(?P<year>\d{4})$", "2024", "24"),
        (r"\Aa\\Z\.", r"a\Z.", "a."),
    ],
    ids=["ends", "name", "escaped"],
)
def test_python_patterns_of_names(pattern: str, fit: str, unfit: str) -> None:
    names = {pattern: {"pattern": "(?i)^a$"}}
    found = validator({"patternProperties": names, "additionalProperties": False})
    assert found.is_valid({"v": {fit: "A"}})
    assert not found.is_valid({"v": {fit: "b"}})
    assert not found.is_valid({"v": {unfit: "A"}})


@pytest.mark.parametrize("pattern", ["(", "[a", "*"])
def test_patterns_of_nobody_are_refused(pattern: str) -> None:
    with pytest.raises(InvalidSchemaError, match=r"'posts'.* at 'properties\.v\.pattern'$"):
        validator({"pattern": pattern})


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("properties", "record", "reason"),
    [
        ({"a": {"type": "string"}}, {"a": nested(300)},
         "column 'a': the value is not of type \"string\""),
        ({"a": {}, "b": {"type": "string"}}, {"a": nested(300), "b": 1},
         "column 'b': the value is not of type \"string\""),
        ({"a": {"uniqueItems": True}}, {"a": [nested(300)] * 2},
         "column 'a': it is nested too deeply to be checked"),
        ({"a": {"uniqueItems": True}}, {"a": [nested(300), nested(301)]},
         "column 'a': it is nested too deeply to be checked"),
        ({"a": {"$ref": "#/definitions/list"}}, {"a": nested(300)},
         "column 'a.0.0.0.0.0.0.0.0.0.…': the value is not of type \"array\""),
    ],
    ids=["column", "other column", "repeated", "all different", "reference"],
)  # fmt: skip
def test_a_record_that_is_deep_and_not_valid_names_its_column(
    properties: dict[str, Any], record: dict[str, Any], reason: str
) -> None:
    lists = {"type": "array", "items": {"$ref": "#/definitions/list"}}
    validator = RecordValidator("s", {"properties": properties, "definitions": {"list": lists}})
    assert not validator.is_valid(record)
    assert validator.reason(record) == reason


def test_a_deep_record_as_it_came(tmp_path: Path) -> None:
    case = run_case("p_deep_invalid", tmp_path)
    error = "Line 2, stream 's': column 'a': the value is not of type \"string\""
    assert case.runs == [Run(1, "", [error])]
