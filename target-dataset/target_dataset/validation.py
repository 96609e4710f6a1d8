"""Records against the JSON schema of their stream."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Never

import jsonschema_rs

from target_dataset.errors import InvalidSchemaError

if TYPE_CHECKING:
    Validator = jsonschema_rs.Draft7Validator | jsonschema_rs.Draft4Validator


class RecordValidator:
    """A compiled JSON schema (Draft 7, as in singer-sdk; formats are left to the columns).

    What Draft 7 refuses may be of Draft 4, as of older taps: `exclusiveMaximum: true`. JSON schemas
    have the regular expressions of JavaScript; where those refuse a pattern, it may be Python's.

    Args:
        stream: The stream's name, for messages.
        schema: Its JSON schema.

    Raises:
        InvalidSchemaError: It is no valid JSON schema, or refers to one elsewhere.
    """

    def __init__(self, stream: str, schema: dict[str, Any]) -> None:
        try:
            self._validator = _compiled(schema)
        except ValueError as error:
            path = ".".join(map(str, getattr(error, "instance_path", ())))
            reason = f"at {path!r}" if path else f"({str(error).partition(chr(10))[0]})"
            message = f"Stream {stream!r}: its SCHEMA is not a valid JSON schema {reason}"
            raise InvalidSchemaError(message) from None
        self.is_valid = self._validator.is_valid

    def reason(self, record: Any) -> str:
        """Why the record is not valid, in words that quote none of its values.

        Nor names inside of them that the schema does not have: keys of free objects are values.
        """
        error = next(self._validator.iter_errors(record))
        if not error.instance_path:
            return error.message
        known = set(error.schema_path)
        path = ".".join(
            str(step) if isinstance(step, int) or step in known else "*"
            for step in error.instance_path
        )
        names = error.kind.name in {"additionalProperties", "propertyNames"}
        reason = "it has a property that its schema does not allow" if names else error.message
        return f"column {path!r}: {reason}"


def _compiled(schema: dict[str, Any]) -> Validator:
    attempts = (
        (draft, form(schema))
        for draft in (jsonschema_rs.Draft7Validator, jsonschema_rs.Draft4Validator)
        for form in (dict, _with_python_patterns)
    )
    failures = []
    for draft, found in attempts:
        try:
            return draft(found, **_OPTIONS)
        except ValueError as error:
            failures.append(error)
    raise failures[0]


def _with_python_patterns(part: Any) -> Any:
    """A copy of the schema in which patterns are searched for by Python."""
    if isinstance(part, list):
        return [_with_python_patterns(element) for element in part]
    if not isinstance(part, Mapping):
        return part
    return dict(_with_python_pattern(name, value) for name, value in part.items())


def _with_python_pattern(keyword: str, value: Any) -> tuple[str, Any]:
    if keyword == "pattern" and _is_pattern(value):
        return _PYTHON_PATTERN, value
    if keyword in _BY_NAME and isinstance(value, Mapping):
        spell = _of_javascript if keyword == "patternProperties" else str
        return keyword, {spell(name): _with_python_patterns(part) for name, part in value.items()}
    return keyword, value if keyword in _VALUES else _with_python_patterns(value)


def _of_javascript(pattern: str) -> str:
    """The pattern with named groups and both ends of the text as JavaScript spells them.

    Only the validator's own search tells `additionalProperties` which names are matched.
    """
    return _SPELLED.sub(lambda found: _IN_JAVASCRIPT.get(found[0], found[0]), pattern)


def _is_pattern(value: Any) -> bool:
    if isinstance(value, str):
        with contextlib.suppress(re.error):
            re.compile(value)
            return True
    return False


class _PythonPattern:
    """The keyword for a pattern of Python's, searched as singer-sdk's validator does."""

    def __init__(self, _parent: dict[str, Any], value: str, _path: list[str | int]) -> None:
        self._pattern = re.compile(value)

    def validate(self, instance: Any) -> None:
        """Check a value.

        Raises:
            ValueError: It is text that the pattern is not found in.
        """
        if isinstance(instance, str) and not self._pattern.search(instance):
            message = f"the value does not match {self._pattern.pattern!r}"
            raise ValueError(message)


def _refuse(_uri: str) -> Never:
    message = "schemas elsewhere are not fetched"
    raise ValueError(message)


_VALUES: Final = frozenset({"const", "default", "enum", "examples"})
"""Keywords with values in them, which may look like schemas."""

_BY_NAME: Final = frozenset(
    {"$defs", "definitions", "dependencies", "patternProperties", "properties"}
)
"""Keywords with schemas by names, which may be those of keywords."""

_SPELLED: Final = re.compile(r"\(\?P<|\\.", re.DOTALL)
_IN_JAVASCRIPT: Final = {"(?P<": "(?<", r"\A": "^", r"\Z": "$"}

_PYTHON_PATTERN: Final = "x-python-pattern"
_OPTIONS: Final[dict[str, Any]] = {
    "validate_formats": False,
    "mask": "the value",
    "retriever": _refuse,
    "keywords": {_PYTHON_PATTERN: _PythonPattern},
}
