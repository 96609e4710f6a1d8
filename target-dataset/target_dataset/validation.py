"""Validation of records against the JSON schema of their stream."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Never

import jsonschema_rs
from jsonschema import SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable
from singer_sdk.typing import DEFAULT_JSONSCHEMA_VALIDATOR

from target_dataset.errors import InvalidSchemaError
from target_dataset.json_numbers import decimal_numbers, plain_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    Validator = (
        jsonschema_rs.Draft202012Validator
        | jsonschema_rs.Draft7Validator
        | jsonschema_rs.Draft4Validator
    )


class RecordValidator:
    r"""A compiled JSON schema, which accepts everything that singer-sdk's own validator accepts.

    The dialect is 2020-12 as in the SDK, whatever `$schema` says. A schema that 2020-12 rejects may
    be Draft 7 (a list of `items`) or Draft 4 (`exclusiveMaximum: true`) of older taps. Formats,
    `contentEncoding` and `contentMediaType` are annotations; date columns have their own rules.

    The compiled validator is stricter than the SDK's: patterns are JavaScript's, in which
    `\d` is ASCII and `$` the very end, `dependencies` of Draft 7 still apply, and 5.0 is an integer
    to each part of a `oneOf`. So the SDK's, a hundred times as slow, decides about the records that
    the compiled one rejects. Python searches the patterns that only Python can compile.

    Args:
        stream: The stream's name, for messages.
        schema: Its JSON schema.

    Raises:
        InvalidSchemaError: It is not a valid JSON schema, or refers to an external one.
    """

    def __init__(self, stream: str, schema: dict[str, Any]) -> None:
        try:
            self._validator = _compiled(plain_numbers(schema))
        except ValueError as error:
            path = ".".join(map(str, getattr(error, "instance_path", ())))
            reason = f"at {path!r}" if path else f"({str(error).partition(chr(10))[0]})"
            message = f"Stream {stream!r}: its SCHEMA is not a valid JSON schema {reason}"
            raise InvalidSchemaError(message) from None
        self._properties = schema.get("properties", {})
        self._schema = schema

    def are_valid(self, records: Sequence[Any]) -> bool:
        """Whether the schema accepts all records; values too deep to check are not accepted."""
        with contextlib.suppress(ValueError):
            if all(map(self._validator.is_valid, records)):
                return True
        return all(map(self.is_valid, records))

    def is_valid(self, record: Any) -> bool:
        """Whether the schema accepts a record; values too deep to check are not accepted."""
        with contextlib.suppress(ValueError):
            # the validator does not support numbers that keep their spelling
            if self._validator.is_valid(record):
                return True
        try:
            return self._validator.is_valid(plain_numbers(record)) or self._is_valid_to_sdk(record)
        except (ValueError, RecursionError):
            # jsonschema-rs copies a value whose elements must be unique
            return False

    @cached_property
    def _sdk_validator(self) -> Any:
        """singer-sdk's validator, which resolves no external references."""
        schema = decimal_numbers(self._schema)
        try:
            DEFAULT_JSONSCHEMA_VALIDATOR.check_schema(schema)
        except SchemaError:
            return None
        return DEFAULT_JSONSCHEMA_VALIDATOR(schema, registry=Registry())

    def _is_valid_to_sdk(self, record: Any) -> bool:
        with contextlib.suppress(*_CANNOT_TELL):
            return bool(
                self._sdk_validator and self._sdk_validator.is_valid(decimal_numbers(record))
            )
        return False

    def _paths_refused_by_sdk(self, record: Any) -> set[tuple[str | int, ...]]:
        with contextlib.suppress(*_CANNOT_TELL):
            errors = self._sdk_validator.iter_errors(decimal_numbers(record))
            return {tuple(error.absolute_path) for error in errors}
        return set()

    def reason(self, record: Any) -> str:
        """Why the record is not valid, without quoting its values.

        Names missing from the schema are not quoted either: keys of free objects are values.
        """
        try:
            errors = list(self._validator.iter_errors(plain_numbers(record)))
        except (ValueError, RecursionError):
            # jsonschema-rs validates deeper values than it can describe
            return self._reason_without_depths(record)
        refused = self._paths_refused_by_sdk(record) if len(errors) > 1 else ()
        decisive = (error for error in errors if tuple(error.instance_path) in refused)
        return _described(next(decisive, errors[0]))

    def _reason_without_depths(self, record: dict[str, Any]) -> str:
        """The error above the describable depth; otherwise, the column of the deep value."""
        shallow = {name: _shallow(value, _DEEPEST_DESCRIBED) for name, value in record.items()}
        for error in self._validator.iter_errors(plain_numbers(shallow)):
            # values that differ only deep down are equal in the copies
            is_certain = error.kind.name != "uniqueItems"
            if is_certain and len(error.instance_path) < _DEEPEST_DESCRIBED:
                return _described(error)
        deep = [name for name in self._properties if shallow.get(name) != record.get(name)]
        where = f"column {deep[0]!r}: " if deep else ""
        return f"{where}it is nested too deeply to be checked"


