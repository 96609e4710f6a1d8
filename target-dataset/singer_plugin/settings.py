"""Settings as a JSON schema with nested groups: defaults, environment, problems in plain words."""

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
"""Up to here floats hold every integer."""


def with_defaults(schema: Schema, config: Mapping[str, Any]) -> Config:
    """Copy `config`, with every group there and holding its defaults; null counts as not set.

    Numbers and the like may stand as text, as orchestrators hand on environment variables.
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
    """The settings of several sources: later ones win, inside groups for each setting by itself.

    Null counts as not set. A group may stand as JSON text; text that is none wins over groups, so
    that the validation names it.
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
    """A copy of a setting's value in which numbers are those of Python.

    The SDK reads a fraction in a file as a `Decimal`, which neither mixes with floats nor counts as
    an integer where it is one.
    """
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, Decimal | float):
        return value
    number = float(value)
    if not isfinite(number) or abs(number) > MAX_EXACT:
        # no number of JSON, or one that has lost its last digits: as text it is named by the
        # validation where digits count, and read again where they do not
        return str(value)
    return int(number) if number.is_integer() else number


def is_group(prop: Schema) -> bool:
    """Whether a property holds named settings of its own and no others."""
    return prop.get("additionalProperties") is False


def from_environment(schema: Schema, prefix: str, environ: Mapping[str, str]) -> Config:
    """The settings that environment variables give.

    A setting `group.name` is read from `<prefix>GROUP_NAME`, as Meltano names it; a whole group
    may also stand as JSON in `<prefix>GROUP`, over which its single variables win. An empty
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
    """The value, read by its type if it is text."""
    return plain(value_of(value, prop)) if isinstance(value, str) else value


def problems(schema: Schema, config: Config) -> list[str]:
    """Say what is wrong, a line each, naming the setting and the fix but never a value."""
    errors = Draft7Validator(_mended(schema)).iter_errors(config)
    return sorted({_describe(error) for error in errors})


def _mended(part: Any) -> Any:
    """A copy in which every alternative is a schema; singer-sdk 0.54 writes a bare `"null"`."""
    if not isinstance(part, dict):
        return part
    return {
        name: [_mended(each) if isinstance(each, dict) else {"type": each} for each in value]
        if name == "anyOf"
        else _mended(value)
        for name, value in part.items()
    }


def unknown(schema: Schema, config: Config) -> list[str]:
    """Say which settings have no effect, a line each, and where those of a group belong."""
    known: Schema = schema["properties"]
    lines = []
    for name in sorted(config.keys() - known.keys()):
        homes = [f"'{group}.{name}'" for group, prop in known.items() if _holds(prop, name)]
        hint = f": set {' or '.join(homes)}" if homes else ""
        question = "" if homes else did_you_mean(name, known)
        lines.append(f"Setting '{name}' is not known and has no effect{hint}.{question}")
    return lines


def unknown_variables(schema: Schema, prefix: str, environ: Mapping[str, str]) -> list[str]:
    """Say which environment variables have no effect although they look like a setting's.

    Others with the prefix are left alone: they may be of the SDK, or of an orchestrator, which adds
    its own (`TAP_TWITTER__SELECT`).
    """
    known = set(_variables(schema, prefix))
    lines = []
    for variable in sorted(environ.keys() - known):
        # two underscores begin what Meltano adds for itself
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
    """What a rule of the schema wants, the part of the schema it stands in, and what is given."""

    expected: Any
    schema: Any
    given: Any


def _describe(error: ValidationError) -> str:
    name = _name(error.absolute_path)
    problem = _Problem(error.validator_value, error.schema, error.instance)
    reason = _REASONS.get(str(error.validator), _other)(problem)
    return f"Setting '{name}' {reason}." if name else f"The settings as a whole: {reason}."


def _name(path: Iterable[str | int]) -> str:
    """A place in the settings as people write it: `accounts[2].id`."""
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
    """What the pattern means, in the words of the schema's own `errorMessage`."""
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
