"""The last row of each key: Domo accepts each key once per upload."""

from __future__ import annotations

from bisect import bisect_left
from functools import reduce
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from dataset_store.errors import SchemaConflictError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataset_store.base import RowSource


class LastRows:
    """The last row of each key, in the order of the rows.

    Only the keys are held in memory.

    Args:
        rows: The rows, which are read twice.
        keys: The key columns.

    Raises:
        SchemaConflictError: A key is null.
    """

    def __init__(self, rows: RowSource, keys: Sequence[str]) -> None:
        self._rows = rows
        self._keys = list(keys)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The remaining rows."""
        last = self._places()
        start = 0
        for batch in self._rows.batches():
            end = start + batch.num_rows
            if last is None:
                yield batch
            else:
                first, behind = bisect_left(last, start), bisect_left(last, end)
                kept = [place - start for place in last[first:behind]]
                yield batch.take(pa.array(kept, pa.int64()))
            start = end

    def _places(self) -> Sequence[int] | None:
        """The positions of the remaining rows, ascending; None if all remain."""
        keys = self._key_columns()
        for name in self._keys:
            if keys.column(name).null_count:
                message = f"Column {name!r} is a key but null in a row; Domo has no null keys"
                raise SchemaConflictError(message)
        # sorting is stable and takes a third of the memory of a hash table
        order = pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in self._keys])
        ordered = keys.take(order)
        repeated = reduce(pc.and_, map(_equals_next, ordered.columns))
        if not pc.any(repeated).as_py():
            return None
        is_last = pa.concat_arrays([pc.invert(repeated), pa.array([True])])
        return memoryview(order.filter(is_last).cast(pa.int64()).sort().buffers()[1]).cast("q")

    def _key_columns(self) -> pa.Table:
        """The keys of all rows, without the memory of the columns beside them."""
        schema = pa.schema([self._rows.schema.field(key) for key in self._keys])
        columns = [
            [_copied(batch.column(key)) for key in self._keys] for batch in self._rows.batches()
        ]
        parts = [pa.RecordBatch.from_arrays(each, schema=schema) for each in columns]
        return pa.Table.from_batches(parts, schema).combine_chunks()


def _copied(values: pa.Array) -> pa.Array:
    """The values in memory of their own: a column may keep its whole batch alive."""
    return pa.concat_arrays([values, values.slice(0, 0)])


def _equals_next(values: pa.ChunkedArray) -> pa.Array:
    """For each value but the last, whether the next one is the same."""
    flat = values.combine_chunks()
    return pc.equal(flat.slice(0, max(0, len(flat) - 1)), flat.slice(1))