def _described(error: jsonschema_rs.ValidationError) -> str:
    """An error with its column, without names that only the record has."""
    if not error.instance_path:
        return error.message
    # the path of evaluation also has the steps to a reference
    known = {*error.schema_path, *error.evaluation_path}
    steps = [
        str(step) if isinstance(step, int) or step in known else "*"
        for step in error.instance_path[:_MAX_PATH]
    ]
    path = ".".join([*steps, "…"] if len(error.instance_path) > _MAX_PATH else steps)
    names = error.kind.name in {"additionalProperties", "propertyNames"}
    reason = "it has a property that its schema does not allow" if names else error.message
    return f"column {path!r}: {reason}"


def _shallow(value: Any, depth: int) -> Any:
    """A copy of the value whose arrays and objects at a depth are empty."""
    if isinstance(value, list):
        return [_shallow(each, depth - 1) for each in value] if depth else []
    if isinstance(value, dict):
        return {name: _shallow(each, depth - 1) for name, each in value.items()} if depth else {}
    return value


def _compiled(schema: dict[str, Any]) -> Validator:
    attempts = (
        (dialect, _copied(schema, python=python))
        for dialect in _DIALECTS
        for python in (False, True)
    )
    failures = []
    for dialect, found in attempts:
        try:
            return dialect(found, **_OPTIONS)
        except ValueError as error:
            failures.append(error)
    raise failures[0]


def _copied(part: Any, *, python: bool) -> Any:
    """A copy of the schema without annotations that jsonschema-rs would enforce.

    Args:
        part: The schema, or a part of it.
        python: Whether Python searches the patterns.
    """
    if isinstance(part, list):
        return [_copied(element, python=python) for element in part]
    if not isinstance(part, Mapping):
        return part
    return dict(
        _keyword(name, value, python=python)
        for name, value in part.items()
        if name not in _ANNOTATIONS
    )


def _keyword(keyword: str, value: Any, *, python: bool) -> tuple[str, Any]:
    if python and keyword == "pattern" and _is_pattern(value):
        return _PYTHON_PATTERN, value
    if keyword in _BY_NAME and isinstance(value, Mapping):
        spell = _of_javascript if python and keyword == "patternProperties" else str
        parts = {spell(name): _copied(part, python=python) for name, part in value.items()}
        return keyword, parts
    return keyword, value if keyword in _VALUES else _copied(value, python=python)


def _of_javascript(pattern: str) -> str:
    """The pattern with named groups and both ends of the text in JavaScript's spelling.

    `additionalProperties` depends on the validator's own search to know the matched names.
    """
    return _SPELLED.sub(lambda found: _IN_JAVASCRIPT.get(found[0], found[0]), pattern)


def _is_pattern(value: Any) -> bool:
    if isinstance(value, str):
        with contextlib.suppress(re.error):
            re.compile(value)
            return True
    return False


class _PythonPattern:
    """The keyword for a Python pattern, searched as singer-sdk's validator does."""

    def __init__(self, _parent: dict[str, Any], value: str, _path: list[str | int]) -> None:
        self._pattern = re.compile(value)

    def validate(self, instance: Any) -> None:
        """Check a value.

        Raises:
            ValueError: It is text without a match.
        """
        if isinstance(instance, str) and not self._pattern.search(instance):
            message = f"the value does not match {self._pattern.pattern!r}"
            raise ValueError(message)


def _refuse(_uri: str) -> Never:
    message = "external schemas are not fetched"
    raise ValueError(message)


_MAX_PATH: Final = 10
"""Steps of a path shown in a message."""

_DEEPEST_DESCRIBED: Final = 100
"""Levels of a value shown in an error; jsonschema-rs describes at most 255 of a record."""

_DIALECTS: Final = (
    jsonschema_rs.Draft202012Validator,
    jsonschema_rs.Draft7Validator,
    jsonschema_rs.Draft4Validator,
)

_CANNOT_TELL: Final = (
    ArithmeticError,
    RecursionError,
    TypeError,
    ValueError,
    Unresolvable,
    re.error,
)
"""Errors of singer-sdk's validator about schemas and numbers that it does not support."""

_ANNOTATIONS: Final = frozenset({"contentEncoding", "contentMediaType"})
"""Keywords that Draft 7 may enforce; later dialects and other targets do not."""

_VALUES: Final = frozenset({"const", "default", "enum", "examples"})
"""Keywords that contain values, which may look like schemas."""

_BY_NAME: Final = frozenset(
    {
        "$defs",
        "definitions",
        "dependencies",
        "dependentSchemas",
        "patternProperties",
        "properties",
    }
)
"""Keywords that contain schemas by name; a name may equal a keyword."""

_SPELLED: Final = re.compile(r"\(\?P<|\\.", re.DOTALL)
_IN_JAVASCRIPT: Final = {"(?P<": "(?<", r"\A": "^", r"\Z": "$"}

_PYTHON_PATTERN: Final = "x-python-pattern"
_OPTIONS: Final[dict[str, Any]] = {
    "validate_formats": False,
    "mask": "the value",
    "retriever": _refuse,
    "keywords": {_PYTHON_PATTERN: _PythonPattern},
}
