"""Tables on the local file system."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from filelock import FileLock
from pyarrow.fs import LocalFileSystem, SubTreeFileSystem

from dataset_store.delta.location import LOG, Location, TableFolder
from dataset_store.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from filelock import BaseFileLock
    from pyarrow.fs import FileSystem


class LocalTable(TableFolder):
    """The folder of one table on disk."""

    def __init__(self, name: str, location: LocalFolder) -> None:
        super().__init__(name, location)
        self._path = location.path / name
        self._text = str(self._path)

    @property
    def address(self) -> str:
        """The path."""
        return self._text

    def exists(self) -> bool:
        """Whether the folder exists."""
        return self._path.is_dir()

    def is_of_table(self) -> bool:
        """Whether there is a log, be it empty."""
        return (self._path / LOG).is_dir()

    def has(self, path: str) -> bool:
        """Whether there is a file."""
        return os.path.exists(f"{self._text}/{path}")  # noqa: PTH110 - a fifth of the time

    def names(self, folder: str = "") -> Sequence[str]:
        """The names of the files in a folder, and of its folders; none without it."""
        with suppress(FileNotFoundError, NotADirectoryError):
            return os.listdir(self._path / folder)  # noqa: PTH208 - names are enough
        return ()

    def modified(self, folder: str) -> Mapping[str, float]:
        """When the files in a folder were written, in seconds since 1970; by their names."""
        found = {}
        for path in map(Path(self._path, folder).joinpath, self.names(folder)):
            with suppress(FileNotFoundError):  # deleted meanwhile
                found[path.name] = path.stat().st_mtime
        return found

    def read(self, path: str) -> bytes:
        """The content of a file."""
        return (self._path / path).read_bytes()

    def create(self, path: str, content: bytes) -> None:
        """Write a file as a whole, unless there is one: under another name first.

        Raises:
            FileExistsError: There is one.
        """
        final = self._path / path
        # readers ignore such names
        whole = final.with_name(f"_commit_{uuid4()}.json.tmp")
        try:
            whole.write_bytes(content)
            os.link(whole, final)
        finally:
            whole.unlink(missing_ok=True)

    def delete(self, paths: Sequence[str]) -> None:
        """Delete the files that exist."""
        for path in paths:
            (self._path / path).unlink(missing_ok=True)

    def files(self) -> FileSystem:
        """The folder's files."""
        return SubTreeFileSystem(str(self._path), LocalFileSystem())

    def compaction_lock(self, *, wait: bool = True) -> BaseFileLock:
        """A lock of the operating system, released if the process ends."""
        # Delta Lake ignores files whose names begin with an underscore
        return FileLock(self._path / "_compaction.lock", blocking=wait)

    def remove(self) -> None:
        """Delete the folder; an earlier removal may be incomplete."""
        # renamed first, so that nobody sees half a table
        condemned = self._path.with_name(f".{self.name}.removed")
        shutil.rmtree(condemned, ignore_errors=True)
        shutil.rmtree(self._path.rename(condemned))


class LocalFolder(Location):
    """A folder on disk, which is created with the first table.

    Args:
        path: The folder.
        private: Whether a new folder is accessible only by its owner (0700).
    """

    def __init__(self, path: Path, *, private: bool = True) -> None:
        self.path = path
        self._private = private

    def __str__(self) -> str:
        """The path."""
        return str(self.path)

    def folder(self, name: str) -> LocalTable:
        """The folder of a table, which may not exist."""
        return LocalTable(name, self)

    def names(self) -> Sequence[str]:
        """The names of all folders; none if this one does not exist."""
        return [each.name for each in self.path.iterdir()] if self.path.is_dir() else ()

    def exists(self) -> bool:
        """Whether there is such a folder.

        Raises:
            StoreError: A file has its name.
        """
        if self.path.exists() and not self.path.is_dir():
            message = f"store: {self} is not a folder; fix the path"
            raise StoreError(message)
        return self.path.is_dir()

    def make(self) -> None:
        """Create the folder if it does not exist.

        Raises:
            StoreError: A file has its name.
        """
        if self.exists():
            return
        self.path.mkdir(0o700 if self._private else 0o777, parents=True, exist_ok=True)

    def check_writable(self) -> None:
        """Make sure that the folder is writable, or can be created.

        Raises:
            OSError: It is not.
        """
        parents = (self.path, *self.path.absolute().parents)
        there = next(each for each in parents if each.exists())
        if not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "")
        if there == self.path:
            with tempfile.TemporaryFile(dir=there):
                pass
        elif not os.access(there, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "")
