"""The last row of each key: Domo accepts each key once per upload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from dataset_store.errors import SchemaConflictError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dataset_store.base import RowSource

_PLACE: Final = "\0place"
"""A column name that no dataset can have."""


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
            places = pa.array(range(start, end), pa.int64())
            kept = batch.filter(pc.is_in(places, value_set=last)) if last is not None else batch
            start = end
            if kept.num_rows:
                yield kept

    def _places(self) -> pa.Array | None:
        """The positions of the remaining rows; None if all remain."""
        parts = [batch.select(self._keys) for batch in self._rows.batches()]
        schema = pa.schema([self._rows.schema.field(key) for key in self._keys])
        keys = pa.Table.from_batches(parts, schema)
        for name in self._keys:
            if keys.column(name).null_count:
                message = f"Column {name!r} is a key but null in a row; Domo has no null keys"
                raise SchemaConflictError(message)
        places = pa.array(range(keys.num_rows), pa.int64())
        found = keys.append_column(_PLACE, places).group_by(self._keys)
        last = found.aggregate([(_PLACE, "max")]).column(f"{_PLACE}_max")
        return None if len(last) == keys.num_rows else last.combine_chunks()
