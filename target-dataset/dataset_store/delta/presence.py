"""Checks that the files of a table still exist.

The engine appends to a table whose data files were deleted, and creates a new table beside data
files whose log was deleted. Both would acknowledge rows while others are lost.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dataset_store.delta.location import LOG, REMOVAL
from dataset_store.errors import DatasetError, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from dataset_store.delta.location import Location, TableFolder

_LOG_ENTRY: Final = re.compile(r"\d{20}\.(json|checkpoint\..*)")
"""A commit or a checkpoint, as named by Delta's protocol; other files may be incomplete."""

_DIGITS: Final = 20
"""The digits of the version at the beginning of a log entry's name."""

_FEW_FILES: Final = 100
"""Up to which number files are looked for one by one: a listing also has those of old versions."""

RESTORE: Final = "restore it from a backup, or move the folder away to start over"


def has_log(folder: TableFolder) -> bool:
    """Whether the folder holds a table; an interrupted creation leaves a log without entries.

    Raises:
        DatasetError: It holds data files, but no log; or its removal was interrupted.
    """
    names = folder.names(LOG)
    if REMOVAL.removeprefix(f"{LOG}/") in names:
        message = (
            f"Dataset {folder.name}: its removal was interrupted; repeat it with "
            f"`dataset rm {folder.name}`"
        )
        raise DatasetError(message)
    if any(map(_LOG_ENTRY.fullmatch, names)):
        return True
    if any(name.endswith(".parquet") for name in folder.names()):
        message = f"Dataset {folder.name}: {_without_log(folder)}"
        raise DatasetError(message)
    return False


def require_store(location: Location) -> None:
    """Refuse to write to a store that was removed since it was last seen.

    Raises:
        StoreError: The store was removed.
    """
    if not location.exists():
        message = f"Store {location}: its folder was removed during the run"
        raise StoreError(message)


def require_table(folder: TableFolder, version: int, checkpoint: int | None = None) -> None:
    """Refuse to write to a table that was removed, entirely or in part, since it was opened.

    Args:
        folder: The table's folder.
        version: The newest version known to be committed.
        checkpoint: The version of a checkpoint known to be in the log.

    Raises:
        StoreError: The store was removed.
        DatasetError: The table, its log or an entry of the log was removed.
    """
    if checkpoint is not None and _has_entries(folder, checkpoint, version):
        return
    if require_entries(folder, version):
        return
    require_store(folder.location)
    if not folder.exists():
        message = (
            f"Dataset {folder.name}: its folder was removed from {folder.location} during the run"
        )
        raise DatasetError(message)
    message = f"Dataset {folder.name}: {_without_log(folder)}"
    raise DatasetError(message)


def _has_entries(folder: TableFolder, checkpoint: int, version: int) -> bool:
    """Whether a checkpoint and the entries after it exist, without a listing of a long log."""
    if folder.is_remote or version - checkpoint > _FEW_FILES:
        return False
    name = f"{LOG}/{checkpoint:0{_DIGITS}}.checkpoint.parquet"
    awaited = range(checkpoint + 1, version + 1)
    return folder.has(name) and all(folder.has(f"{LOG}/{each:0{_DIGITS}}.json") for each in awaited)


def require_entries(folder: TableFolder, version: int = 0) -> bool:
    """Reject a log with a gap; an open table does not notice it.

    Args:
        folder: The table's folder.
        version: The newest version known to be committed.

    Returns:
        Whether there are any entries.

    Raises:
        DatasetError: The log has a gap.
    """
    # a listing may miss entries made or replaced meanwhile by a writer; a second one has them
    for _ in range(2):
        names = folder.names(LOG)
        gone = _missing_entry(names, version)
        if gone is None or not any(map(_LOG_ENTRY.fullmatch, names)):
            return gone is None
    message = (
        f"Dataset {folder.name}: its log {folder.address}/{LOG} lacks the entry of version {gone}, "
        f"so it cannot be opened; {RESTORE}"
    )
    raise DatasetError(message)


def _missing_entry(names: Sequence[str], version: int) -> int | None:
    """The first version after the newest checkpoint without a log entry, or None."""
    newest = max((name for name in names if name[_DIGITS:] == ".json"), default="-1")
    checkpoints = (name for name in names if name.startswith(".checkpoint.", _DIGITS))
    checkpoint = int(max(checkpoints, default="-1")[:_DIGITS])
    known = set(names)
    awaited = range(checkpoint + 1, max(version, int(newest[:_DIGITS])) + 1)
    return next((each for each in awaited if f"{each:0{_DIGITS}}.json" not in known), None)


def require_data_files(folder: TableFolder, names: AbstractSet[str]) -> None:
    """Refuse to write to a table that lacks data files.

    Args:
        folder: The table's folder.
        names: The names of its data files.

    Raises:
        DatasetError: Some are missing.
    """
    if len(names) <= _FEW_FILES and not folder.is_remote:
        gone = {name for name in names if not folder.has(name)}
    else:
        gone = set(names - set(folder.names()))
    if gone:
        message = (
            f"Dataset {folder.name}: {len(gone)} of its {len(names)} data files are missing from "
            f"{folder.address}, and their rows with them; restore them from a backup, or load all "
            "rows again with `load_method: overwrite`"
        )
        raise DatasetError(message)


def _without_log(folder: TableFolder) -> str:
    return f"its log {folder.address}/{LOG} was removed; {RESTORE}"
