"""Where the files of Delta tables are: the seam between tables and the places that hold them."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Final

from deltalake import DeltaTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from pyarrow.fs import FileSystem

LOG: Final = "_delta_log"
"""The folder of the log inside a table's folder."""

REMOVAL: Final = f"{LOG}/_removal"
"""The file that marks a table whose removal has begun, where that takes several steps."""


class TableFolder(abc.ABC):
    """The files of one table, by their paths below its folder.

    Args:
        name: The GUID of the dataset, which is the folder's name.
        location: The place with the folders of all tables.
    """

    engine_options: dict[str, str] | None = None
    """The engine's options for this place."""

    is_remote: bool = False
    """Whether a server holds the files: an answer may get lost, so that a commit may exist despite
    an error, and locks expire."""

    def __init__(self, name: str, location: Location) -> None:
        self.name = name
        self.location = location

    @property
    @abc.abstractmethod
    def address(self) -> str:
        """The path or URL of the folder, as users write it."""

    @abc.abstractmethod
    def exists(self) -> bool:
        """Whether the folder exists."""

    @abc.abstractmethod
    def is_of_table(self) -> bool:
        """Whether the folder is that of a table, be it incomplete, and not of something else."""

    @abc.abstractmethod
    def has(self, path: str) -> bool:
        """Whether there is a file."""

    @abc.abstractmethod
    def names(self, folder: str = "") -> Sequence[str]:
        """The names of the files in a folder below this one, or in this one; none without it."""

    @abc.abstractmethod
    def modified(self, folder: str) -> Mapping[str, float]:
        """When the files in a folder were written, in seconds since 1970; by their names."""

    @abc.abstractmethod
    def read(self, path: str) -> bytes:
        """The content of a file.

        Raises:
            FileNotFoundError: It does not exist.
        """

    @abc.abstractmethod
    def create(self, path: str, content: bytes) -> None:
        """Write a file as a whole, unless there is one.

        Raises:
            FileExistsError: There is one.
        """

    @abc.abstractmethod
    def delete(self, paths: Sequence[str]) -> None:
        """Delete the files that exist."""

    @abc.abstractmethod
    def files(self) -> FileSystem:
        """The files, for Arrow."""

    @abc.abstractmethod
    def compaction_lock(self, *, wait: bool = True) -> AbstractContextManager[object]:
        """The lock for joining files, which one process can hold at a time.

        Two concurrent compactions could both succeed and duplicate every row: deltalake 1.6 does
        not detect it, as neither changes rows.

        Args:
            wait: Whether to wait for the lock; otherwise, `filelock.Timeout` is raised if it is
                held.
        """

    @abc.abstractmethod
    def remove(self) -> None:
        """Delete the folder."""

    def open(self) -> DeltaTable:
        """Open the table at its newest version."""
        return DeltaTable(self.address, storage_options=self.engine_options)


class Location(abc.ABC):
    """The place with the folders of all tables; its text is what users call it."""

    @abc.abstractmethod
    def __str__(self) -> str:
        """The path or URL, as users write it."""

    @abc.abstractmethod
    def folder(self, name: str) -> TableFolder:
        """The folder of a table, which may not exist."""

    @abc.abstractmethod
    def names(self) -> Sequence[str]:
        """The names of all folders; none if the place does not exist."""

    @abc.abstractmethod
    def exists(self) -> bool:
        """Whether there is such a place.

        Raises:
            StoreError: Something else is in its place.
        """

    @abc.abstractmethod
    def make(self) -> None:
        """Create the place if it does not exist.

        Raises:
            StoreError: Something else is in its place, or it is not safe to write to.
        """

    @abc.abstractmethod
    def check_writable(self) -> None:
        """Make sure that the place is writable, or can be created.

        Raises:
            OSError: It is not.
            StoreError: It is not safe to write to.
        """
