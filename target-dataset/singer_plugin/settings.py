"""Settings as a JSON schema with nested groups: defaults, environment, problems in plain words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from jsonschema import Draft7Validator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jsonschema.exceptions import ValidationError

    Schema = dict[str, Any]
    Config = dict[str, Any]

TRUE_WORDS: Final = frozenset({"true", "1", "yes", "on"})
FALSE_WORDS: Final = frozenset({"false", "0", "no", "off"})


def with_defaults(schema: Schema, config: Mapping[str, Any]) -> Config:
    """Copy `config`, with every group there and holding its defaults; null counts as not set."""
    result = {name: value for name, value in config.items() if value is not None}
    for name, prop in schema.get("properties", {}).items():
        if name in result:
            if is_group(prop) and isinstance(result[name], dict):
                result[name] = with_defaults(prop, result[name])
        elif "default" in prop:
            result[name] = prop["default"]
        elif is_group(prop):
            result[name] = with_defaults(prop, {})
    return result


def is_group(prop: Schema) -> bool:
    """Whether a property holds named settings of its own and no others."""
    return prop.get("additionalProperties") is False


def from_environment(schema: Schema, prefix: str, environ: Mapping[str, str]) -> Config:
    """The settings that environment variables give.

    A setting `group.name` is read from `<prefix>GROUP_NAME`, as Meltano names it; a whole group
    may also stand as JSON in `<prefix>GROUP`, over which its single variables win.
    """
    result: Config = {}
    for name, prop in schema.get("properties", {}).items():
        variable = f"{prefix}{name.upper().replace('-', '_')}"
        value = _parse(environ[variable], prop) if variable in environ else None
        if is_group(prop) and isinstance(value, dict | None):
            value = {**(value or {}), **from_environment(prop, f"{variable}_", environ)} or None
        if value is not None:
            result[name] = value
    return result


def _parse(text: str, prop: Schema) -> Any:
    """Read a variable by its type; what does not fit stays text, for the validation to name."""
    types = _types(prop)
    if "boolean" in types and text.lower() in TRUE_WORDS | FALSE_WORDS:
        return text.lower() in TRUE_WORDS
    if types & {"integer", "number", "array", "object"}:
        try:
            value = json.loads(text)
        except ValueError:
            return text
        return text if "string" in types and not isinstance(value, list | dict) else value
    return text


def problems(schema: Schema, config: Config) -> list[str]:
    """Say what is wrong, a line each, naming the setting and the mend but never a value."""
    errors = Draft7Validator(schema).iter_errors(config)
    return sorted({_describe(error) for error in errors})


def _describe(error: ValidationError) -> str:
    name = ".".join(str(part) for part in error.absolute_path)
    reason = _REASONS.get(str(error.validator), _other)(error.validator_value, error.schema)
    return f"Setting '{name}' {reason}." if name else f"The settings as a whole: {reason}."


def _types(prop: Schema) -> set[str]:
    declared = prop.get("type", [])
    return {declared} if isinstance(declared, str) else set(declared)


def _type(expected: Any, _: Any) -> str:
    return f"must be of type {' or '.join(sorted(_types({'type': expected}) - {'null'}))}"


def _enum(expected: Any, _: Any) -> str:
    return f"must be one of: {', '.join(str(value) for value in expected if value is not None)}"


def _other(_: Any, schema: Any) -> str:
    return f"is not valid: {schema.get('description', 'see --about')}"


_REASONS: Final[dict[str, Callable[[Any, Any], str]]] = {
    "type": _type,
    "enum": _enum,
    "minimum": lambda least, _: f"must be at least {least}",
    "exclusiveMinimum": lambda least, _: f"must be more than {least}",
    "maximum": lambda most, _: f"must be at most {most}",
    "minLength": lambda *_: "must not be empty",
    "minItems": lambda least, _: f"needs at least {least} item(s)",
    "additionalProperties": lambda _, group: f"knows only: {', '.join(group['properties'])}",
    "maxItems": lambda most, _: f"takes at most {most} items",
}
