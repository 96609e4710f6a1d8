"""Types of JSON objects for `msgspec`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    Type = Any
    """A type for `msgspec`, which may not be one for Python: a union, or a type with bounds."""


class NoTypeError(Exception):
    """A schema has no type."""


def properties_of(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties declared by a schema.

    Raises:
        NoTypeError: The properties are not an object.
    """
    properties = schema.get("properties", {})
    if isinstance(properties, Mapping):
        return properties
    raise NoTypeError


def in_order(properties: Mapping[str, Any], sample: Mapping[str, Any]) -> list[str]:
    """The names of properties in the order of a sample object, followed by others.

    Objects are decoded and encoded in the order of their types' fields: if objects have the same
    order, no field is searched for, and the type writes the text of an object unchanged.
    """
    return [*(name for name in sample if name in properties), *(properties.keys() - sample.keys())]


def required_of(schema: Mapping[str, Any]) -> frozenset[str]:
    """The names of the required properties of an object.

    Raises:
        NoTypeError: One is not declared, or there is no list of them, as in Draft 3.
    """
    required, properties = schema.get("required", []), properties_of(schema)
    if isinstance(required, list) and all(
        isinstance(name, str) and name in properties for name in required
    ):
        return frozenset(required)
    raise NoTypeError


def struct_type(
    name: str, fields: Iterable[tuple[str, Type, Any]], required: frozenset[str]
) -> type[msgspec.Struct]:
    """The type of objects with exactly these properties; attributes are `f0`, `f1`, ….

    Args:
        name: Its name.
        fields: The properties, each with its type and its value if absent.
        required: The names of the required properties.

    Raises:
        NoTypeError: No field can have such a name or type.
    """
    names: dict[str, str] = {}
    definitions: list[Any] = []
    for number, (field, kind, absent) in enumerate(fields):
        names[f"f{number}"] = field
        if field in required:
            definitions.append((f"f{number}", kind))
        else:
            wanted = kind | type(absent) if absent is msgspec.UNSET and kind is not Any else kind
            definitions.append((f"f{number}", wanted, absent))
    try:
        return msgspec.defstruct(
            name,
            definitions,
            rename=names,
            forbid_unknown_fields=True,
            kw_only=True,
            # no object can be part of a cycle
            gc=False,
        )
    except (TypeError, ValueError):
        raise NoTypeError from None


def decoder_of(kind: Type) -> msgspec.json.Decoder[Any]:
    """The decoder for values of a type.

    Raises:
        NoTypeError: It is a union of types that JSON cannot distinguish.
    """
    try:
        return msgspec.json.Decoder(kind)
    except (TypeError, ValueError, NotImplementedError):
        raise NoTypeError from None
