"""Writing and reading of a table's data files.

Files are written with types that every reader supports: deltalake's own MERGE, UPDATE and
DELETE write text as `string_view`, which some readers reject.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import ColumnProperties, WriterProperties

from dataset_store.delta.actions import AddFile, milliseconds
from dataset_store.delta.file_statistics import indexed_leaves, written_statistics
from dataset_store.delta.statistics import leaves_of
from dataset_store.delta.vectors import VectorFiles
from dataset_store.evolution import align

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from deltalake import DeltaTable
    from pyarrow.fs import FileSystem

    from dataset_store.delta.head import Head
    from dataset_store.delta.statistics import Leaf

_GROUP_ROWS: Final = 131_072
_EXACT_DIGITS: Final = 15
"""The maximum number of decimal digits that a double preserves."""

_WRITE_ROWS: Final = 8_192
_READ_ROWS: Final = 32_768

_MIB: Final = 1 << 20
_READ_BYTES: Final = 8 * _MIB
_GROUP_BYTES: Final = 32 * _MIB
"""The maximum size of a row group before encoding, which is also the memory it takes."""

FILE_SIZE: Final = "delta.targetFileSize"
"""The table property that holds the size of data files in bytes."""

_FILE_BYTES: Final = 100 * _MIB
"""The size without the property; deltalake has the same."""

_SAMPLE_ROWS: Final = 8_192
_DISTINCT_SHARE: Final = 0.8
"""From which share of distinct values on a column has no dictionary: to make it, to see that it is
too large and to write the values after all takes as long as to write them twice.
"""

_FAST_LEVEL: Final = 1
"""The zstd level here: half the time of level 3, and files larger by a seventh until they are
joined, which uses level 3.
"""


def writer_properties(schema: pa.Schema) -> WriterProperties:
    """The properties for files that deltalake writes.

    It writes the range of decimals as doubles: a reader that trusts a rounded one skips the file
    that holds the value. So long decimals get no statistics there.
    """
    long = [field.name for field in schema if _is_long_decimal(field.type)]
    return WriterProperties(
        compression="ZSTD",
        compression_level=3,
        # a row group is in memory until it is full, and upserts skip stored ones by key range
        max_row_group_size=_GROUP_ROWS,
        column_properties={name: ColumnProperties(statistics_enabled="NONE") for name in long},
    )


def _is_long_decimal(data_type: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(data_type) and data_type.precision > _EXACT_DIGITS)


def target_bytes(table: DeltaTable) -> int:
    """The size at which a data file is full, by the table's properties."""
    wanted = table.metadata().configuration.get(FILE_SIZE) or ""
    # other programs may write a unit
    return int(wanted) if wanted.isdecimal() and int(wanted) else _FILE_BYTES


class DataFolder:
    """The data files of one version of a table.

    Args:
        head: The table.
    """

    def __init__(self, head: Head) -> None:
        self.schema = head.schema
        """The table's columns."""
        self._files = head.folder.files()
        self._leaves = indexed_leaves(self.schema, head.described)
        self._file_bytes = target_bytes(head.described)
        self.vectors = VectorFiles(self._files)
        """The deletion vectors of the files."""

    def open(self, file: AddFile) -> StoredFile:
        """Open a file of the table."""
        return StoredFile(self._files, file.name, self.schema)

    def writer(self) -> DataWriter:
        """Start a new file."""
        return DataWriter(self._files, self.schema, self._leaves, self._file_bytes)

    def discard(self, files: Iterable[AddFile]) -> None:
        """Delete files that were not committed."""
        for file in files:
            self._files.delete_file(file.name)


