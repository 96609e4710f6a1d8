"""Column types in one place: JSON schema, Arrow and Domo.

Arrow is the common language. The metadata of a string field marks content other than plain text,
and Delta Lake keeps it: `JSON_TEXT`, `NULL_ONLY` or `MIXED_TEXT`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Literal

import pyarrow as pa

from dataset_store.columns import column_names
from dataset_store.references import without_references

Nested = Literal["json", "struct"]
"""How objects and arrays are stored: as JSON text, or as Arrow structs and lists if their shape
is declared.
"""

_MARK: Final = b"dataset.type"

JSON_TEXT: Final = {_MARK: b"json"}
"""Metadata of a string field whose values are JSON."""

NULL_ONLY: Final = {_MARK: b"null"}
"""Metadata of a string field without a type: all its values are null.

Delta Lake has no null type. The field takes the first type that comes.
"""

MIXED_TEXT: Final = {_MARK: b"text"}
"""Metadata of a string field that became text because its types contradict each other.

It accepts values of any type: text unchanged, everything else as `dataset_store.casts` spells it.
"""

YIELDS_TO_TEXT: Final = {b"dataset.yields": b"text"}
"""Metadata of a field of new rows whose type is a guess: a stored text column stays text."""

TIMESTAMP: Final = pa.timestamp("us", "UTC")

_ANY: Final = pa.json_()
_ANY_NAME: Final = "any"
_NULL: Final = pa.null()
_STRING: Final = pa.string()
_SCALARS: Final = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "null": _NULL,
    "number": pa.float64(),
}
_FORMATS: Final = {"date": pa.date32(), "date-time": TIMESTAMP}
_DECIMAL_FORMATS: Final = frozenset({"singer.decimal", "x-singer.decimal"})
_MAX_DIGITS: Final = 38
_NUMBERS: Final = frozenset({pa.int64(), pa.float64()})
_TEMPORAL: Final = frozenset(_FORMATS.values())
_TEXTUAL: Final = _NUMBERS | _TEMPORAL | {pa.bool_(), _STRING}


def is_json_text(field: pa.Field) -> bool:
    """Whether the column's text is JSON."""
    return _bears(field, JSON_TEXT)


def is_null_only(field: pa.Field) -> bool:
    """Whether the column has no type yet."""
    return pa.types.is_null(field.type) or _bears(field, NULL_ONLY)


def is_mixed_text(field: pa.Field) -> bool:
    """Whether the column holds values of several types as text."""
    return _bears(field, MIXED_TEXT)


def yields_to_text(field: pa.Field) -> bool:
    """Whether new values take the type of a stored text column."""
    return _bears(field, YIELDS_TO_TEXT)


def _bears(field: pa.Field, mark: Mapping[bytes, bytes]) -> bool:
    metadata = field.metadata or {}
    return all(metadata.get(key) == value for key, value in mark.items())


def mark_of(field: pa.Field) -> dict[bytes, bytes]:
    """The mark in the field's metadata; empty for plain text and other types."""
    return next((dict(m) for m in (JSON_TEXT, NULL_ONLY, MIXED_TEXT) if _bears(field, m)), {})


def type_name(field: pa.Field) -> str:
    """The name of a column's type."""
    if is_json_text(field):
        return "json"
    return "null" if is_null_only(field) else str(field.type)


def arrow_schema(json_schema: Mapping[str, Any], *, nested: Nested = "json") -> pa.Schema:
    """The columns for the records of a JSON schema, one per property, all nullable.

    * `integer` is int64, `number` is double (also with `multipleOf`: a double holds every JSON
      number that its source wrote from one), `date-time` is a UTC timestamp in microseconds, `date`
      a date; other strings stay text.
    * `number` with a declared `precision` (1 to 38) and `scale` (0 to `precision`; 0 if absent) is
      a decimal of these. So is a string of the format `x-singer.decimal` or `singer.decimal`, which
      SQL taps of singer-sdk use for decimals with `use_singer_decimal`.
    * Alternatives (`anyOf`, `oneOf`, a list of types) become the one type that holds all of them:
      double for integers and numbers, text for a string beside other scalars.
    * A property that can only be null has Arrow's null type.
    * References inside the schema (`{"$ref": "#/definitions/a"}`) are resolved.
    * Everything else, including an absent type and a `$ref` out of the schema, is JSON text.
    * With `nested="struct"`, objects of declared properties (and no `additionalProperties`) become
      structs, and arrays of declared items become lists.
      structs and arrays of declared items lists.
    """
    properties = _properties(without_references(json_schema))
    return pa.schema([_field(name, _type(value, nested)) for name, value in properties.items()])


