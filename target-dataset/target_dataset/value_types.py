"""Types of `msgspec` for JSON schemas, which validate values while decoding them.

A type accepts nothing that its schema rejects. It may reject what the schema accepts: 5.0 for an
integer, or an undeclared property. Schemas that types cannot express have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec

from target_dataset.object_types import (
    NoTypeError,
    in_order,
    properties_of,
    required_of,
    struct_type,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from target_dataset.object_types import Type


class ValueType:
    """The type of the values that a schema accepts.

    Args:
        schema: The schema.
        sample: A value, if available: properties are expected in its order.

    Attributes:
        type: The type.
        is_open: Whether values may contain others of any depth.
        takes_fractions: Whether values may contain numbers other than integers.

    Raises:
        NoTypeError: There is no such type.
    """

    def __init__(self, schema: Any, sample: Any = None) -> None:
        self.is_open = False
        self.takes_fractions = False
        self.type = self._type(schema, sample)

    def _type(self, schema: Any, sample: Any) -> Type:
        if schema is True:
            return self._anything()
        keywords = keywords_of(schema)
        if not keywords:
            return self._anything()
        if not keywords <= _KEYWORDS:
            raise NoTypeError
        for keyword in _ALTERNATIVES & keywords:
            branches = schema[keyword]
            if len(keywords) > 1 or not are_alternatives(keyword, branches):
                raise NoTypeError
            return _union(self._type(branch, sample) for branch in branches)
        if keywords & _LITERALS:
            return _literal(schema)
        return _union(self._simple(name, schema, sample) for name in type_names(schema))

    def _anything(self) -> Type:
        self.is_open = self.takes_fractions = True
        return Any

    def _simple(self, name: str, schema: Mapping[str, Any], sample: Any) -> Type:
        if name == "object":
            return self._object(schema, sample if isinstance(sample, dict) else {})
        if name == "array":
            first = sample[0] if isinstance(sample, list) and sample else None
            element = self._type(schema.get("items", True), first)
            return _bounded(list.__class_getitem__(element), schema, _COUNTS)
        if name == "number":
            self.takes_fractions = True
        return _scalar(name, schema)

    def _object(self, schema: Mapping[str, Any], sample: Mapping[str, Any]) -> Type:
        properties = properties_of(schema)
        if not properties and not schema.get("required"):
            values = self._type(schema.get("additionalProperties", True), None)
            return dict.__class_getitem__((str, values))
        fields = [
            (name, self._type(properties[name], sample.get(name)), msgspec.UNSET)
            for name in in_order(properties, sample)
        ]
        return struct_type("Object", fields, required_of(schema))


def keywords_of(schema: Any) -> frozenset[str]:
    """The keywords of a schema that restrict its values.

    Raises:
        NoTypeError: The schema is not an object.
    """
    if not isinstance(schema, Mapping):
        raise NoTypeError
    return frozenset(schema.keys() - _ANNOTATIONS)


def type_names(schema: Mapping[str, Any]) -> Sequence[str]:
    """The names of the JSON types that a schema allows.

    Raises:
        NoTypeError: The schema has no valid `type`.
    """
    declared = schema.get("type")
    if isinstance(declared, str):
        return [declared]
    if isinstance(declared, list) and all(isinstance(name, str) for name in declared):
        return declared
    raise NoTypeError


def are_alternatives(keyword: str, branches: Any) -> bool:
    """Whether a value is valid if one of the branches accepts it."""
    if not isinstance(branches, list) or not branches:
        return False
    if keyword == "anyOf":
        return True
    # `oneOf`: no value may be of two of the types
    names = [name for branch in branches for name in type_names(branch)]
    return len(set(names)) == len(names) and not {"integer", "number"} <= set(names)


def _union(types: Iterable[Type]) -> Type:
    found = list(types)
    if not found:
        raise NoTypeError
    if Any in found:
        return Any
    try:
        return reduce(or_, found) if len(found) > 1 else found[0]
    except TypeError:
        raise NoTypeError from None


def _literal(schema: Mapping[str, Any]) -> Type:
    """The type of one of the listed values; types are distinct, so 1 is not 1.0."""
    values = schema["enum"] if "enum" in schema else [schema["const"]]
    is_simple = schema.keys() - _ANNOTATIONS <= {"type", *_LITERALS} and isinstance(values, list)
    if not is_simple or ("enum" in schema and "const" in schema):
        raise NoTypeError
    allowed = set(type_names(schema)) if "type" in schema else set(_LITERAL_TYPES.values())
    if "number" in allowed:
        allowed.add("integer")
    if any(type(value) not in _LITERAL_TYPES for value in values):
        raise NoTypeError
    wanted = [value for value in values if _LITERAL_TYPES[type(value)] in allowed]
    if not wanted:
        raise NoTypeError
    return Literal[tuple(wanted)]


def _scalar(name: str, schema: Mapping[str, Any]) -> Type:
    match name:
        case "number":
            if schema.keys() & _BOUNDS.keys():
                # 5.000000000000000001 is above 5, but the same double
                raise NoTypeError
            return int | float
        case "integer":
            return _bounded(int, schema, _BOUNDS)
        case "string":
            return _bounded(str, schema, _LENGTHS)
        case "boolean":
            return bool
        case "null":
            return None
    raise NoTypeError


def _bounded(kind: Type, schema: Mapping[str, Any], keywords: Mapping[str, str]) -> Type:
    bounds = {name: schema[keyword] for keyword, name in keywords.items() if keyword in schema}
    if any(type(bound) is not int for bound in bounds.values()):
        raise NoTypeError
    try:
        return Annotated[kind, msgspec.Meta(**bounds)] if bounds else kind
    except (TypeError, ValueError):
        raise NoTypeError from None


_BOUNDS: Final = {
    "minimum": "ge",
    "exclusiveMinimum": "gt",
    "maximum": "le",
    "exclusiveMaximum": "lt",
}
_LENGTHS: Final = {"minLength": "min_length", "maxLength": "max_length"}
_COUNTS: Final = {"minItems": "min_length", "maxItems": "max_length"}
_ALTERNATIVES: Final = frozenset({"anyOf", "oneOf"})
_LITERALS: Final = frozenset({"const", "enum"})
_LITERAL_TYPES: Final = {str: "string", int: "integer", type(None): "null"}
_OBJECTS: Final = frozenset({"properties", "required", "additionalProperties"})
_KEYWORDS: Final = frozenset(
    {"type", "items", *_ALTERNATIVES, *_LITERALS, *_OBJECTS, *_BOUNDS, *_LENGTHS, *_COUNTS}
)

_ANNOTATIONS: Final = frozenset(
    {
        "$comment",
        "$id",
        "$schema",
        "contentEncoding",
        "contentMediaType",
        "default",
        "deprecated",
        "description",
        "examples",
        "format",
        "readOnly",
        "title",
        "writeOnly",
    }
)
"""Keywords that restrict no value. `precision` and `scale` are not included: they make decimals."""
