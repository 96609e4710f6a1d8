from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataset_store import DatasetSpec, open_store
from dataset_store.schema import (
    JSON_TEXT,
    NULL_ONLY,
    TIMESTAMP,
    arrow_schema,
    domo_columns,
    is_json_text,
    json_schema,
    type_name,
)

if TYPE_CHECKING:
    from pathlib import Path

    from dataset_store.schema import Nested

INT, DOUBLE, BOOL, TEXT, DATE = pa.int64(), pa.float64(), pa.bool_(), pa.string(), pa.date32()
DECIMAL, EXACT = pa.decimal128(12, 0), {"type": "number", "precision": 12}
JSON = "JSON text"
MOMENT = {"type": "string", "format": "date-time"}

SCALARS: list[tuple[str, Any, Any]] = [
    ("string", {"type": "string"}, TEXT),
    ("nullable", {"type": ["null", "string"]}, TEXT),
    ("integer", {"type": ["integer", "null"]}, INT),
    ("number", {"type": "number"}, DOUBLE),
    ("number with multipleOf", {"type": "number", "multipleOf": 0.01}, DOUBLE),
    ("number of a precision", {"type": "number", "precision": 12}, DECIMAL),
    ("and a scale", {"type": ["null", "number"], "precision": 12, "scale": 0}, DECIMAL),
    ("or integer", {"type": ["integer", "number"], "precision": 12}, DECIMAL),
    ("integer of a precision", {"type": "integer", "precision": 12}, INT),
    ("precision above all", {"precision": 12, "oneOf": [{"type": "number"}]}, DECIMAL),
    ("precision in one", {"anyOf": [{"type": "null"}, EXACT]}, DECIMAL),
    ("precision beside an integer", {"anyOf": [{"type": "integer"}, EXACT]}, DOUBLE),
    ("precision beside a string", {"anyOf": [{"type": "string"}, EXACT]}, TEXT),
    ("two precisions", {"anyOf": [EXACT, {**EXACT, "precision": 5}]}, DOUBLE),
    ("scale alone", {"type": "number", "scale": 2}, DOUBLE),
    ("no digit", {"type": "number", "precision": 0}, DOUBLE),
    ("39 digits", {"type": "number", "precision": 39}, DOUBLE),
    ("scale beyond", {"type": "number", "precision": 2, "scale": 3}, DOUBLE),
    ("negative scale", {"type": "number", "precision": 2, "scale": -1}, DOUBLE),
    ("no precision at all", {"type": "number", "precision": "12"}, DOUBLE),
    ("true as precision", {"type": "number", "precision": True}, DOUBLE),
    ("null as scale", {"type": "number", "precision": 12, "scale": None}, DOUBLE),
    ("decimal text", {"type": "string", "format": "x-singer.decimal", "precision": 12}, DECIMAL),
    ("older format", {"type": "string", "format": "singer.decimal", "precision": 12}, DECIMAL),
    ("no digits told", {"type": ["string", "null"], "format": "singer.decimal"}, TEXT),
    ("text of a precision", {"type": "string", "precision": 12}, TEXT),
    ("boolean", {"type": "boolean"}, BOOL),
    ("date-time", MOMENT, TIMESTAMP),
    ("date", {"type": ["string", "null"], "format": "date"}, DATE),
    ("time", {"type": "string", "format": "time"}, TEXT),
    ("other format", {"type": "string", "format": "uri"}, TEXT),
    ("format alone", {"format": "date-time"}, TIMESTAMP),
    ("integer and number", {"type": ["integer", "number"]}, DOUBLE),
    ("string and integer", {"type": ["string", "integer", "null"]}, TEXT),
    ("string and boolean", {"type": ["boolean", "integer", "string"]}, TEXT),
    ("boolean and integer", {"type": ["boolean", "integer"]}, JSON),
    ("string and object", {"type": ["string", "object"]}, JSON),
    ("enum", {"enum": ["a", "b", None]}, TEXT),
    ("enum of integers", {"enum": [1, 2]}, INT),
    ("enum of numbers", {"enum": [1, 2.5]}, DOUBLE),
    ("enum of decimals", {"enum": [Decimal("1.10")]}, DOUBLE),
    ("enum of booleans", {"enum": [True]}, BOOL),
    ("enum of objects", {"enum": [{}]}, JSON),
    ("enum with a type", {"type": "string", "enum": ["a"]}, TEXT),
    ("const", {"const": 1}, INT),
    ("const null", {"const": None}, pa.null()),
    ("no type", {}, JSON),
    ("true", True, JSON),
    ("null alone", {"type": "null"}, pa.null()),
    ("null in a list", {"type": ["null"]}, pa.null()),
    ("enum of null", {"enum": [None]}, pa.null()),
    ("nulls in alternatives", {"anyOf": [{"type": "null"}, {"const": None}]}, pa.null()),
    ("unresolved reference", {"$ref": "#/definitions/a"}, JSON),
    ("anyOf with null", {"anyOf": [MOMENT, {"type": "null"}]}, TIMESTAMP),
    ("oneOf with null", {"oneOf": [{"type": "null"}, {"type": "integer"}]}, INT),
    ("date-time or text", {"anyOf": [MOMENT, {"type": ["string", "null"]}]}, TEXT),
    ("date or date-time", {"anyOf": [MOMENT, {"type": "string", "format": "date"}]}, TEXT),
    ("nested anyOf", {"anyOf": [{"anyOf": [{"type": "integer"}]}, {"type": "number"}]}, DOUBLE),
    ("anyOf as constraint", {"type": "string", "anyOf": [{"minLength": 1}]}, TEXT),
    ("anyOf anything", {"anyOf": [True, {"type": "string"}]}, JSON),
    ("allOf", {"allOf": [{"type": "string"}, {"format": "date-time"}]}, TIMESTAMP),
]

