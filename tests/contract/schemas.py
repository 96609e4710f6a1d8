"""OpenAPI 3.0 schemas as JSON Schema, made strict enough to notice what a spec does not name.

X's schemas leave every object open, so that an undeclared key would pass. Here an object that lists
properties takes no others; `allOf` is merged first, as two closed halves would refuse each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonschema import Draft4Validator, ValidationError
from jsonschema.validators import extend

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Schema = dict[str, Any]


def closed(schema: Schema, components: Mapping[str, Schema]) -> Schema:
    """A schema as JSON Schema, closed at any depth; references stay references.

    Args:
        schema: A schema of an OpenAPI document.
        components: The document's named schemas, which `allOf` may refer to.
    """
    schema = _merged(schema, components)
    if "discriminator" in schema:
        return {"discriminator": schema["discriminator"]}
    strict = {key: _inner(key, value, components) for key, value in schema.items()}
    if "properties" in strict:
        strict.setdefault("additionalProperties", False)
    if strict.pop("nullable", False) and "type" in strict:
        strict["type"] = [strict["type"], "null"]
    return strict


def _inner(key: str, value: Any, components: Mapping[str, Schema]) -> Any:
    if key == "properties":
        return {name: closed(part, components) for name, part in value.items()}
    if key in {"items", "additionalProperties", "not"} and isinstance(value, dict):
        return closed(value, components)
    if key in {"oneOf", "anyOf"}:
        return [closed(part, components) for part in value]
    return value


def _merged(schema: Schema, components: Mapping[str, Schema]) -> Schema:
    """A schema with the parts of `allOf` made one; a base's discriminator would lead back to it."""
    if "allOf" not in schema:
        return schema
    whole: Schema = {key: value for key, value in schema.items() if key != "allOf"}
    for part in schema["allOf"]:
        name = part.get("$ref", "").rpartition("/")[2]
        flat = _merged(components[name] if name else part, components)
        whole = {
            **{key: value for key, value in flat.items() if key != "discriminator"},
            **whole,
            "properties": {**flat.get("properties", {}), **whole.get("properties", {})},
            "required": [*flat.get("required", []), *whole.get("required", [])],
        }
    return {key: value for key, value in whole.items() if value != []}


def _discriminated(
    validator: Any, discriminator: Schema, instance: Any, _: Schema
) -> Iterator[ValidationError]:
    """Check an object by the schema that its tag chooses.

    Tags that are addresses are told apart by their last part alone, as X's own differ in their host.
    """
    tag = instance.get(discriminator["propertyName"]) if isinstance(instance, dict) else None
    mapping = {known.rpartition("/")[2]: ref for known, ref in discriminator["mapping"].items()}
    ref = mapping.get(str(tag).rpartition("/")[2])
    if ref is None:
        yield ValidationError(f"{tag} is not in the spec")
    else:
        yield from validator.descend(instance, {"$ref": ref})


Validator: Any = extend(  # type: ignore[no-untyped-call]  # no annotations in jsonschema's stubs
    Draft4Validator, {"discriminator": _discriminated}
)
