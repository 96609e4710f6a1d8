"""Limits of names and descriptions of an existing table."""

from __future__ import annotations

from typing import Final

from dataset_store.errors import DatasetError

# deltalake 1.6: TableAlterer refuses more
MAX_NAME: Final = 255
MAX_DESCRIPTION: Final = 4_000


def check_name(name: str) -> None:
    """Reject a name that is blank or too long.

    Raises:
        DatasetError: The name is blank or too long.
    """
    if not name.strip():
        message = "The name is blank; give a name"
        raise DatasetError(message)
    _check_length("name", name, MAX_NAME)


def check_description(description: str) -> None:
    """Reject a description that is too long.

    Raises:
        DatasetError: The description is too long.
    """
    _check_length("description", description, MAX_DESCRIPTION)


def _check_length(what: str, text: str, limit: int) -> None:
    if len(text) > limit:
        message = f"The {what} has {len(text):,} characters; the limit is {limit:,}"
        raise DatasetError(message)
