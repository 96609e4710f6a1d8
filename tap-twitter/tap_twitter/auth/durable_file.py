"""Writing a private file so that a crash leaves either the old or the new one, complete."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def replace_durably(file: Path, new: Path, content: bytes) -> None:
    """Replace a file as a whole; after this returns, a crash of the machine does not undo it.

    Args:
        file: The file to replace; afterwards only its owner can access it.
        new: A name in the same folder, to write to first. Only one process may use it at a time.
        content: The new content.

    Raises:
        OSError: It cannot be written; the old file is unchanged.
    """
    try:
        new.unlink(missing_ok=True)  # left by a process that died here
        _write_durably(new, content)
        new.replace(file)
        _sync_folder(file.parent)
    finally:
        new.unlink(missing_ok=True)


def _write_durably(path: Path, content: bytes) -> None:
    """Write a new file that only its owner can access, before it has any content."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
