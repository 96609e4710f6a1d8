"""The schemas of plugin definitions, as the Hub's repository has them in its folder `schemas`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jsonschema import Draft7Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT7

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEFINITIONS = "plugin_definitions"


class Schemas:
    """The schemas in a folder.

    Args:
        folder: Holds `plugin_definitions/` and what its schemas refer to.

    Raises:
        ValueError: A file is no JSON, or there is no schema of a kind of plugin.
    """

    def __init__(self, folder: Path) -> None:
        files = {path: _loaded(path) for path in sorted(folder.rglob("*.schema.json"))}
        self._registry: Registry[Any] = Registry().with_resources(
            (path.resolve().as_uri(), DRAFT7.create_resource(schema))
            for path, schema in files.items()
        )
        self._by_kind = {
            path.name.removesuffix(".schema.json"): path.resolve().as_uri()
            for path in files
            if path.parent.name == DEFINITIONS
        }
        if not self._by_kind:
            msg = f"{folder} has no {DEFINITIONS}/*.schema.json"
            raise ValueError(msg)

    def has(self, kind: str) -> bool:
        """Whether there is a schema for plugins of a kind, such as `extractors`."""
        return kind in self._by_kind

    def faults(self, kind: str, definition: Any) -> Iterator[str]:
        """What a definition has that its schema does not allow, with the place."""
        validator = Draft7Validator(
            {"$ref": self._by_kind[kind]},
            registry=self._registry,
            format_checker=FormatChecker(),
        )
        for error in validator.iter_errors(definition):
            yield f"{error.json_path}: {error.message}"


def _loaded(path: Path) -> Any:
    """A schema without its `$id`, which names no place that its references start from."""
    try:
        schema = json.loads(path.read_text())
    except ValueError as error:
        msg = f"{path} is no JSON: {error}"
        raise ValueError(msg) from None
    return {key: value for key, value in schema.items() if key != "$id"}
