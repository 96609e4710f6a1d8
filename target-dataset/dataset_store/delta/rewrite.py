"""Changes of stored rows by copy-on-write: the files that hold them are rewritten.

Delta Lake's MERGE, UPDATE and DELETE would do the same. Those of deltalake 1.6 multiply rows that
share a key, cost the square of the columns, and write types that some readers reject.

The log shows which files may hold such rows, and the key columns of these files, which do. Those
files are replaced in one commit, which fails if another writer has committed since then, because
the data read may be outdated.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from deltalake.exceptions import CommitFailedError
from pyroaring import BitMap64

from dataset_store.delta.files import DataFolder
from dataset_store.delta.found_rows import FoundRows
from dataset_store.delta.statistics import Spread, spread_in_group, spreads_by_file
from dataset_store.delta.vectors import is_in
from dataset_store.progress import untracked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from deltalake import CommitProperties

    from dataset_store.delta.actions import AddFile
    from dataset_store.delta.changes import Change
    from dataset_store.delta.files import DataWriter, StoredFile
    from dataset_store.delta.found_rows import Part
    from dataset_store.delta.head import Head
    from dataset_store.delta.statistics import Leaf
    from dataset_store.progress import Tracker

_MIB: Final = 1 << 20
_WRITE_ROWS: Final = 8_192
_SMALL_SHARE: Final = 32
_SPLIT_BYTES: Final = 64 * _MIB
_THREADS: Final = 2
"""The number of files written at once; each needs some row groups of memory."""


@dataclass(slots=True)
class _Output:
    """The output of one thread, written sequentially."""

    parts: list[Part] = field(default_factory=list)
    rows: pa.Table | None = None


class Rewrite:
    """One write of rows on a table's newest version.

    Args:
        head: The table.
        vectors: Whether rows may be deleted by deletion vectors, so that their files stay.
        tracker: Gets the number of rows to rewrite where files replace others, and counts them.
    """

    def __init__(
        self, head: Head, *, vectors: bool = False, tracker: Tracker | None = None
    ) -> None:
        self._head = head
        self._vectors = vectors
        self._tracker = tracker or untracked()
        self._folder = DataFolder(head)

    @cached_property
    def _files(self) -> Sequence[AddFile]:
        return list(self._head.files().values())

    def append(self, rows: pa.Table, properties: CommitProperties) -> None:
        """Add rows, which have the table's columns."""
        self._commit(self._written([], None, rows, _MIB), [], properties, "WRITE", rows.num_rows)

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
        marked = [each for each in found if self._vectors and change.removes and each.is_sparse]
        parts = [part for each in found if each not in marked for part in each.parts()]
        left = [part.left(touched=change.removes) for part in parts]
        added = self._written([part for part in left if part.groups], change, rows, self._small)
        removed = {each.file.path: each.file for each in found}
        added += self._with_vectors(marked, added)
        new = rows.num_rows if operation == "UPSERT" else None
        self._commit(added, list(removed.values()), properties, operation, new)

    def _with_vectors(self, found: Sequence[FoundRows], added: Sequence[AddFile]) -> list[AddFile]:
        """The files with the found rows deleted; on failure, delete the new files."""
        if not found:
            return []
        try:
            deleted = {each.file.path: each.positions() for each in found}
            vectors = self._folder.vectors.write(deleted)
        except BaseException:
            self._folder.discard(added)
            raise
        return [each.file.with_vector(vectors[each.file.path], each.rows) for each in found]

    def plain(self, properties: CommitProperties, known: Mapping[str, AddFile]) -> None:
        """Rewrite the files that some readers reject, and those with deleted rows.

        Args:
            properties: Data to record with the commit.
            known: The files to choose from, by their paths; those changed since then stay.
        """
        found = [
            each
            for file in self._unchanged(known)
            if (each := self._untouched(file)).deleted or self._folder.open(file).has_views()
        ]
        self._replace(found, self._small, properties)

    def join(
        self, properties: CommitProperties, target_bytes: int, known: Mapping[str, AddFile]
    ) -> None:
        """Join files up to a size, in one commit; if there is nothing to join, there is none.

        Unlike the engine's own, it cannot succeed twice for one version, which would duplicate
        every row: so it is for places where a lock may expire.

        Args:
            properties: Data to record with the commit.
            target_bytes: The size.
            known: The files to choose from, by their paths; those changed since then stay.
        """
        files = self._unchanged(known)
        found = [self._untouched(file) for file in files if file.size < target_bytes]
        if len(found) > 1:
            self._replace(found, target_bytes, properties)

    def _unchanged(self, known: Mapping[str, AddFile]) -> list[AddFile]:
        return [file for file in self._files if known.get(file.path) == file]

    def _replace(
        self, files: Sequence[FoundRows], small: int, properties: CommitProperties
    ) -> None:
        """Replace files by others with the same rows."""
        if not files:
            return
        parts = []
        for found in files:
            left = [part.left(touched=False) for part in found.parts()]
            self._tracker.expect(sum(map(found.rows_in, left)), "rows")
            parts += left
        rows = self._folder.schema.empty_table()
        written = self._written([part for part in parts if part.groups], None, rows, small)
        added = [msgspec.structs.replace(file, data_change=False) for file in written]
        self._commit(added, [found.file for found in files], properties, "OPTIMIZE", None)

    def _untouched(self, file: AddFile) -> FoundRows:
        footer = self._folder.open(file).footer
        return FoundRows(file, footer, [None] * footer.num_row_groups, self._deleted(file))

    def _deleted(self, file: AddFile) -> BitMap64:
        vector = file.deletion_vector
        return self._folder.vectors.read(vector) if vector else BitMap64()

    def _found(self, change: Change) -> list[FoundRows]:
        spreads = spreads_by_file(self._head.table, change.columns)
        candidates = [file for file in self._files if change.may_touch(spreads[file.path])]
        with ThreadPoolExecutor(_THREADS, "dataset-scan") as pool:
            return [
                found for found in pool.map(partial(self._touched, change), candidates) if found
            ]

    def _touched(self, change: Change, file: AddFile) -> FoundRows | None:
        """The rows of a file that the change touches, or None."""
        stored = self._folder.open(file)
        leaves = stored.leaves(change.columns)
        deleted = self._deleted(file)
        touched = []
        start = 0
        for group in range(stored.footer.num_row_groups):
            rows = self._touched_in(stored, group, change, leaves)
            count = stored.footer.row_group(group).num_rows
            if rows is not None and (gone := is_in(deleted, start, count)) is not None:
                rows = pc.and_not(rows, gone)
            touched.append(rows if rows is not None and rows.true_count else None)
            start += count
        if all(rows is None for rows in touched):
            return None
        return FoundRows(file, stored.footer, touched, deleted)

    def _touched_in(
        self, file: StoredFile, number: int, change: Change, leaves: Mapping[str, Leaf]
    ) -> pa.BooleanArray | None:
        group = file.footer.row_group(number)
        nothing = Spread(nulls=group.num_rows, rows=group.num_rows)
        spreads = {
            name: spread_in_group(group, leaves[name]) if name in leaves else nothing
            for name in change.columns
        }
        if not change.may_touch(spreads):
            return None
        rows = file.columns(number, change.columns)
        return change.touched_in(rows, spreads).combine_chunks()

    @property
    def _small(self) -> int:
        """The size below which files are written together."""
        size = sum(file.size for file in self._files)
        return min(max(size // _SMALL_SHARE, _MIB), _SPLIT_BYTES)

    def _written(
        self, parts: Sequence[Part], change: Change | None, rows: pa.Table, small: int
    ) -> list[AddFile]:
        """Write the parts after the change, and rows; on failure, delete the new files."""
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
    ) -> Sequence[AddFile]:
        for part in output.parts:
            writer.add(self._rest(part, change))
        if output.rows is not None:
            writer.add(output.rows.to_batches(_WRITE_ROWS))
        return writer.finish()

    def _rest(self, part: Part, change: Change | None) -> Iterator[pa.RecordBatch]:
        """The rows of a part after the change."""
        file = self._folder.open(part.file)
        for group, touched, deleted in zip(part.groups, part.touched, part.deleted, strict=True):
            done = 0
            for batch in self._tracker.rows(file.read([group])):
                here = slice(done, done + batch.num_rows)
                yield _after(batch, change, _sliced(touched, here), _sliced(deleted, here))
                done = here.stop

    def _commit(
        self,
        added: Sequence[AddFile],
        removed: Sequence[AddFile],
        properties: CommitProperties,
        operation: str,
        rows: int | None,
    ) -> None:
        data_change = operation != "OPTIMIZE"
        removals = [file.removed(data_change=data_change) for file in removed]
        metrics = {"num_added_files": len(added), "num_removed_files": len(removed)}
        if rows is not None:
            metrics["num_added_rows"] = rows
        try:
            self._head.commit([*removals, *added], properties, operation, metrics)
        except CommitFailedError:
            self._discard(added)
            raise

    def _discard(self, added: Sequence[AddFile]) -> None:
        self._folder.discard(file for file in added if file.deletion_vector is None)
        self._folder.vectors.discard(
            file.deletion_vector for file in added if file.deletion_vector is not None
        )


def _sliced(rows: pa.BooleanArray | None, here: slice) -> pa.BooleanArray | None:
    return None if rows is None else rows[here]


def _after(
    batch: pa.RecordBatch,
    change: Change | None,
    touched: pa.BooleanArray | None,
    deleted: pa.BooleanArray | None,
) -> pa.RecordBatch:
    """Rows of a file after the change, without those deleted before."""
    if deleted is not None:
        left = pc.invert(deleted)
        batch = batch.filter(left)
        touched = None if touched is None else touched.filter(left)
    return batch if change is None or touched is None else change.changed(batch, touched)


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