def _field(name: str, data_type: pa.DataType) -> pa.Field:
    if data_type == _ANY:
        return pa.field(name, _STRING, metadata=JSON_TEXT)
    return pa.field(name, data_type)


def _type(schema: Any, nested: Nested) -> pa.DataType:
    found = set(_alternatives(schema, nested))
    types = found - {_NULL}
    if found and not types:
        return _NULL
    if len(types) == 1:
        return types.pop()
    # decimals beside other types count as numbers without a precision
    types = {pa.float64() if pa.types.is_decimal(each) else each for each in types}
    if types and types <= _NUMBERS:
        return pa.float64()
    if types and types <= _TEXTUAL and (_STRING in types or types <= _TEMPORAL):
        return _STRING
    return _ANY


def _alternatives(schema: Any, nested: Nested) -> Iterable[pa.DataType]:
    """The possible types of a value, including `_NULL` if it may be null."""
    if not isinstance(schema, Mapping):
        return [_ANY]
    schema = merged(schema)
    branches = _branches(schema)
    if branches:
        return [found for branch in branches for found in _alternatives(branch, nested)]
    return [_simple(name, schema, nested) for name in _type_names(schema)]


def _branches(schema: Mapping[str, Any]) -> Sequence[Any]:
    """Each alternative merged with the keywords beside it; empty if there are none."""
    branches = _listed(schema, "anyOf") or _listed(schema, "oneOf")
    rest = {key: value for key, value in schema.items() if key not in {"anyOf", "oneOf"}}
    return [{**rest, **branch} if isinstance(branch, Mapping) else branch for branch in branches]


def json_types(schema: Any) -> Sequence[str]:
    """The names of the possible JSON types of a value, each once; empty if any type is allowed."""
    if not isinstance(schema, Mapping):
        return ()
    schema = merged(schema)
    found = [json_types(branch) for branch in _branches(schema)] or [list(_type_names(schema))]
    if not all(found) or any(_ANY_NAME in names for names in found):
        return ()
    return list(dict.fromkeys(name for names in found for name in names))


