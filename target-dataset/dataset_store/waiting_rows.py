"""Folders for rows buffered on disk; folders left by killed runs are removed."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX: Final = "target-dataset-"
_LOCK: Final = "run.lock"
_UNLOCKABLE: Final = (OSError, NotImplementedError)
"""Errors of a file system without locks."""


class WaitingFolder:
    """A new temporary folder, held as long as its run lives.

    A lock file marks it as in use; the operating system releases the lock when the process ends.

    Attributes:
        path: The folder.
    """

    def __init__(self) -> None:
        self.path = Path(mkdtemp(prefix=_PREFIX))
        self._lock = FileLock(self.path / "new.lock", blocking=False)
        # the lock gets its name while it is held: whoever sees it cannot be the first to acquire it
        with suppress(*_UNLOCKABLE):
            self._lock.acquire()
            (self.path / "new.lock").rename(self.path / _LOCK)

    def remove(self) -> None:
        """Delete the folder with the rows."""
        shutil.rmtree(self.path, ignore_errors=True)
        with suppress(*_UNLOCKABLE):
            self._lock.release(force=True)


def remove_abandoned() -> None:
    """Delete the folders of killed runs; those of running ones stay."""
    for folder in _folders():
        lock = folder / _LOCK
        # a folder without a lock has just been made, or is on a file system without locks
        with suppress(Timeout, *_UNLOCKABLE):
            if lock.is_file():
                with FileLock(lock, blocking=False):
                    shutil.rmtree(folder, ignore_errors=True)


def _folders() -> Iterator[Path]:
    """Folders of this user; a link may lead anywhere, and another user's may be a trap."""
    with suppress(OSError), os.scandir(gettempdir()) as entries:
        for entry in entries:
            if not entry.name.startswith(_PREFIX):
                continue
            with suppress(OSError):
                is_ours = entry.stat(follow_symlinks=False).st_uid == os.getuid()
                if is_ours and entry.is_dir(follow_symlinks=False):
                    yield Path(entry.path)
