"""Settings given as text: in environment variables, and by orchestrators.

Settings have no `kind` in Meltano's files, so that Meltano 4.4 passes their text on unchanged.
With a `kind`, an invalid option, number, list or object and an empty environment variable end in
its traceback, which quotes the value; any unknown word is false; and objects in the
environment lose nulls and names that contain a dot.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

TRUE_WORDS: Final = frozenset({"true", "1", "yes", "on"})
FALSE_WORDS: Final = frozenset({"false", "0", "no", "off"})


def types_of(prop: Mapping[str, Any]) -> set[str]:
    """The types that a property's JSON schema allows."""
    declared = prop.get("type", [])
    return {declared} if isinstance(declared, str) else set(declared)


def value_of(text: str, prop: Mapping[str, Any]) -> Any:
    """The value of a text, by the type of its setting.

    Lists are JSON, or have commas between their elements. Text that does not fit stays text, so
    that the validation reports it.

    Returns:
        The value; None for an empty text, which counts as not set unless it can be a value.
    """
    types = types_of(prop)
    if not text.strip() and not _may_be(text, prop):
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


def _may_be(text: str, prop: Mapping[str, Any]) -> bool:
    """Whether a setting accepts an empty text.

    A setting with a minimum length does, so that the validation rejects it: a default instead, such
    as another store, would go unnoticed.
    """
    is_free = "enum" not in prop and re.search(prop.get("pattern", ""), text) is not None
    return "string" in types_of(prop) and is_free


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
