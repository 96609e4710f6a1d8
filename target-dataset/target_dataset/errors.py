"""Errors of the input; no message quotes a value of a record."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from singer_sdk.exceptions import (
    InvalidJSONSchema,
    InvalidRecord,
    MissingKeyPropertiesError,
    RecordsWithoutSchemaException,
)

from dataset_store import SchemaConflictError
from dataset_store.errors import TypeConflictError
from singer_plugin import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dataset_store.widening import Contradiction

logger = logging.getLogger(__name__)

Place = int | str
"""The place of a record: its line number in the input, or a description."""


def record_at(place: Place, stream: str) -> str:
    """A record's place and stream, as the beginning of a message."""
    where = place if isinstance(place, str) else f"Line {place}"
    return f"{where}, stream {stream!r}"


@contextmanager
def conflicts_of(subject: str) -> Iterator[None]:
    """Add the subject to errors about conflicting columns.

    Args:
        subject: The stream, and the dataset if known, as the beginning of a message.

    Raises:
        SchemaConflictError: The same error, with the subject before it.
    """
    try:
        yield
    except TypeConflictError as error:
        message = f"{subject}: {error}; set `type_conflicts` to text to store both as text"
        raise SchemaConflictError(message) from None
    except SchemaConflictError as error:
        message = f"{subject}: {error}"
        raise SchemaConflictError(message) from None


def warn_of_text(subject: str, found: Iterable[Contradiction]) -> None:
    """Warn about columns that became text.

    Args:
        subject: The stream, and the dataset if known, as the beginning of a message.
        found: The columns.
    """
    for each in found:
        logger.warning("%s: %s; it becomes text, as `type_conflicts` is text", subject, each)


class InputError(UserError):
    """A message that cannot be parsed or stored."""

    topic = "input-of-the-target"


class MapError(InputError):
    """A stream map that does not match its stream."""

    topic = "stream-maps"


class RecordBeforeSchemaError(InputError, RecordsWithoutSchemaException):
    """A message about a stream that has no SCHEMA yet."""


class InvalidSchemaError(InputError, InvalidJSONSchema):
    """A SCHEMA that is not a valid JSON schema."""


class InvalidRecordError(InputError, InvalidRecord):
    """A record that its stream's schema rejects."""

    def __init__(self, message: str) -> None:
        super().__init__(message, {})

    def __str__(self) -> str:
        return self.error_message


class MissingKeyError(InputError, MissingKeyPropertiesError):
    """A record that lacks a key property of its stream."""
