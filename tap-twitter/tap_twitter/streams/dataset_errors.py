"""What a store cannot do, as an error of the settings that name the store and its datasets."""

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
"""The setting that has brought an error about, where it is one setting's."""


@contextmanager
def as_input_error() -> Iterator[None]:
    """What a store cannot do ends the stream as an input that does not serve.

    Raises:
        InputDatasetError: In the place of the store's own error.
    """
    try:
        yield
    except DatasetError as error:
        names = [name for kind, name in NAMED_BY if isinstance(error, kind)]
        whose = f" (setting '{names[0]}')" if names else ""
        msg = f"{str(error).removesuffix('.')}{whose}."
        raise InputDatasetError(msg) from error
