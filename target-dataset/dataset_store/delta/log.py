"""The log of a table: its entries, and the files they list with their deletion vectors.

deltalake reads logs, too, but exposes neither the deletion vectors nor the statistics as they are
in the log, which a new vector of a file requires.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow.parquet as pq
from deltalake.exceptions import CommitFailedError

from dataset_store.delta.actions import AddFile, RemoveFile
from dataset_store.delta.location import LOG

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from dataset_store.delta.location import TableFolder

_CHECKPOINT: Final = re.compile(r"(\d{20})\.checkpoint(?:\.\d{10}\.(\d{10}))?\.parquet")
"""A checkpoint in one file or in several, with their number."""


class _Noted(msgspec.Struct):
    version: int


class _Transaction(msgspec.Struct, rename="camel"):
    app_id: str


class _Line(msgspec.Struct, rename="camel"):
    add: AddFile | None = None
    remove: RemoveFile | None = None
    txn: _Transaction | None = None
    meta_data: msgspec.Raw = msgspec.Raw()
    protocol: msgspec.Raw = msgspec.Raw()


_decode: Final = msgspec.json.Decoder(_Line).decode


class TableLog:
    """The entries of a table's log.

    Args:
        folder: The files of the table.
    """

    def __init__(self, folder: TableFolder) -> None:
        self._folder = folder
        self._version = -1
        self._files: dict[str, AddFile] = {}

    def has_entry(self, version: int) -> bool:
        """Whether there is the entry of a version."""
        return self._folder.has(_path(version))

    def checkpoint(self) -> int | None:
        """The version of the last checkpoint, as the log notes it; None if it notes none."""
        with suppress(FileNotFoundError, msgspec.DecodeError):
            noted = msgspec.json.decode(self._folder.read(f"{LOG}/_last_checkpoint"), type=_Noted)
            return noted.version
        return None

    def put(self, version: int, content: bytes) -> None:
        """Add an entry, atomically.

        Raises:
            CommitFailedError: Another writer has added the entry of this version.
        """
        try:
            self._folder.create(_path(version), content)
        except FileExistsError:
            message = f"version {version} exists"
            raise CommitFailedError(message) from None

    def changes_rows_only(self, version: int, writers: Container[str]) -> bool:
        """Whether an entry changes rows alone, and has no sequence of the writers."""
        return not any(
            line.meta_data or line.protocol or (line.txn and line.txn.app_id in writers)
            for line in self._lines(version)
        )

    def keeps_files(self, version: int, paths: Container[str]) -> bool:
        """Whether an entry changes rows alone, and leaves some files as they are."""
        return not any(
            line.meta_data or line.protocol or (line.remove and line.remove.path in paths)
            for line in self._lines(version)
        )

    def files(self, version: int) -> Mapping[str, AddFile]:
        """The table's files in a version, by their paths in the log."""
        if self._version > version or not self._follow(version):
            self._restart(version)
            if not self._follow(version):
                message = f"Log of version {version}: an entry is missing"
                raise FileNotFoundError(message)
        return self._files

    def _restart(self, version: int) -> None:
        """Read the newest checkpoint that is not newer than a version, if there is one."""
        self._version, self._files = -1, {}
        parts: dict[tuple[int, int], list[str]] = {}
        for name in self._folder.names(LOG):
            if found := _CHECKPOINT.fullmatch(name):
                key = int(found[1]), int(found[2] or 1)
                parts.setdefault(key, []).append(name)
        whole = [key for key, paths in parts.items() if len(paths) == key[1] and key[0] <= version]
        if whole:
            newest = max(whole)
            files = (file for name in parts[newest] for file in self._checkpointed(name))
            self._files = {file.path: file for file in files}
            self._version = newest[0]

    def _follow(self, version: int) -> bool:
        """Apply the entries up to a version; False if one is missing."""
        for each in range(self._version + 1, version + 1):
            try:
                lines = self._lines(each)
            except FileNotFoundError:
                return False
            self._apply(lines)
            self._version = each
        return True

    def _apply(self, lines: Iterable[_Line]) -> None:
        added = []
        for line in lines:
            if line.remove:
                self._files.pop(line.remove.path, None)
            elif line.add:
                added.append(line.add)
        # an entry that changes a file's vector removes and adds the same path, in any order
        self._files.update((add.path, add) for add in added)

    def removed_since(self, moment: float) -> Iterator[RemoveFile]:
        """The removals in entries that were written after a time, in seconds since 1970."""
        for name, written in self._folder.modified(LOG).items():
            if name.endswith(".json") and written >= moment:
                for line in _lines(self._folder.read(f"{LOG}/{name}")):
                    if line.remove:
                        yield line.remove

    def _lines(self, version: int) -> list[_Line]:
        return _lines(self._folder.read(_path(version)))

    def _checkpointed(self, name: str) -> Iterator[AddFile]:
        with self._folder.files().open_input_file(f"{LOG}/{name}") as file:
            adds = pq.read_table(file, columns=["add"]).column("add")
        for add in adds.to_pylist():
            if add:
                yield msgspec.convert(_without_pairs(add), AddFile)


def _path(version: int) -> str:
    return f"{LOG}/{version:020}.json"


def _lines(content: bytes) -> list[_Line]:
    return list(map(_decode, content.splitlines()))


def _without_pairs(add: dict[str, Any]) -> dict[str, Any]:
    """An action from a checkpoint, whose maps Arrow reads as lists of pairs."""
    return {
        name: dict(value) if name in {"partitionValues", "tags"} and value is not None else value
        for name, value in add.items()
    }
