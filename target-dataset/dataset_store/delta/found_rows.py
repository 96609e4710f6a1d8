"""Rows of one file that a change touches, and the parts of the file to rewrite for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pyroaring import BitMap64

from dataset_store.delta.vectors import is_in, positions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa
    import pyarrow.parquet as pq

    from dataset_store.delta.actions import AddFile

_MIB: Final = 1 << 20
_SPLIT_BYTES: Final = 64 * _MIB
_PIECE_BYTES: Final = 32 * _MIB
_DELETED_SHARE: Final = 4
"""A file is rewritten once more than one row of so many is deleted: readers decode all of them."""


@dataclass(frozen=True, slots=True)
class Part:
    """Row groups of one file to rewrite."""

    file: AddFile
    size: int
    """The approximate size of these row groups in the file."""

    groups: Sequence[int]
    touched: Sequence[pa.BooleanArray | None]
    """For each of them, the rows that the change touches; None if there are none."""

    deleted: Sequence[pa.BooleanArray | None]
    """For each of them, the rows that were deleted before; None if there are none."""

    def left(self, *, touched: bool) -> Part:
        """The part without row groups whose rows are all deleted.

        Args:
            touched: Whether those are deleted that the change touches.
        """
        kept = [
            place
            for place in range(len(self.groups))
            if not (touched and _is_all(self.touched[place])) and not _is_all(self.deleted[place])
        ]
        return Part(
            self.file,
            self.size,
            [self.groups[place] for place in kept],
            [self.touched[place] for place in kept],
            [self.deleted[place] for place in kept],
        )


@dataclass(frozen=True, slots=True, eq=False)
class FoundRows:
    """Rows of one file."""

    file: AddFile
    footer: pq.FileMetaData
    touched: Sequence[pa.BooleanArray | None]
    """For each row group, the rows that the change touches; None if there are none."""

    deleted: BitMap64
    """The positions of the rows that were deleted before."""

    @property
    def rows(self) -> int:
        """The number of rows in the file, including the deleted ones."""
        return int(self.footer.num_rows)

    def rows_in(self, part: Part) -> int:
        """The number of rows in the row groups of a part, including the deleted ones."""
        return sum(int(self.footer.row_group(group).num_rows) for group in part.groups)

    @property
    def is_sparse(self) -> bool:
        """Whether few rows would be deleted in all, so that the file can stay."""
        touched = sum(rows.true_count for rows in self.touched if rows is not None)
        return bool((len(self.deleted) + touched) * _DELETED_SHARE <= self.rows)

    def positions(self) -> BitMap64:
        """The positions of all these rows, and of those deleted before."""
        found = BitMap64(self.deleted)
        for touched, (start, _) in zip(self.touched, self._groups(), strict=True):
            if touched is not None:
                found |= positions(touched, start)
        return found

    def parts(self) -> list[Part]:
        """The file as parts of row groups; a large one becomes several, written in parallel."""
        size = self.file.size
        pieces: list[Part] = []
        groups: list[int] = []
        share = 0.0
        for group in range(len(self.touched)):
            groups.append(group)
            share += size * self.footer.row_group(group).num_rows / max(1, self.rows)
            if size > _SPLIT_BYTES and share >= _PIECE_BYTES:
                pieces.append(self._part(share, groups))
                groups, share = [], 0.0
        if groups:
            pieces.append(self._part(share, groups))
        return pieces

    def _part(self, size: float, groups: Sequence[int]) -> Part:
        spans = list(self._groups())
        return Part(
            self.file,
            int(size),
            groups,
            [self.touched[group] for group in groups],
            [is_in(self.deleted, *spans[group]) for group in groups],
        )

    def _groups(self) -> Iterator[tuple[int, int]]:
        """The position of the first row of each row group, and the number of its rows."""
        start = 0
        for group in range(self.footer.num_row_groups):
            rows = self.footer.row_group(group).num_rows
            yield start, rows
            start += rows


def _is_all(rows: pa.BooleanArray | None) -> bool:
    return rows is not None and rows.true_count == len(rows)
