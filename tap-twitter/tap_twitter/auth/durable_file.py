"""Writing a private file so that a crash leaves either the old or the new one, complete."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PRIVATE: Final = 0o600
"""Readable and writable by the owner alone."""


class NewContent(NamedTuple):
    """What is to become of a file.

    Attributes:
        file: The file to replace, or to create.
        content: The new content.
        mode: The permissions.
    """

    file: Path
    content: bytes
    mode: int = PRIVATE


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
        _write_durably(new, content, PRIVATE)
        new.replace(file)
        _sync_folder(file.parent)
    finally:
        new.unlink(missing_ok=True)


def replace_all_durably(contents: Sequence[NewContent]) -> None:
    """Replace several files: all are written beside the old ones before the first takes its place.

    Files behind symbolic links are replaced, not the links.

    Raises:
        OSError: One of them cannot be written; then all old files are unchanged.
    """
    with ExitStack() as leftovers:
        staged = []
        for file, content, mode in contents:
            target = file.resolve()
            new = target.with_name(f".{target.name}.new")
            new.unlink(missing_ok=True)
            leftovers.callback(new.unlink, missing_ok=True)
            _write_durably(new, content, mode)
            staged.append((new, target))
        for new, target in staged:
            new.replace(target)
            _sync_folder(target.parent)


def _write_durably(path: Path, content: bytes, mode: int) -> None:
    """Write a new file that only its owner can access before it is complete."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
