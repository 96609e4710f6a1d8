"""Errors of deltalake and Arrow, translated to this package's errors.

Engine errors quote the values that caused them. Users' data must not appear in logs, so only the
type of such errors is reported, and the cause is dropped.
"""

from __future__ import annotations

import errno
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from deltalake.exceptions import (
    CommitFailedError,
    DeltaError,
    DeltaProtocolError,
    TableNotFoundError,
)

from dataset_store.delta.server_refusals import refusal_by_server
from dataset_store.delta.vectors import VectorError
from dataset_store.errors import DatasetError, DatasetNotFoundError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

_OS_ERROR: Final = re.compile(r"\(os error (\d+)\)|Os \{ code: (\d+)")
_KIND: Final = re.compile(r"[A-Z][A-Za-z ]{2,40}error")
_GONE: Final = re.compile(r"\.(parquet|bin) not found")
_HINTS: Final = {
    errno.ENOSPC: "free space on its disk",
    errno.EDQUOT: "free space on its disk",
}
_LOG_FAULT: Final = re.compile("kernel error|log segment|protocol", re.IGNORECASE)


@contextmanager
def as_dataset_errors(where: str) -> Iterator[None]:
    """Convert any engine error inside the block to a `DatasetError` that names the place.

    Args:
        where: The subject, as the beginning of a sentence: `Dataset 1234 in ./datasets`.

    Raises:
        StoreError: The file system refuses the operation.
        DatasetNotFoundError: There is no table.
        DatasetError: Any other error of the engine.
    """
    try:
        yield
    except DatasetError:
        raise
    except VectorError as error:
        message = f"{where}: {error}"
        raise DatasetError(message) from None
    except Exception as error:  # noqa: BLE001 - deltalake raises bare Exception for engine errors
        raise translated(error, where) from None


def translated(error: Exception, where: str) -> DatasetError:
    """Translate an engine error to this package's errors, without the data that it may quote."""
    if _GONE.search(str(error)) or _is_gone(error):
        return DatasetError(
            f"{where}: one of its data files is missing; if it was deleted as old during a long "
            "read, run again; otherwise restore it from a backup"
        )
    if reason := refusal_by_server(str(error)) or _refusal_by_system(error):
        return StoreError(f"{where}: {reason}")
    if isinstance(error, CommitFailedError):
        return DatasetError(f"{where}: other writers kept changing it during the write; run again")
    if isinstance(error, TableNotFoundError):
        return DatasetNotFoundError(f"{where}: there is no Delta table")
    if isinstance(error, DeltaProtocolError) or (
        isinstance(error, DeltaError) and _LOG_FAULT.search(str(error))
    ):
        return DatasetError(
            f"{where}: its Delta log is damaged or of an unknown version; restore its _delta_log "
            "folder from a backup, or read it with a newer version of this program"
        )
    kind = _KIND.search(str(error))
    return DatasetError(f"{where}: the engine failed ({kind[0] if kind else type(error).__name__})")


def _is_gone(error: Exception) -> bool:
    """Whether a file of rows was not found; any other name is that of the table itself."""
    found = str(error)
    return isinstance(error, FileNotFoundError) and (".parquet" in found or ".bin" in found)


def _refusal_by_system(error: Exception) -> str | None:
    """What the operating system said, if the error comes from there."""
    if isinstance(error, OSError) and error.errno:
        number = error.errno
    elif found := _OS_ERROR.search(str(error)):
        number = int(found[1] or found[2])
    else:
        return None
    hint = _HINTS.get(number, "fix the folder or its permissions")
    return f"{os.strerror(number)}; {hint}, or choose another store"
