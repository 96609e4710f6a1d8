"""Folders for rows that wait on disk; those that a killed run has left are removed."""

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
"""What a file system without locks raises."""


class WaitingFolder:
    """A new folder among temporary files, held as long as its run lives.

    A lock in it says so, which the operating system lets go when the process ends, however it ends.

    Attributes:
        path: The folder.
    """

    def __init__(self) -> None:
        self.path = Path(mkdtemp(prefix=_PREFIX))
        self._lock = FileLock(self.path / "new.lock", blocking=False)
        # the lock gets its name while it is held: whoever sees it cannot be the first to take it
        with suppress(*_UNLOCKABLE):
            self._lock.acquire()
            (self.path / "new.lock").rename(self.path / _LOCK)

    def remove(self) -> None:
        """Delete the folder with the rows."""
        shutil.rmtree(self.path, ignore_errors=True)
        with suppress(*_UNLOCKABLE):
            self._lock.release(force=True)


def remove_abandoned() -> None:
    """Delete the folders whose runs have been killed; those of runs that live stay."""
    for folder in _folders():
        lock = folder / _LOCK
        # without a lock, a folder has just been made, or is of a file system without locks
        with suppress(Timeout, *_UNLOCKABLE):
            if lock.is_file():
                with FileLock(lock, blocking=False):
                    shutil.rmtree(folder, ignore_errors=True)


def _folders() -> Iterator[Path]:
    """Folders of this user; a link may lead anywhere, and another user's may be a trap."""
    with suppress(OSError), os.scandir(gettempdir()) as entries:
        for entry in entries:
            with suppress(OSError):
                is_ours = entry.stat(follow_symlinks=False).st_uid == os.getuid()
                if (
                    entry.name.startswith(_PREFIX)
                    and is_ours
                    and entry.is_dir(follow_symlinks=False)
                ):
                    yield Path(entry.path)