class StoredFile:
    """A Parquet file of a table, read with the table's columns.

    Args:
        files: The table's folder.
        path: Its path there.
        schema: The table's columns; those missing from the file are null.
    """

    def __init__(self, files: FileSystem, path: str, schema: pa.Schema) -> None:
        self._file = pq.ParquetFile(
            files.open_input_file(path),
            pre_buffer=False,
            # older times of Spark; as nanoseconds, some would overflow
            coerce_int96_timestamp_unit="us",
        )
        self._schema = schema

    @property
    def footer(self) -> pq.FileMetaData:
        """The file's metadata."""
        return self._file.metadata

    def leaves(self, columns: Collection[str]) -> dict[str, Leaf]:
        """The given columns that the file has, by name."""
        return {
            leaf.path[0]: leaf
            for leaf in leaves_of(self._file.schema_arrow)
            if len(leaf.path) == 1 and leaf.path[0] in columns
        }

    def columns(self, group: int, names: Sequence[str]) -> pa.Table:
        """Some columns of a row group."""
        found = self._file.read_row_group(group, columns=names, use_threads=False)
        schema = pa.schema([self._schema.field(name) for name in names])
        batches = found.to_batches() or [found.schema.empty_table()]
        return pa.Table.from_batches([fitted(batch, schema) for batch in batches], schema)

    def read(self, groups: Sequence[int]) -> Iterator[pa.RecordBatch]:
        """The rows of row groups, in their order, a few MB at a time."""
        batches = self._file.iter_batches(
            self._batch_rows(groups), row_groups=groups, use_threads=False
        )
        for batch in batches:
            yield fitted(batch, self._schema)

    def _batch_rows(self, groups: Sequence[int]) -> int:
        chosen = [self.footer.row_group(group) for group in groups]
        size = max((group.total_byte_size // max(1, group.num_rows) for group in chosen), default=1)
        return max(1, min(_READ_ROWS, _READ_BYTES // max(1, size)))

    def has_views(self) -> bool:
        """Whether some readers may reject the file because of the types in its footer."""
        return any(_is_view(field.type) for field in self._file.schema_arrow)


def fitted(rows: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Stored rows with the columns of a table; columns added since then are null."""
    # names are looked up once: Arrow's own look-ups would be quadratic in the columns
    given = dict(zip(rows.schema.names, rows.columns, strict=True))
    columns = [
        given[field.name].cast(field.type)
        if field.name in given
        else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _is_view(data_type: pa.DataType) -> bool:
    if pa.types.is_nested(data_type):
        return any(_is_view(data_type.field(place).type) for place in range(data_type.num_fields))
    return bool(pa.types.is_string_view(data_type) or pa.types.is_binary_view(data_type))


class DataWriter:
    """Writes rows to new files, which become part of the table when they are committed.

    Args:
        files: The table's folder.
        schema: The table's columns.
        leaves: The columns with a range in the log.
        file_bytes: The size at which a file is full.
    """

    def __init__(
        self, files: FileSystem, schema: pa.Schema, leaves: Sequence[Leaf], file_bytes: int
    ) -> None:
        self.written: list[AddFile] = []
        """The finished files."""
        self._files = files
        self._schema = schema
        self._leaves = leaves
        self._file_bytes = file_bytes
        self._floats = [leaf for leaf in leaves if pa.types.is_floating(leaf.data_type)]
        self._with_nan: set[Leaf] = set()
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = 0
        self._waiting_bytes = 0
        self._path = ""
        self._sink: pa.NativeFile | None = None
        self._writer: pq.ParquetWriter | None = None

    def add(self, rows: Iterable[pa.RecordBatch]) -> None:
        """Write rows, which have the table's columns."""
        for batch in rows:
            self._waiting.append(batch)
            self._waiting_rows += batch.num_rows
            self._waiting_bytes += batch.nbytes
            if self._waiting_rows >= _GROUP_ROWS or self._waiting_bytes >= _GROUP_BYTES:
                self._write_group()

    def finish(self) -> Sequence[AddFile]:
        """Write the remaining rows and return the files."""
        self._write_group()
        self._close()
        return self.written

    def discard(self) -> None:
        """Delete the written files, including the unfinished one."""
        if self._writer is not None and self._sink is not None:
            with suppress(OSError, pa.ArrowException):
                self._writer.close()
            # otherwise, its finalizer tries again
            self._writer.is_open = False
            with suppress(OSError, pa.ArrowException):
                self._sink.close()
            self._writer = self._sink = None
            self._files.delete_file(self._path)
        for file in self.written:
            self._files.delete_file(file.path)

    def _write_group(self) -> None:
        rows = pa.Table.from_batches(self._waiting, self._schema)
        self._waiting, self._waiting_rows, self._waiting_bytes = [], 0, 0
        if not rows.num_rows:
            return
        if self._writer is None:
            self._begin(rows)
        assert self._writer is not None
        assert self._sink is not None
        self._with_nan |= {leaf for leaf in self._floats if _has_nan(leaf, rows)}
        self._writer.write_table(rows, row_group_size=_GROUP_ROWS)
        if self._sink.tell() >= self._file_bytes:
            self._close()

    def _begin(self, rows: pa.Table) -> None:
        self._path = f"part-00000-{uuid4()}-c000.zstd.parquet"
        self._sink = self._files.open_output_stream(self._path)
        self._with_nan = set()
        self._writer = pq.ParquetWriter(
            self._sink,
            self._schema,
            compression="zstd",
            compression_level=_FAST_LEVEL,
            use_dictionary=_with_dictionary(rows),
            # Parquet's own types are sufficient
            store_schema=False,
        )

    def _close(self) -> None:
        if self._writer is None or self._sink is None:
            return
        self._writer.close()
        size = self._sink.tell()
        self._sink.close()
        footer = self._writer.writer.metadata
        self.written.append(
            AddFile(
                path=self._path,
                partition_values={},
                size=size,
                modification_time=milliseconds(),
                data_change=True,
                stats=written_statistics(footer, self._leaves, self._with_nan),
            )
        )
        self._writer = self._sink = None


def _with_dictionary(rows: pa.Table) -> list[str] | bool:
    """The columns whose values repeat, by their paths in a Parquet file; or all of them."""
    if any(pa.types.is_nested(field.type) for field in rows.schema):
        return True
    sample = rows.slice(0, _SAMPLE_ROWS)
    return [name for name in rows.schema.names if _repeats(sample.column(name))]


def _repeats(values: pa.ChunkedArray) -> bool:
    distinct = pc.count_distinct(values, mode="only_valid").as_py()
    return bool(distinct <= _DISTINCT_SHARE * (len(values) - values.null_count))


def _has_nan(leaf: Leaf, rows: pa.Table) -> bool:
    return bool(pc.any(pc.is_nan(leaf.values(rows))).as_py())


class Aligned:
    """Batches for the engine, with the columns of the table.

    A separate thread draws them, one ahead: if the engine drew them itself, it
    could not read another table meanwhile, and would abort. It would also turn their errors into
    text. They are small, because the engine queues a fixed number of them, whatever their size.

    Args:
        schema: The table's columns.
        rows: The batches.
    """

    def __init__(self, schema: pa.Schema, rows: Iterable[pa.RecordBatch]) -> None:
        self.failure: Exception | None = None
        """The error that stopped the batches, if any."""
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
