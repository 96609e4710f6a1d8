"""X's published specs: which requests they know, and what they say of parameters and answers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from referencing import Registry
from referencing.jsonschema import DRAFT4

from contract.schemas import Schema, Validator, closed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jsonschema import ValidationError

    from sandbox.x.vocabulary import VocabularyName

_URN: Final = "urn:x-openapi"


@dataclass(frozen=True)
class Operation:
    """One method of one path.

    Attributes:
        parameters: Its query parameters by name, each with `required` and `schema`.
        security: Names of the security schemes that it takes, with the scopes that they need.
        answer: Schema of a successful answer's body.
    """

    parameters: dict[str, Schema]
    security: dict[str, list[str]]
    answer: Schema


class Spec:
    """One spec.

    Args:
        document: The parsed `openapi.json`.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self.version = str(document["info"]["version"])

    @property
    def vocabulary(self) -> VocabularyName:
        """The words it is written in."""
        return "post" if "PostFieldsParameter" in self._parameters else "tweet"

    @property
    def paths(self) -> set[str]:
        """The templates of all paths."""
        return set(self._document["paths"])

    def operation(self, method: str, path: str) -> Operation | None:
        """What the spec says of a request; None where it knows no such path and method.

        Args:
            method: HTTP method.
            path: Path with values in it, or a template of the spec's own.
        """
        template = self.template(method, path)
        if template is None:
            return None
        return self._read(self._document["paths"][template][method.lower()])

    def template(self, method: str, path: str) -> str | None:
        """The template of a path with values in it, or its own; None where there is none."""
        paths = self._document["paths"]
        for template in (path, *paths):
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if method.lower() in paths.get(template, {}) and re.fullmatch(pattern, path):
                return str(template)
        return None

    def errors(self, schema: Schema, value: Any) -> Iterator[ValidationError]:
        """What a schema of this spec says against a value."""
        errors: Iterator[ValidationError] = Validator(
            self._absolute(closed(schema, self._schemas)), registry=self._registry
        ).iter_errors(value)
        return errors

    @property
    def _parameters(self) -> dict[str, Any]:
        parameters: dict[str, Any] = self._document["components"].get("parameters", {})
        return parameters

    @property
    def _schemas(self) -> dict[str, Schema]:
        schemas: dict[str, Schema] = self._document["components"]["schemas"]
        return schemas

    @cached_property
    def _registry(self) -> Registry[Any]:
        strict = {name: closed(schema, self._schemas) for name, schema in self._schemas.items()}
        contents = {"components": {"schemas": strict}}
        registry: Registry[Any] = Registry().with_resource(_URN, DRAFT4.create_resource(contents))
        return registry

    def _absolute(self, schema: Any) -> Any:
        """A schema that stands outside the document, with its references leading into it."""
        if isinstance(schema, dict):
            return {
                key: f"{_URN}{value}" if key == "$ref" else self._absolute(value)
                for key, value in schema.items()
            }
        return [self._absolute(item) for item in schema] if isinstance(schema, list) else schema

    def _read(self, operation: dict[str, Any]) -> Operation:
        parameters = [self._resolved(parameter) for parameter in operation.get("parameters", [])]
        return Operation(
            parameters={p["name"]: p for p in parameters if p["in"] == "query"},
            security={
                name: scopes for way in operation["security"] for name, scopes in way.items()
            },
            answer=operation["responses"]["200"]["content"]["application/json"]["schema"],
        )

    def _resolved(self, parameter: dict[str, Any]) -> dict[str, Any]:
        name = parameter.get("$ref", "").rpartition("/")[2]
        found: dict[str, Any] = self._parameters[name] if name else parameter
        return found


def load(folder: Path) -> list[Spec]:
    """All specs of a folder, oldest first.

    Raises:
        ValueError: If a file is no OpenAPI document.
    """
    specs = []
    for path in sorted(folder.glob("*.json")):
        try:
            specs.append(Spec(json.loads(path.read_text(encoding="utf-8"))))
        except (KeyError, TypeError, ValueError) as error:
            msg = f"{path} is not an OpenAPI document: take X's openapi.json as it is"
            raise ValueError(msg) from error
    return specs
