"""References inside a JSON schema, such as `{"$ref": "#/definitions/a"}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from dataset_store.errors import SchemaConflictError

_MAX_FOLLOWED: Final = 10_000
_MAX_NESTED: Final = 50
_MAX_LEVELS: Final = 200
"""Maximum depth of the resolved schema: its readers recurse level by level on Python's stack, and
jsonschema-rs accepts no more than 255.
"""


def without_references(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema with its references replaced by their targets.

    Keywords beside a reference override its target. A reference inside its own target
    becomes the schema of any value, since no column can hold an infinite type; a reference that
    leads out of the schema, or nowhere, stays.

    Raises:
        SchemaConflictError: References are nested so deeply, or have so many targets, that the
            schema would exceed the memory.
    """
    try:
        resolved: Mapping[str, Any] = _Resolver(schema).resolved(schema, frozenset({"#"}))
    except RecursionError:
        message = "Its schema is nested too deeply after its own references are resolved"
        raise SchemaConflictError(message) from None
    return resolved


class _Resolver:
    """Resolves the references of one schema, and counts them.

    Args:
        root: The schema.
    """

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._followed = 0

    def resolved(self, part: Any, inside: frozenset[str], level: int = 0) -> Any:
        """Resolve a part of the schema; `inside` holds the references followed so far.

        Raises:
            RecursionError: The part is nested too deeply.
        """
        if level > _MAX_LEVELS:
            raise RecursionError
        if isinstance(part, list):
            return [self.resolved(element, inside, level + 1) for element in part]
        if not isinstance(part, Mapping):
            return part
        reference = part.get("$ref")
        if isinstance(reference, str) and reference.startswith("#"):
            return self._target(reference, part, inside, level)
        return {name: self.resolved(value, inside, level + 1) for name, value in part.items()}

    def _target(
        self, reference: str, part: Mapping[str, Any], inside: frozenset[str], level: int
    ) -> Any:
        if reference in inside:
            return {}
        try:
            target = _pointed(reference, self._root)
        except (KeyError, IndexError, TypeError, ValueError):
            return part
        self._followed += 1
        if self._followed > _MAX_FOLLOWED or len(inside) > _MAX_NESTED:
            message = f"Its schema has too many references to its parts; the last is {reference!r}"
            raise SchemaConflictError(message)
        target = self.resolved(target, inside | {reference}, level)
        beside = {name: value for name, value in part.items() if name != "$ref"}
        if not beside or not isinstance(target, Mapping):
            return target
        return {**target, **self.resolved(beside, inside, level)}


def _pointed(reference: str, root: Mapping[str, Any]) -> Any:
    """The target of a JSON pointer (RFC 6901) in a URI fragment."""
    found: Any = root
    for token in unquote(reference).split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        found = found[int(name)] if isinstance(found, list) else found[name]
    return found
