"""Errors of a store, as errors of the settings that name the store and its datasets."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from dataset_store import DatasetError, DatasetNotFoundError, StoreError
from tap_twitter.errors import InputDatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMED_BY: Final = (
    (StoreError, "store"),
    (DatasetNotFoundError, "users_lookup.input_dataset_id"),
)
"""The setting that caused an error, if it was a single one."""


@contextmanager
def as_input_error() -> Iterator[None]:
    """Turn an error of the store into an `InputDatasetError`, which ends the stream.

    Raises:
        InputDatasetError: Instead of the store's own error.
    """
    try:
        yield
    except DatasetError as error:
        names = [name for kind, name in NAMED_BY if isinstance(error, kind)]
        whose = f" (setting '{names[0]}')" if names else ""
        msg = f"{str(error).removesuffix('.')}{whose}."
        raise InputDatasetError(msg) from error
