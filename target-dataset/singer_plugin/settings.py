"""Settings as a JSON schema with nested groups: defaults, environment, readable errors."""

from __future__ import annotations

import copy
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from jsonschema import Draft7Validator

from singer_plugin.similar import did_you_mean, is_slip, nearest
from singer_plugin.text_values import types_of, value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from jsonschema.exceptions import ValidationError

    Schema = dict[str, Any]
    Config = dict[str, Any]

MAX_EXACT: Final = 2**53
"""Floats hold every integer up to this one."""


def with_defaults(schema: Schema, config: Mapping[str, Any]) -> Config:
    """Copy `config` and add every missing group and default; null counts as not set.

    Numbers and the like may be text, since orchestrators pass environment variables on.
    """
    properties: Mapping[str, Schema] = schema.get("properties", {})
    given = {name: _read(value, properties.get(name, {})) for name, value in config.items()}
    result = {name: value for name, value in given.items() if value is not None}
    for name, prop in properties.items():
        if name in result:
            if is_group(prop) and isinstance(result[name], dict):
                result[name] = with_defaults(prop, result[name])
        elif "default" in prop:
            result[name] = copy.deepcopy(prop["default"])
        elif is_group(prop):
            result[name] = with_defaults(prop, {})
    return result


def merged(schema: Schema, sources: Iterable[Mapping[str, Any]]) -> Config:
    """The settings of several sources; later ones win, inside groups for each setting.

    Null counts as not set. A group may be JSON text; text that is not JSON wins over groups, so
    that the validation reports it.
    """
    properties: Mapping[str, Schema] = schema.get("properties", {})
    result: Config = {}
    for source in sources:
        for name, value in source.items():
            if value is None:
                continue
            prop = properties.get(name, {})
            has_both = is_group(prop) and name in result
            result[name] = _merged_group(prop, result[name], value) if has_both else value
    return result


def _merged_group(prop: Schema, *values: Any) -> Any:
    groups = [_read(each, prop) for each in values]
    odd = [each for each in groups if not isinstance(each, dict)]
    return odd[0] if odd else merged(prop, groups)


def plain(value: Any) -> Any:
    """A copy of a setting's value with Python's numbers.

    The SDK reads a fraction in a file as a `Decimal`, which neither mixes with floats nor counts as
    an integer if it is one.
    """
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, Decimal | float):
        return value
    number = float(value)
    if not isfinite(number) or abs(number) > MAX_EXACT:
        # not a JSON number, or one that lost its last digits: as text, the validation reports it
        # if digits count, and it is parsed again if they do not
        return str(value)
    return int(number) if number.is_integer() else number


def is_group(prop: Schema) -> bool:
    """Whether a property is a group: it has named settings of its own and allows no others."""
    return prop.get("additionalProperties") is False


def from_environment(schema: Schema, prefix: str, environ: Mapping[str, str]) -> Config:
    """The settings given by environment variables.

    A setting `group.name` is read from `<prefix>GROUP_NAME`, the name Meltano uses; a whole group
    may also be JSON in `<prefix>GROUP`, which its single variables override. An empty
    variable counts as not set.
    """
    result: Config = {}
    for name, prop in schema.get("properties", {}).items():
        variable = f"{prefix}{name.upper().replace('-', '_')}"
        value = value_of(text, prop) if (text := environ.get(variable)) else None
        if is_group(prop) and isinstance(value, dict | None):
            value = {**(value or {}), **from_environment(prop, f"{variable}_", environ)} or None
        if value is not None:
            result[name] = value
    return result


def _read(value: Any, prop: Schema) -> Any:
    """The value; text is parsed by the type of its setting."""
    return plain(value_of(value, prop)) if isinstance(value, str) else value


def problems(schema: Schema, config: Config) -> list[str]:
    """Errors in the settings, one line each, with the setting and the fix but never a value."""
    errors = Draft7Validator(_mended(schema)).iter_errors(config)
    return sorted({_describe(error) for error in errors})


def _mended(part: Any) -> Any:
    """A copy in which every alternative is a schema; singer-sdk 0.54 writes a plain `"null"`."""
    if not isinstance(part, dict):
        return part
    return {
        name: [_mended(each) if isinstance(each, dict) else {"type": each} for each in value]
        if name == "anyOf"
        else _mended(value)
        for name, value in part.items()
    }


