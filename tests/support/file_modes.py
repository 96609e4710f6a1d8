"""Modes of files under a umask."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UMASKS = (0o022, 0o077)


@contextmanager
def masking(umask: int) -> Iterator[None]:
    """This umask for this process and those that it starts."""
    before = os.umask(umask)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    """Who may do what with a file or folder."""
    return stat.S_IMODE(path.lstat().st_mode)


def too_open(folder: Path, umask: int) -> dict[str, str]:
    """What below a folder grants more than the umask allows: modes by path."""
    found = {}
    for path in folder.rglob("*"):
        most = (0o777 if path.is_dir() else 0o666) & ~umask
        if mode(path) & ~most:
            found[str(path)] = oct(mode(path))
    return found
