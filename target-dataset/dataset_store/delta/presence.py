"""Checks that the files of a local table still exist.

The engine appends to a table whose data files were deleted, and creates a new table beside data
files whose log was deleted. Both would acknowledge rows while others are lost.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from dataset_store.errors import DatasetError, StoreError

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from pathlib import Path

LOG: Final = "_delta_log"
_LOG_ENTRY: Final = re.compile(r"\d{20}\.(json|checkpoint\..*)")
"""A commit or a checkpoint, as named by Delta's protocol; other files may be incomplete."""

_DIGITS: Final = 20
"""The digits of the version at the beginning of a log entry's name."""

_FEW_FILES: Final = 100

RESTORE: Final = "restore it from a backup, or move the folder away to start over"


def has_log(folder: Path) -> bool:
    """Whether the folder holds a table; an interrupted creation leaves a log without entries.

    Raises:
        DatasetError: It holds data files, but no log.
    """
    if not folder.is_dir():
        return False
    log = folder / LOG
    if log.is_dir() and any(map(_LOG_ENTRY.fullmatch, os.listdir(log))):  # noqa: PTH208 - names are enough
        return True
    if any(name.endswith(".parquet") for name in os.listdir(folder)):  # noqa: PTH208 - as above
        message = f"Dataset {folder.name}: {_without_log(folder)}"
        raise DatasetError(message)
    return False


def require_store(root: Path) -> None:
    """Refuse to write to a store that was removed since it was last seen.

    Raises:
        StoreError: The store was removed.
    """
    if not root.is_dir():
        message = f"Store {root}: its folder was removed during the run"
        raise StoreError(message)


def require_table(folder: Path, version: int) -> None:
    """Refuse to write to a table that was removed, entirely or in part, since it was opened.

    Args:
        folder: The table's folder.
        version: The newest version known to be committed.

    Raises:
        StoreError: The store was removed.
        DatasetError: The table, its log or an entry of the log was removed.
    """
    require_store(folder.parent)
    if not folder.is_dir():
        message = (
            f"Dataset {folder.name}: its folder was removed from {folder.parent} during the run"
        )
        raise DatasetError(message)
    if not (folder / LOG).is_dir() or not require_entries(folder, version):
        message = f"Dataset {folder.name}: {_without_log(folder)}"
        raise DatasetError(message)


def require_entries(folder: Path, version: int = 0) -> bool:
    """Reject a log with a gap; an open table does not notice it.

    Args:
        folder: The table's folder.
        version: The newest version known to be committed.

    Returns:
        Whether there are any entries.

    Raises:
        DatasetError: The log has a gap.
    """
    log = folder / LOG
    # a listing may miss entries made or replaced meanwhile by a writer; a second one has them
    for _ in range(2):
        names = os.listdir(log)  # noqa: PTH208 - names are enough
        gone = _missing_entry(names, version)
        if gone is None or not any(map(_LOG_ENTRY.fullmatch, names)):
            return gone is None
    message = (
        f"Dataset {folder.name}: its log {log} lacks the entry of version {gone}, so it "
        f"cannot be opened; {RESTORE}"
    )
    raise DatasetError(message)


def _missing_entry(names: list[str], version: int) -> int | None:
    """The first version after the newest checkpoint without a log entry, or None."""
    newest = max((name for name in names if name[_DIGITS:] == ".json"), default="-1")
    checkpoints = (name for name in names if name.startswith(".checkpoint.", _DIGITS))
    checkpoint = int(max(checkpoints, default="-1")[:_DIGITS])
    known = set(names)
    awaited = range(checkpoint + 1, max(version, int(newest[:_DIGITS])) + 1)
    return next((each for each in awaited if f"{each:0{_DIGITS}}.json" not in known), None)


def require_data_files(folder: Path, names: AbstractSet[str]) -> None:
    """Refuse to write to a table that lacks data files.

    Args:
        folder: The table's folder.
        names: The names of its data files.

    Raises:
        DatasetError: Some are missing.
    """
    if len(names) <= _FEW_FILES:
        # a folder also has the files of old versions
        gone = {name for name in names if not os.path.exists(f"{folder}/{name}")}  # noqa: PTH110
    else:
        gone = set(names - set(os.listdir(folder)))  # noqa: PTH208 - names are enough
    if gone:
        message = (
            f"Dataset {folder.name}: {len(gone)} of its {len(names)} data files are missing from "
            f"{folder}, and their rows with them; restore them from a backup, or load all rows "
            "again with `load_method: overwrite`"
        )
        raise DatasetError(message)


def _without_log(folder: Path) -> str:
    return f"its log {folder / LOG} was removed; {RESTORE}"
