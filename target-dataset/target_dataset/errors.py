"""What can be wrong with the input; no message quotes a value of a record."""

from __future__ import annotations

from singer_sdk.exceptions import (
    InvalidJSONSchema,
    InvalidRecord,
    MissingKeyPropertiesError,
    RecordsWithoutSchemaException,
)

from singer_plugin import UserError


class InputError(UserError):
    """A message that cannot be understood or stored."""


class RecordBeforeSchemaError(InputError, RecordsWithoutSchemaException):
    """A message about a stream whose SCHEMA has not come."""


class InvalidSchemaError(InputError, InvalidJSONSchema):
    """A SCHEMA that is no valid JSON schema."""


class InvalidRecordError(InputError, InvalidRecord):
    """A record that its stream's schema does not allow."""

    def __init__(self, message: str) -> None:
        super().__init__(message, {})

    def __str__(self) -> str:
        return self.error_message


class MissingKeyError(InputError, MissingKeyPropertiesError):
    """A record without one of its stream's key properties."""
