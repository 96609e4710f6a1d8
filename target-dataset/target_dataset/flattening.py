"""Flattening: nested objects become columns of their own, without losing a value.

Names of columns and settings are those of singer-sdk. The SDK's own flattening is not used: it
drops values that are not objects where objects are expected, objects without declared properties,
and columns with alternatives.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from singer_sdk.helpers._flattening import flatten_key

from dataset_store.schema import json_types, merged
from target_dataset.columns import UnfitError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from singer_sdk.helpers._flattening import FlatteningOptions

logger = logging.getLogger(__name__)

_NESTED: Final = frozenset({"object", "array"})
_ALTERNATIVES: Final = ("anyOf", "oneOf")
_OF_OBJECTS: Final = frozenset(
    {"additionalProperties", "items", "patternProperties", "properties", "required"}
)
_TEXT: Final = {"type": ["string", "null"]}


@dataclass(slots=True)
class _Branch:
    """An object whose properties have their own columns."""

    column: str
    takes_others: bool = False
    """Whether values that are not objects go to its own column."""

    keeps_rest: bool = False
    """Whether undeclared properties go to its own column."""

    parts: dict[str, _Branch | str] = field(default_factory=dict)
    """By property: its column, or the branch of its columns."""

    has_warned: bool = False


class Flattening:
    """The columns of a stream's flattened records.

    * An object with declared properties gets a column for each, down to `flattening_max_depth`.
    * Its own column holds everything else: values that are not objects, and undeclared
      properties if `additionalProperties` or `patternProperties` allow them.
    * All other objects and all arrays are JSON text. Values of any type are text.

    Args:
        stream: The stream's name, for messages.
        schema: The JSON schema of its records, without references.
        options: The settings.

    Raises:
        ValueError: Two properties map to the same column.
    """

    def __init__(self, stream: str, schema: Mapping[str, Any], options: FlatteningOptions) -> None:
        self._stream = stream
        self._options = options
        self._columns: dict[str, Any] = {}
        self._root = _Branch("")
        self._add_parts(self._root, schema, ())
        self.schema = {**schema, "properties": self._columns}

    def flattened(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """A record by columns; undeclared properties at the top level are kept.

        Raises:
            UnfitError: A value is not an object although only objects are allowed.
        """
        found = {name: value for name, value in record.items() if name not in self._columns}
        self._fill(found, self._root, record)
        return found

    def _add_parts(
        self, branch: _Branch, schema: Mapping[str, Any], parents: tuple[str, ...]
    ) -> None:
        for name, part in schema.get("properties", {}).items():
            column = flatten_key(
                name,
                list(parents),
                self._options.separator,
                max_key_length=self._options.max_key_length,
            )
            plain = _plain(part)
            if len(parents) < self._options.max_level and _is_divided(plain):
                branch.parts[name] = self._divided(column, plain, (*parents, name))
            else:
                branch.parts[name] = column
                self._add_column(column, _whole(plain))

    def _divided(self, column: str, schema: Mapping[str, Any], path: tuple[str, ...]) -> _Branch:
        others = set(json_types(schema)) - {"object", "null"}
        rest = schema.get("additionalProperties") or schema.get("patternProperties")
        branch = _Branch(column, bool(others), bool(rest))
        if others or rest:
            types = sorted(others | ({"object"} if rest else set()))
            beside = {key: value for key, value in schema.items() if key not in _OF_OBJECTS}
            self._add_column(column, _whole({**beside, "type": [*types, "null"]}))
        self._add_parts(branch, schema, path)
        return branch

    def _add_column(self, name: str, schema: Mapping[str, Any]) -> None:
        if name in self._columns:
            message = f"Duplicate column name produced in schema: {name}"
            raise ValueError(message)
        self._columns[name] = schema

    def _fill(self, found: dict[str, Any], branch: _Branch, value: Mapping[str, Any]) -> None:
        rest = {}
        for name, inner in value.items():
            part = branch.parts.get(name)
            if part is None:
                rest[name] = inner
            elif isinstance(part, str):
                found[part] = inner
            else:
                self._divide(found, part, inner)
        if rest and branch is not self._root:
            self._keep(found, branch, rest)

    def _divide(self, found: dict[str, Any], branch: _Branch, value: Any) -> None:
        if isinstance(value, dict):
            self._fill(found, branch, value)
        elif branch.takes_others:
            found[branch.column] = value
        elif value is not None:
            message = f"column {branch.column!r} holds a value that is not an object"
            raise UnfitError(message)

    def _keep(self, found: dict[str, Any], branch: _Branch, rest: dict[str, Any]) -> None:
        if branch.keeps_rest:
            found[branch.column] = rest
        elif not branch.has_warned:
            branch.has_warned = True
            # their names are omitted: they are as private as values
            logger.warning(
                "Stream %r, column %r: flattening drops properties not declared in the SCHEMA; "
                "to keep them, allow `additionalProperties` in the SCHEMA",
                self._stream,
                branch.column,
            )


def _plain(schema: Any) -> Mapping[str, Any]:
    """The schema with its `allOf`, and a sole alternative besides null, merged in."""
    if not isinstance(schema, Mapping):
        return {}
    return _sole(merged(schema))


def _sole(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found = [schema[key] for key in _ALTERNATIVES if isinstance(schema.get(key), list)]
    listed: list[Any] = found[0] if found else []
    values = [part for part in listed if part != {"type": "null"}]
    if len(values) != 1 or not isinstance(values[0], Mapping):
        return schema
    rest = {key: part for key, part in schema.items() if key not in _ALTERNATIVES}
    types = json_types(schema)
    return {**rest, **_plain(values[0]), **({"type": types} if types else {})}


def _is_divided(schema: Mapping[str, Any]) -> bool:
    """Whether the schema is an object that declares its properties, all in one place."""
    alternatives: Iterable[Any] = (
        part for key in _ALTERNATIVES for part in schema.get(key) or () if isinstance(part, Mapping)
    )
    properties = schema.get("properties")
    return (
        "object" in json_types(schema)
        and isinstance(properties, Mapping)
        and bool(properties)
        and not any("properties" in part for part in alternatives)
    )


def _whole(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of a value that stays in one column."""
    types = set(json_types(schema))
    if types and not types & _NESTED:
        return schema
    if types and types <= _NESTED | {"null"}:
        return {"type": sorted(types)}
    return _TEXT