def unknown(schema: Schema, config: Config) -> list[str]:
    """Settings without effect, one line each; those of a group with their right place."""
    known: Schema = schema["properties"]
    lines = []
    for name in sorted(config.keys() - known.keys()):
        homes = [f"'{group}.{name}'" for group, prop in known.items() if _holds(prop, name)]
        hint = f": set {' or '.join(homes)}" if homes else ""
        question = "" if homes else did_you_mean(name, known)
        lines.append(f"Setting '{name}' is not known and has no effect{hint}.{question}")
    return lines


def unknown_variables(schema: Schema, prefix: str, environ: Mapping[str, str]) -> list[str]:
    """Environment variables that have no effect although they resemble a setting's.

    Other variables with the prefix are ignored: they may belong to the SDK, or to an orchestrator,
    which adds its own (`TAP_TWITTER__SELECT`).
    """
    known = set(_variables(schema, prefix))
    lines = []
    for variable in sorted(environ.keys() - known):
        # Meltano's own variables begin with two underscores
        if not variable.startswith(prefix) or variable.startswith(f"{prefix}_"):
            continue
        meant = next((each for each in known if is_slip(variable, each)), None)
        if meant:
            lines.append(
                f"Environment variable {variable} is not known and has no effect. Did you mean "
                f"'{meant}'?"
            )
    return lines


def _variables(schema: Schema, prefix: str) -> Iterator[str]:
    for name, prop in schema.get("properties", {}).items():
        variable = f"{prefix}{name.upper().replace('-', '_')}"
        yield variable
        if is_group(prop):
            yield from _variables(prop, f"{variable}_")


def _holds(prop: Schema, name: str) -> bool:
    return is_group(prop) and name in prop.get("properties", {})


class _Problem(NamedTuple):
    """The expectation of a rule of the schema, the part that holds the rule, and the value."""

    expected: Any
    schema: Any
    given: Any


def _describe(error: ValidationError) -> str:
    name = _name(error.absolute_path)
    problem = _Problem(error.validator_value, error.schema, error.instance)
    reason = _REASONS.get(str(error.validator), _other)(problem)
    return f"Setting '{name}' {reason}." if name else f"The settings as a whole: {reason}."


def _name(path: Iterable[str | int]) -> str:
    """A place in the settings as users write it: `accounts[2].id`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def _type(problem: _Problem) -> str:
    expected = types_of({"type": problem.expected}) - {"null"}
    return f"must be of type {' or '.join(sorted(expected))}"


def _enum(problem: _Problem) -> str:
    words = [str(value) for value in problem.expected if value is not None]
    return f"must be one of: {', '.join(words)}"


def _unknown(problem: _Problem) -> str:
    known = problem.schema["properties"]
    names = sorted(problem.given.keys() - known.keys())
    unknown = ", ".join(f"'{name}'" for name in names)
    meant = [found for name in names if (found := nearest(name, known))]
    question = f" (did you mean {' and '.join(map(repr, meant))}?)" if meant else ""
    return f"accepts only: {', '.join(known)}; it does not accept {unknown}{question}"


def _pattern(problem: _Problem) -> str:
    """The meaning of a pattern, from the schema's own `errorMessage`."""
    return str(problem.schema.get("errorMessage") or _other(problem))


def _other(problem: _Problem) -> str:
    return f"is not valid: {problem.schema.get('description', 'see --about').rstrip('.')}"


_REASONS: Final[dict[str, Callable[[_Problem], str]]] = {
    "type": _type,
    "enum": _enum,
    "pattern": _pattern,
    "additionalProperties": _unknown,
    "minimum": lambda problem: f"must be at least {problem.expected}",
    "exclusiveMinimum": lambda problem: f"must be more than {problem.expected}",
    "maximum": lambda problem: f"must be at most {problem.expected}",
    "minLength": lambda problem: problem.schema.get("errorMessage", "must not be empty"),
    "minItems": lambda problem: f"needs at least {problem.expected} item(s)",
    "maxItems": lambda problem: f"takes at most {problem.expected} items",
}
