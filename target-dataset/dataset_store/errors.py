"""Errors of datasets; every message has what happened, where, and the fix."""

from __future__ import annotations

from typing import ClassVar


class DatasetError(Exception):
    """Base of all errors of this package; its text is fit for a user."""

    topic: ClassVar[str] = "datasets"
    """The section of `docs/errors.md` about it."""


class StoreError(DatasetError):
    """The store itself cannot be used: a wrong address, a missing folder, a refused login."""

    topic = "stores"


class DatasetNotFoundError(DatasetError):
    """No dataset matches the reference."""

    topic = "dataset-not-found"


class DatasetExistsError(DatasetError):
    """The GUID is taken."""

    topic = "dataset-exists"


class SchemaConflictError(DatasetError):
    """Stored and new columns contradict each other."""

    topic = "columns-that-contradict-each-other"


class TypeConflictError(SchemaConflictError):
    """The types of a column contradict each other."""


class FileFormatError(DatasetError):
    """A file is not in a format that the import supports."""

    topic = "files-to-import"
