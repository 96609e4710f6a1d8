"""The store that a command works in: from a file of settings, or from the environment."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Final

from dataset_store.errors import StoreError
from dataset_store.json_files import JsonFileError, read_json_object
from dataset_store.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dataset_store.base import DatasetStore

VARIABLE: Final = "DATASET_STORE_OPTIONS"
OPTION: Final = "--config"
DEFAULT: Final = "./datasets"
FIX: Final = "name a file with the settings of target-dataset, store and store_options"


def store_of_settings(file: str) -> DatasetStore:
    """The store in a file with settings of `target-dataset`.

    Args:
        file: The file; `-` is standard input.

    Raises:
        StoreError: The file does not serve, or the store in it cannot be used.
    """
    try:
        settings = read_json_object(OPTION, file, FIX)
    except JsonFileError as error:
        raise StoreError(str(error)) from None
    address = settings.get("store") or DEFAULT
    if not isinstance(address, str):
        message = f"{OPTION}: 'store' is not text; {FIX}"
        raise StoreError(message)
    return open_store(address, _object(f"{OPTION}: 'store_options'", settings.get("store_options")))


def store_at(address: str) -> DatasetStore:
    """The store at an address, with the options in the environment.

    Raises:
        StoreError: It cannot be used; errors of its options name the variable they come from.
    """
    try:
        return open_store(address, _options())
    except StoreError as error:
        setting = "store_options:"
        if not str(error).startswith(setting):
            raise
        message = f"{VARIABLE}:{str(error).removeprefix(setting)}"
        raise StoreError(message) from None


def _options() -> Mapping[str, Any]:
    """The store's options, from the environment: a command line would be visible to everybody.

    Raises:
        StoreError: The variable is not a JSON object.
    """
    return _object(f"{VARIABLE}: it", os.environ.get(VARIABLE, "").strip())


def _object(name: str, value: Any) -> Mapping[str, Any]:
    """An object, or the JSON of one, as Meltano passes it.

    Raises:
        StoreError: It is neither.
    """
    try:
        found = json.loads(value) if value and isinstance(value, str) else value or {}
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        message = (
            f"{name} is not a JSON object; write it as "
            '{"client_id": "...", "client_secret": "..."}'
        )
        raise StoreError(message)
    return found
