"""Changes of stored rows by copy-on-write: the files that hold them are rewritten.

Delta Lake's MERGE, UPDATE and DELETE would do the same. Those of deltalake 1.6 multiply rows that
share a key, cost the square of the columns, and write types that some readers reject.

The log shows which files may hold such rows, and the key columns of these files, which do. Those
files are replaced in one commit, which fails if another writer has committed since then, because
the data read may be outdated.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import RemoveAction

from dataset_store.delta.commits import commit_files
from dataset_store.delta.files import DataFolder
from dataset_store.delta.statistics import Spread, spread_in_group, spreads_by_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from deltalake import CommitProperties, DeltaTable
    from deltalake.transaction import AddAction

    from dataset_store.delta.changes import Change
    from dataset_store.delta.files import DataWriter, StoredFile
    from dataset_store.delta.statistics import Leaf

_MIB: Final = 1 << 20
_WRITE_ROWS: Final = 8_192
_SMALL_SHARE: Final = 32
_SPLIT_BYTES: Final = 64 * _MIB
_PIECE_BYTES: Final = 32 * _MIB
_THREADS: Final = 2
"""The number of files written at once; each needs some row groups of memory."""


@dataclass(frozen=True, slots=True)
class Part:
    """Row groups of one file to rewrite."""

    path: str
    """The path of the file in the log."""

    size: int
    """The approximate size of these row groups in the file."""

    groups: Sequence[int]
    touched: Sequence[pa.Array | None]
    """For each of them, the rows that the change touches; None if there are none."""


@dataclass(slots=True)
class _Output:
    """The output of one thread, written sequentially."""

    parts: list[Part] = field(default_factory=list)
    rows: pa.Table | None = None


class Rewrite:
    """One write of rows on a table's newest version.

    Args:
        table: The table, at that version.
        location: The path of its folder.
    """

    def __init__(self, table: DeltaTable, location: str) -> None:
        self._table = table
        self._folder = DataFolder(table, location)
        files = pa.table(table.get_add_actions())
        self._sizes: dict[str, int] = dict(
            zip(files["path"].to_pylist(), files["size_bytes"].to_pylist(), strict=True)
        )

    def append(self, rows: pa.Table, properties: CommitProperties) -> None:
        """Add rows, which have the table's columns."""
        self._commit(self._written([], None, rows), [], properties, "WRITE", rows.num_rows)

    def change(
        self, change: Change, rows: pa.Table, properties: CommitProperties, operation: str
    ) -> None:
        """Change stored rows and add others; if there are neither, make no commit.

        Args:
            change: The change of stored rows.
            rows: The rows to add, in the table's columns.
            properties: Data to record with the commit.
            operation: The name of the commit's operation.
        """
        found = self._found(change)
        if not found and not rows.num_rows:
            return
        parts = [part for file in found for part in file]
        left = [_left(part) if change.removes else part for part in parts]
        added = self._written([part for part in left if part.groups], change, rows)
        removed = sorted({part.path for part in parts})
        new = rows.num_rows if operation == "UPSERT" else None
        self._commit(added, removed, properties, operation, new)

    def without_views(self, properties: CommitProperties) -> None:
        """Rewrite the files with types in their footer that some readers reject."""
        parts = []
        for path, size in self._sizes.items():
            file = self._folder.open(path)
            if file.has_views():
                groups = range(file.footer.num_row_groups)
                parts += _pieces(path, size, file, [None] * len(groups))
        if parts:
            added = self._written(parts, None, self._folder.schema.empty_table())
            for action in added:
                action.data_change = False
            self._commit(added, sorted({part.path for part in parts}), properties, "OPTIMIZE", None)

    def _found(self, change: Change) -> list[list[Part]]:
        spreads = spreads_by_file(self._table, change.columns)
        candidates = [path for path in self._sizes if change.may_touch(spreads[path])]
        with ThreadPoolExecutor(_THREADS, "dataset-scan") as pool:
            return [
                found for found in pool.map(partial(self._touched, change), candidates) if found
            ]

    def _touched(self, change: Change, path: str) -> list[Part]:
        """The parts of a file, empty if the change touches none of its rows."""
        file = self._folder.open(path)
        leaves = file.leaves(change.columns)
        touched = [
            self._touched_in(file, group, change, leaves)
            for group in range(file.footer.num_row_groups)
        ]
        if all(rows is None for rows in touched):
            return []
        return _pieces(path, self._sizes[path], file, touched)

    def _touched_in(
        self, file: StoredFile, number: int, change: Change, leaves: Mapping[str, Leaf]
    ) -> pa.Array | None:
        group = file.footer.row_group(number)
        nothing = Spread(nulls=group.num_rows, rows=group.num_rows)
        spreads = {
            name: spread_in_group(group, leaves[name]) if name in leaves else nothing
            for name in change.columns
        }
        if not change.may_touch(spreads):
            return None
        touched = change.touched(file.columns(number, change.columns)).combine_chunks()
        return touched if pc.any(touched).as_py() else None

    def _written(
        self, parts: Sequence[Part], change: Change | None, rows: pa.Table
    ) -> list[AddAction]:
        """Write the parts after the change, and rows; on failure, delete the new files."""
        small = min(max(sum(self._sizes.values()) // _SMALL_SHARE, _MIB), _SPLIT_BYTES)
        writers = []
        try:
            with ThreadPoolExecutor(_THREADS, "dataset-write") as pool:
                futures = []
                for output in _planned(parts, rows, small):
                    writers.append(self._folder.writer())
                    futures.append(pool.submit(self._write, output, change, writers[-1]))
                return [action for future in futures for action in future.result()]
        except BaseException:
            for writer in writers:
                writer.discard()
            raise

    def _write(
        self, output: _Output, change: Change | None, writer: DataWriter
    ) -> Sequence[AddAction]:
        for part in output.parts:
            writer.add(self._rest(part, change))
        if output.rows is not None:
            writer.add(output.rows.to_batches(_WRITE_ROWS))
        return writer.finish()

    def _rest(self, part: Part, change: Change | None) -> Iterator[pa.RecordBatch]:
        """The rows of a part after the change."""
        file = self._folder.open(part.path)
        for group, touched in zip(part.groups, part.touched, strict=True):
            done = 0
            for batch in file.read([group]):
                if change is None or touched is None:
                    yield batch
                else:
                    yield change.changed(batch, touched.slice(done, batch.num_rows))
                done += batch.num_rows

    def _commit(
        self,
        added: Sequence[AddAction],
        removed: Sequence[str],
        properties: CommitProperties,
        operation: str,
        rows: int | None,
    ) -> None:
        data_change = operation != "OPTIMIZE"
        now = int(time.time() * 1000)
        removals = [
            RemoveAction(unquote(path), data_change, now, self._sizes[path], {}) for path in removed
        ]
        metrics = {"num_added_files": len(added), "num_removed_files": len(removed)}
        if rows is not None:
            metrics["num_added_rows"] = rows
        try:
            commit_files(self._table, [*added, *removals], properties, operation, metrics)
        except CommitFailedError:
            self._folder.discard(added)
            raise


def _pieces(
    path: str, size: int, file: StoredFile, touched: Sequence[pa.Array | None]
) -> list[Part]:
    """A file as parts of row groups; a large one becomes several, written in parallel."""
    rows = max(1, file.footer.num_rows)
    pieces: list[Part] = []
    groups: list[int] = []
    share = 0.0
    for group in range(len(touched)):
        groups.append(group)
        share += size * file.footer.row_group(group).num_rows / rows
        if size > _SPLIT_BYTES and share >= _PIECE_BYTES:
            pieces.append(_part(path, share, groups, touched))
            groups, share = [], 0.0
    if groups:
        pieces.append(_part(path, share, groups, touched))
    return pieces


def _part(
    path: str, size: float, groups: Sequence[int], touched: Sequence[pa.Array | None]
) -> Part:
    return Part(path, int(size), groups, [touched[group] for group in groups])


def _left(part: Part) -> Part:
    """The part without row groups that the change removes entirely."""
    kept = [
        (group, touched)
        for group, touched in zip(part.groups, part.touched, strict=True)
        if touched is None or not pc.all(touched).as_py()
    ]
    return Part(part.path, part.size, [group for group, _ in kept], [rows for _, rows in kept])


def _planned(parts: Iterable[Part], rows: pa.Table, small: int) -> list[_Output]:
    """The distribution of parts and rows to new files, the largest first.

    Small files are merged into one, and a few new rows are written with them.
    """
    outputs: list[_Output] = []
    together, size = _Output(), 0
    for part in sorted(parts, key=lambda part: part.size, reverse=True):
        if part.size >= small:
            outputs.append(_Output([part]))
            continue
        together.parts.append(part)
        size += part.size
        if size >= small:
            outputs.append(together)
            together, size = _Output(), 0
    slices = _slices(rows)
    if len(slices) == 1 and rows.nbytes < small:
        together.rows = slices.pop()
    if together.parts or together.rows is not None:
        outputs.append(together)
    return [*(_Output(rows=piece) for piece in slices), *outputs]


def _slices(rows: pa.Table) -> list[pa.Table]:
    """New rows; a large number is split into several tables, written in parallel."""
    if not rows.num_rows:
        return []
    count = max(1, min(_THREADS, rows.nbytes // _SPLIT_BYTES))
    length = -(-rows.num_rows // count)
    return [rows.slice(start, length) for start in range(0, rows.num_rows, length)]