OBJECT = {"type": ["object", "null"], "properties": {"a": {"type": "integer"}, "b": {}}}
NESTED: list[tuple[str, Any, Any]] = [
    ("object", OBJECT, pa.struct([("a", INT), ("b", TEXT)])),
    ("properties alone", {"properties": {"a": {"type": "string"}}}, pa.struct([("a", TEXT)])),
    ("object in object", {"type": "object", "properties": {"o": OBJECT}}, "nested"),
    ("array", {"type": "array", "items": {"type": "string"}}, pa.list_(TEXT)),
    ("items alone", {"items": {"type": "string"}}, pa.list_(TEXT)),
    ("array of objects", {"type": "array", "items": OBJECT}, "nested"),
    ("array of arrays", {"items": {"items": {"type": "date"}, "type": "array"}}, JSON),
    ("array of anything", {"type": "array"}, JSON),
    ("object of anything", {"type": "object"}, JSON),
    ("open object", {**OBJECT, "additionalProperties": True}, JSON),
    ("closed object", {**OBJECT, "additionalProperties": False}, "nested"),
    ("map", {"type": "object", "additionalProperties": {"type": "string"}}, JSON),
    ("case clash", {"type": "object", "properties": {"a": {}, "A": {}}}, JSON),
    ("object or array", {"type": ["object", "array"], "items": OBJECT}, JSON),
    (
        "allOf objects",
        {"allOf": [{"properties": {"a": MOMENT}}, {"properties": {"b": {"type": "date"}}}]},
        pa.struct([("a", TIMESTAMP), ("b", TEXT)]),
    ),
]


def column(property_schema: Any, nested: Nested = "json") -> pa.Field:
    return arrow_schema({"properties": {"c": property_schema}}, nested=nested).field("c")


@pytest.mark.parametrize("nested", ["json", "struct"])
@pytest.mark.parametrize(
    ("schema", "expected"), [s[1:] for s in SCALARS], ids=[s[0] for s in SCALARS]
)
def test_a_plain_column(schema: Any, expected: Any, nested: Nested) -> None:
    field = column(schema, nested)

    assert (JSON if is_json_text(field) else field.type) == expected
    assert field.nullable


@pytest.mark.parametrize(
    ("schema", "expected"), [n[1:] for n in NESTED], ids=[n[0] for n in NESTED]
)
def test_a_nested_column(schema: Any, expected: Any) -> None:
    assert is_json_text(column(schema, "json"))
    field = column(schema, "struct")

    if expected == "nested":
        assert pa.types.is_nested(field.type)
    else:
        assert (JSON if is_json_text(field) else field.type) == expected


def test_text_of_unknown_shape_inside_a_struct_is_marked() -> None:
    assert is_json_text(column(OBJECT, "struct").type.field("b"))
    assert not is_json_text(
        column({"properties": {"a": {"type": "string"}}}, "struct").type.field(0)
    )


