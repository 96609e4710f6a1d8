"""Files that a command writes: complete or absent, and readable only by their owner."""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dataset_store.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

STANDARD_STREAM: Final = "-"
"""The file name of standard input or output."""

# Windows has neither links to follow nor O_NOFOLLOW, and would translate newlines
_FLAGS: Final = (
    os.O_RDWR
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_OWNER_ONLY: Final = 0o600
_OTHER_KINDS: Final = (
    (
        stat.S_ISLNK,
        "a symbolic link, which is not followed; give the file that it points to, or - for CSV on "
        "standard output",
    ),
    (stat.S_ISDIR, "a folder; give the name of a file"),
    (
        lambda mode: not stat.S_ISREG(mode),
        "a pipe or a device; give the name of a file, or - for CSV on standard output",
    ),
)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file that appears under its name if the block ends without an error.

    Until then, its rows are in a file of random name in the same folder, so that nobody can place a
    link in its way and readers never see half a file. Only its owner can read it (0600),
    whatever the umask and the mode of an existing file: datasets hold private messages.

    Raises:
        DatasetError: Something other than a file has this name.
        OSError: The folder is not writable; the error names `path`.
    """
    _check_place(path)
    part = path.with_name(f".dataset-{secrets.token_hex(8)}.part")
    try:
        # a signal may end the process as soon as the file is there
        with os.fdopen(_created(part, path), "w+b") as sink:
            yield sink
            sink.flush()
            os.fsync(sink.fileno())
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    _sync_folder(path.parent)


@contextmanager
def new_database(path: Path) -> Iterator[Path]:
    """A place for a program that writes a database file itself, next to which it may put others.

    Like `new_file`: the file appears under its name if the block ends without an error, and only
    its owner can read it.

    Raises:
        DatasetError: Something other than a file has this name.
        OSError: The folder is not writable; the error names `path`.
    """
    _check_place(path)
    try:
        folder = tempfile.TemporaryDirectory(prefix=".dataset-", suffix=".part", dir=path.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    with folder as name:
        part = Path(name) / "new"
        yield part
        part.chmod(_OWNER_ONLY)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    _sync_folder(path.parent)


def _created(part: Path, path: Path) -> int:
    """A new file, as its descriptor; errors name the file that it will become."""
    try:
        return os.open(part, _FLAGS, _OWNER_ONLY)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _check_place(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    for is_kind, what in _OTHER_KINDS:
        if is_kind(mode):
            message = f"{path}: it is {what}"
            raise DatasetError(message)


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power failure, if the system supports it."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
