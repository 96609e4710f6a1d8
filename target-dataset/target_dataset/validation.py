"""Records against the JSON schema of their stream."""

from __future__ import annotations

import contextlib
from typing import Any, Final, Never

import jsonschema_rs

from target_dataset.errors import InvalidSchemaError


class RecordValidator:
    """A compiled JSON schema (Draft 7, as in singer-sdk; formats are left to the columns).

    What Draft 7 refuses may be of Draft 4, as of older taps: `exclusiveMaximum: true`.

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
        """Why the record is not valid, in words that quote none of its values."""
        error = next(self._validator.iter_errors(record))
        path = ".".join(map(str, error.instance_path))
        return f"column {path!r}: {error.message}" if path else error.message


def _compiled(
    schema: dict[str, Any],
) -> jsonschema_rs.Draft7Validator | jsonschema_rs.Draft4Validator:
    try:
        return jsonschema_rs.Draft7Validator(schema, **_OPTIONS)
    except ValueError:
        with contextlib.suppress(ValueError):
            return jsonschema_rs.Draft4Validator(schema, **_OPTIONS)
        raise


def _refuse(_uri: str) -> Never:
    message = "schemas elsewhere are not fetched"
    raise ValueError(message)


_OPTIONS: Final[dict[str, Any]] = {
    "validate_formats": False,
    "mask": "the value",
    "retriever": _refuse,
}
