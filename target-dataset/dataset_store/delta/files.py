"""How rows get into a table's data files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import pyarrow as pa
from deltalake import WriterProperties

from dataset_store.evolution import align

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

WRITER: Final = WriterProperties(
    compression="ZSTD",
    compression_level=3,
    # a row group is held in memory until it is full, and upserts skip stored ones by key range
    max_row_group_size=131_072,
)
_WRITE_ROWS: Final = 8_192


class Aligned:
    """Batches on their way into the engine, in the columns of the table.

    They are drawn by a thread of their own, one ahead: where the engine draws them itself, it
    cannot run the reading of another table, and aborts. It would also turn an error in them into
    text. They are cut small, because the engine queues a fixed number of them, whatever their size.

    Args:
        schema: The table's columns.
        rows: The batches.
    """

    def __init__(self, schema: pa.Schema, rows: Iterable[pa.RecordBatch]) -> None:
        self.failure: Exception | None = None
        """What stopped the batches, if something did."""
        self._schema = schema
        self._rows = rows

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        rows = iter(self._rows)
        with ThreadPoolExecutor(1, "dataset-rows") as pool:
            coming = pool.submit(self._next, rows)
            while (batches := coming.result()) is not None:
                coming = pool.submit(self._next, rows)
                yield from batches

    def _next(self, rows: Iterator[pa.RecordBatch]) -> Sequence[pa.RecordBatch] | None:
        try:
            batch = next(rows, None)
            if batch is None:
                return None
            return tuple(align(pa.table(batch), self._schema).to_batches(_WRITE_ROWS))
        except Exception as error:
            self.failure = error
            raise