def test_a_schema_without_properties_has_no_columns() -> None:
    assert len(arrow_schema({"type": "object"})) == 0


PROPERTIES = st.recursive(
    st.sampled_from(
        [
            {"type": ["string", "null"]},
            {"type": ["string", "null"], "format": "date-time"},
            {"type": ["string", "null"], "format": "date"},
            {"type": ["integer", "null"]},
            {"type": ["number", "null"]},
            {"type": ["number", "null"], "precision": 38, "scale": 9},
            {"type": ["boolean", "null"]},
            {},
        ]
    ),
    lambda inner: st.one_of(
        st.builds(
            lambda properties: {"type": ["object", "null"], "properties": properties},
            st.dictionaries(st.sampled_from("abcd"), inner, min_size=1, max_size=3),
        ),
        st.builds(
            lambda items: {"type": ["array", "null"], "items": items},
            inner.filter(bool),
        ),
    ),
    max_leaves=6,
)
SCHEMAS = st.dictionaries(
    st.text("abcxyz_ .\"'é0", min_size=1, max_size=6), PROPERTIES, min_size=1, max_size=5
).map(lambda properties: {"type": "object", "properties": properties})


@given(SCHEMAS)
@settings(deadline=None)
def test_there_and_back_is_the_same_schema(schema: dict[str, Any]) -> None:
    assert json_schema(arrow_schema(schema, nested="struct")) == schema


@given(SCHEMAS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_stored_schema_is_the_same_schema(tmp_path: Path, schema: dict[str, Any]) -> None:
    store = open_store(str(tmp_path / "round-trip"))
    wanted = arrow_schema(schema, nested="struct")
    made = store.create(DatasetSpec("d", wanted))
    try:
        assert made.schema == wanted
        assert json_schema(made.schema) == schema
    finally:
        store.remove(made.id)


ALL_TYPES = pa.schema(
    [
        pa.field("text", TEXT),
        pa.field("json", TEXT, metadata=JSON_TEXT),
        pa.field("small", pa.int8()),
        pa.field("integer", INT, nullable=False),
        pa.field("number", DOUBLE),
        pa.field("exact", pa.decimal128(12, 2)),
        pa.field("flag", BOOL),
        pa.field("moment", TIMESTAMP),
        pa.field("day", DATE),
        pa.field("bytes", pa.binary()),
        pa.field("map", pa.map_(TEXT, INT)),
        pa.field("list", pa.list_(TEXT)),
    ]
)


def test_every_arrow_type_has_a_json_schema() -> None:
    assert json_schema(ALL_TYPES)["properties"] == {
        "text": {"type": ["string", "null"]},
        "json": {},
        "small": {"type": ["integer", "null"]},
        "integer": {"type": "integer"},
        "number": {"type": ["number", "null"]},
        "exact": {"type": ["number", "null"], "precision": 12, "scale": 2},
        "flag": {"type": ["boolean", "null"]},
        "moment": {"type": ["string", "null"], "format": "date-time"},
        "day": {"type": ["string", "null"], "format": "date"},
        "bytes": {"type": ["string", "null"], "contentEncoding": "base64"},
        "map": {"type": ["object", "null"], "additionalProperties": {"type": ["integer", "null"]}},
        "list": {"type": ["array", "null"], "items": {"type": ["string", "null"]}},
    }


def test_every_arrow_type_has_a_domo_column() -> None:
    columns = domo_columns(ALL_TYPES)

    assert [list(column) for column in columns] == [["type", "name"]] * len(ALL_TYPES)
    assert {column["name"]: column["type"] for column in columns} == {
        "text": "STRING",
        "json": "STRING",
        "small": "LONG",
        "integer": "LONG",
        "number": "DOUBLE",
        "exact": "DECIMAL",
        "flag": "STRING",
        "moment": "DATETIME",
        "day": "DATE",
        "bytes": "STRING",
        "map": "STRING",
        "list": "STRING",
    }


def test_what_may_only_be_null_stays_so_in_a_json_schema() -> None:
    text = pa.field("c", pa.string(), metadata=NULL_ONLY)
    for field in (text, pa.field("c", pa.null())):
        found = json_schema(pa.schema([field]))["properties"]["c"]
        assert found == {"type": "null"}
        assert type_name(column(found)) == "null"
