"""References inside a JSON schema, as `{"$ref": "#/definitions/a"}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote


def without_references(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema with what it refers to in the places of its references.

    What stands beside a reference has the last word. A reference inside of what it refers to
    becomes the schema of any value, as no column can hold a type that never ends; one that leads
    out of the schema, or nowhere, stays.
    """
    resolved: Mapping[str, Any] = _resolved(schema, schema, frozenset({"#"}))
    return resolved


def _resolved(part: Any, root: Mapping[str, Any], inside: frozenset[str]) -> Any:
    if isinstance(part, list):
        return [_resolved(element, root, inside) for element in part]
    if not isinstance(part, Mapping):
        return part
    reference = part.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        return _followed(reference, part, root, inside)
    return {name: _resolved(value, root, inside) for name, value in part.items()}


def _followed(
    reference: str, part: Mapping[str, Any], root: Mapping[str, Any], inside: frozenset[str]
) -> Any:
    if reference in inside:
        return {}
    try:
        target = _target(reference, root)
    except (KeyError, IndexError, TypeError, ValueError):
        return part
    target = _resolved(target, root, inside | {reference})
    beside = {name: value for name, value in part.items() if name != "$ref"}
    if not beside or not isinstance(target, Mapping):
        return target
    return {**target, **_resolved(beside, root, inside)}


def _target(reference: str, root: Mapping[str, Any]) -> Any:
    """What a JSON pointer (RFC 6901) in a URI fragment leads to."""
    found: Any = root
    for token in unquote(reference).split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        found = found[int(name)] if isinstance(found, list) else found[name]
    return found
