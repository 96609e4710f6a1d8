"""Settings that stand as text: in environment variables, and in what an orchestrator hands on.

Meltano checks values by their `kind` and ends with its own traceback on a wrong option, number or
list, and on an empty environment variable. So those have no `kind` there, and are read here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

TRUE_WORDS: Final = frozenset({"true", "1", "yes", "on"})
FALSE_WORDS: Final = frozenset({"false", "0", "no", "off"})
_READ_BY_MELTANO: Final = ("boolean", "object")


def types_of(prop: Mapping[str, Any]) -> set[str]:
    """The types that a property's JSON schema allows."""
    declared = prop.get("type", [])
    return {declared} if isinstance(declared, str) else set(declared)


def meltano_kind(prop: Mapping[str, Any]) -> str | None:
    """The `kind` of a setting in Meltano's files; None for what is handed on as it stands."""
    types = types_of(prop) - {"null"}
    is_one = len(types) == 1 and "enum" not in prop
    return next((kind for kind in _READ_BY_MELTANO if is_one and kind in types), None)


def value_of(text: str, prop: Mapping[str, Any]) -> Any:
    """The value that a text stands for by the type of its setting.

    Lists are JSON, or have commas between their elements. What does not fit stays text, for the
    validation to name.

    Returns:
        The value; None for an empty text, which counts as not set where it cannot be a value.
    """
    types = types_of(prop)
    if not text.strip() and ("string" not in types or "enum" in prop):
        return None
    if "boolean" in types and text.lower() in TRUE_WORDS | FALSE_WORDS:
        return text.lower() in TRUE_WORDS
    if not types & {"integer", "number", "array", "object"}:
        return text
    value = _json(text)
    if "string" in types:
        return value if isinstance(value, list | dict) else text
    if "array" in types and not isinstance(value, list | dict):
        items = prop.get("items", {})
        return [value_of(each.strip(), items) for each in text.split(",")]
    return text if value is None else value


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
