from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from dataset_store import SchemaConflictError
from dataset_store.references import without_references
from dataset_store.schema import arrow_schema, is_json_text

DEFINITIONS: dict[str, Any] = {
    "day": {"type": ["string", "null"], "format": "date"},
    "alias": {"$ref": "#/definitions/day"},
    "a/b~c d": {"type": "integer"},
    "list": [{"type": "boolean"}],
    "node": {"type": "object", "properties": {"next": {"$ref": "#/definitions/node"}}},
    "endless": {"$ref": "#/definitions/endless"},
}


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ({"$ref": "#/definitions/day"}, DEFINITIONS["day"]),
        ({"$ref": "#/definitions/alias"}, DEFINITIONS["day"]),
        ({"$ref": "#/definitions/a~1b~0c%20d"}, {"type": "integer"}),
        ({"$ref": "#/definitions/list/0"}, {"type": "boolean"}),
        ({"anyOf": [{"$ref": "#/definitions/day"}]}, {"anyOf": [DEFINITIONS["day"]]}),
        ({"$ref": "#/definitions/day", "format": "uri"}, {**DEFINITIONS["day"], "format": "uri"}),
        ({"$ref": "#/definitions/node"}, {"type": "object", "properties": {"next": {}}}),
        ({"$ref": "#/definitions/endless"}, {}),
        ({"$ref": "#"}, {}),
        ({"$ref": "#/definitions/none"}, {"$ref": "#/definitions/none"}),
        ({"$ref": "#/definitions/list/1"}, {"$ref": "#/definitions/list/1"}),
        ({"$ref": "https://example.org/a"}, {"$ref": "https://example.org/a"}),
        ({"properties": {"$ref": {"type": "null"}}}, {"properties": {"$ref": {"type": "null"}}}),
    ],
    ids=[
        *("definition", "chain", "escaped", "list", "in anyOf", "beside", "recursive", "endless"),
        *("whole", "nowhere", "past the end", "elsewhere", "property"),
    ],
)
def test_what_a_reference_becomes(value: Any, resolved: Any) -> None:
    schema = {"properties": {"a": value}, "definitions": DEFINITIONS}

    assert without_references(schema)["properties"]["a"] == resolved


def test_columns_have_the_types_that_they_refer_to() -> None:
    schema = arrow_schema(
        {
            "properties": {
                "day": {"$ref": "#/definitions/day"},
                "node": {"$ref": "#/definitions/node"},
            },
            "definitions": DEFINITIONS,
        }
    )

    assert schema.field("day").type == pa.date32()
    assert is_json_text(schema.field("node"))


def test_references_that_would_outgrow_the_memory_are_refused() -> None:
    doubling = {
        f"d{level}": {
            "properties": {name: {"$ref": f"#/definitions/d{level - 1}"} for name in "ab"}
        }
        for level in range(1, 31)
    }
    with pytest.raises(SchemaConflictError, match="has too many references to its parts"):
        without_references({"$ref": "#/definitions/d30", "definitions": {"d0": {}, **doubling}})


def deep(links: int, levels: int) -> dict[str, Any]:
    """A chain of definitions, each of so many objects with the next one in the last of them."""
    definitions: dict[str, Any] = {"d0": {"type": "string"}}
    for link in range(1, links + 1):
        part: dict[str, Any] = {"$ref": f"#/definitions/d{link - 1}"}
        for _ in range(levels):
            part = {"type": "object", "properties": {"p": part}}
        definitions[f"d{link}"] = part
    return {"properties": {"v": {"$ref": f"#/definitions/d{links}"}}, "definitions": definitions}


def test_references_that_lead_to_references_without_end_are_refused() -> None:
    with pytest.raises(SchemaConflictError, match="has too many references to its parts"):
        without_references(deep(2_000, 0))


@pytest.mark.parametrize(("links", "levels"), [(10, 30), (5, 30), (1, 1_000)], ids=str)
def test_references_between_deep_parts_are_refused(links: int, levels: int) -> None:
    with pytest.raises(SchemaConflictError, match="nested too deeply"):
        without_references(deep(links, levels))


@pytest.mark.parametrize(("links", "levels"), [(49, 0), (49, 1), (3, 32)], ids=str)
def test_references_may_be_deep(links: int, levels: int) -> None:
    schema = without_references(deep(links, levels))

    assert is_json_text(arrow_schema(schema).field("v")) is (levels > 0)