def merged(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema with its `allOf` merged in: all properties; for other keywords, the last wins."""
    result = {key: value for key, value in schema.items() if key != "allOf"}
    for part in _listed(schema, "allOf"):
        if isinstance(part, Mapping):
            properties = {**_properties(result), **_properties(part)}
            result |= merged(part)
            result |= {"properties": properties} if properties else {}
    return result


def _listed(schema: Mapping[str, Any], keyword: str) -> Sequence[Any]:
    """The list of a keyword; empty if an unvalidated schema holds something else."""
    found = schema.get(keyword)
    return found if isinstance(found, list) else ()


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found = schema.get("properties")
    return found if isinstance(found, Mapping) else {}


def _type_names(schema: Mapping[str, Any]) -> Iterable[str]:
    declared = schema.get("type")
    names = [declared] if isinstance(declared, str) else _listed(schema, "type")
    if names:
        return [name if isinstance(name, str) else _ANY_NAME for name in names]
    values = [schema["const"]] if "const" in schema else _listed(schema, "enum")
    if values:
        return [_type_name_of(value) for value in values]
    hints = {"properties": "object", "items": "array", "format": "string"}
    return [next((name for keyword, name in hints.items() if keyword in schema), _ANY_NAME)]


def _type_name_of(value: Any) -> str:
    if isinstance(value, Decimal):
        return "number"
    names = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
    return names.get(type(value), _ANY_NAME)


def _simple(name: str, schema: Mapping[str, Any], nested: Nested) -> pa.DataType:
    if name == "string":
        return _text_type(schema)
    if name in {"integer", "number"} and "number" in _type_names(schema):
        return _declared_decimal(schema) or _SCALARS[name]
    if nested == "struct" and name == "object":
        return _struct(schema)
    if nested == "struct" and name == "array":
        return _list(schema)
    return _SCALARS.get(name, _ANY)


def _text_type(schema: Mapping[str, Any]) -> pa.DataType:
    name = str(schema.get("format"))
    found = _declared_decimal(schema) if name in _DECIMAL_FORMATS else _FORMATS.get(name)
    return found or _STRING


def _declared_decimal(schema: Mapping[str, Any]) -> pa.DataType | None:
    """The decimal of the declared digits; None if they are not declared or not possible."""
    precision, scale = schema.get("precision"), schema.get("scale", 0)
    if not (_is_between(precision, 1, _MAX_DIGITS) and _is_between(scale, 0, precision)):
        return None
    return pa.decimal128(precision, scale)


def _is_between(value: Any, least: int, most: Any) -> bool:
    # to Python, true is an integer
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _struct(schema: Mapping[str, Any]) -> pa.DataType:
    properties = _properties(schema)
    renamed = any(old != new for old, new in column_names(properties).items())
    if not properties or renamed or schema.get("additionalProperties"):
        return _ANY
    return pa.struct([_field(name, _type(value, "struct")) for name, value in properties.items()])


def _list(schema: Mapping[str, Any]) -> pa.DataType:
    # Delta Lake keeps no metadata of list elements: JSON text in them would look like plain text
    element = _type(schema.get("items"), "struct")
    return _ANY if element == _ANY else pa.list_(pa.field("element", element))


_Test = Callable[[pa.DataType], bool]

_JSON_TYPES: Final[tuple[tuple[_Test, dict[str, Any]], ...]] = (
    (pa.types.is_boolean, {"type": "boolean"}),
    (pa.types.is_integer, {"type": "integer"}),
    (pa.types.is_floating, {"type": "number"}),
    (pa.types.is_timestamp, {"type": "string", "format": "date-time"}),
    (pa.types.is_date, {"type": "string", "format": "date"}),
    (pa.types.is_binary, {"type": "string", "contentEncoding": "base64"}),
)


def json_schema(schema: pa.Schema) -> dict[str, Any]:
    """The JSON schema of a dataset's rows; the counterpart of `arrow_schema`."""
    return {"type": "object", "properties": {field.name: _property(field) for field in schema}}


def _property(field: pa.Field) -> dict[str, Any]:
    if is_json_text(field):
        return {}
    if is_null_only(field):
        return {"type": "null"}
    found = _property_of_type(field.type)
    return {**found, "type": [found["type"], "null"]} if field.nullable else found


def _property_of_type(data_type: pa.DataType) -> dict[str, Any]:
    if pa.types.is_struct(data_type):
        return json_schema(pa.schema(list(data_type)))
    if pa.types.is_map(data_type):
        return {"type": "object", "additionalProperties": _property(data_type.item_field)}
    if pa.types.is_list(data_type):
        return {"type": "array", "items": _property(data_type.value_field)}
    if pa.types.is_decimal(data_type):
        return {"type": "number", "precision": data_type.precision, "scale": data_type.scale}
    return next((dict(found) for test, found in _JSON_TYPES if test(data_type)), {"type": "string"})


_DOMO_TYPES: Final[tuple[tuple[_Test, str], ...]] = (
    (pa.types.is_integer, "LONG"),
    (pa.types.is_floating, "DOUBLE"),
    (pa.types.is_decimal, "DECIMAL"),
    (pa.types.is_timestamp, "DATETIME"),
    (pa.types.is_date, "DATE"),
)


def domo_columns(schema: pa.Schema) -> list[dict[str, str]]:
    """The columns in the form of Domo's DataSet API.

    Domo has neither booleans nor nested types (its *Schema* reference lists six types): both are
    STRING there.
    """
    return [
        {
            "type": next((name for test, name in _DOMO_TYPES if test(field.type)), "STRING"),
            "name": field.name,
        }
        for field in schema
    ]
