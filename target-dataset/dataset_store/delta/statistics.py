"""Known ranges of a column's values, from a table's log and the footers of files.

Values are compared in one form: text as its bytes in UTF-8, times and dates as numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from dataset_store.schema import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow.parquet as pq
    from deltalake import DeltaTable

_MILLISECOND: Final = 1000
_FORMS: Final[tuple[tuple[Callable[[pa.DataType], bool], pa.DataType], ...]] = (
    (pa.types.is_string, pa.binary()),
    (pa.types.is_timestamp, pa.int64()),
    (pa.types.is_date32, pa.int32()),
)


@dataclass(frozen=True, slots=True)
class Spread:
    """The range of a column's values in a file or a row group; None is unknown."""

    low: Any = None
    high: Any = None
    """The maximum, or a prefix of it if it is text."""

    nulls: int | None = None
    rows: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there are certainly only nulls."""
        return self.nulls is not None and self.nulls == self.rows

    def starts_by(self, value: Any) -> bool:
        """Whether there may be a value less than or equal to this one."""
        return not self.is_empty and (self.low is None or self.low <= value)

    def reaches(self, value: Any) -> bool:
        """Whether there may be a value greater than or equal to this one."""
        if self.is_empty:
            return False
        if self.high is None:
            return True
        # text may have been truncated before it was written to the log
        beginning = value[: len(self.high)] if isinstance(value, bytes) else value
        return bool(beginning <= self.high)


def in_order(values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """The values in the form used for comparisons."""
    form = next((form for test, form in _FORMS if test(values.type)), None)
    return values.cast(form) if form else values


def spreads_by_file(table: DeltaTable, columns: Sequence[str]) -> dict[str, dict[str, Spread]]:
    """The log's ranges of columns, for each file of the table by its path in the log."""
    files = pa.table(table.get_add_actions())
    rows = files.column("num_records").to_pylist()
    spreads = {name: _logged(files, name, rows) for name in columns}
    return {
        path: {name: found[number] for name, found in spreads.items()}
        for number, path in enumerate(files.column("path").to_pylist())
    }


def _logged(files: pa.Table, column: str, rows: list[int | None]) -> list[Spread]:
    low, high, nulls = (
        _logged_values(files, part, column) for part in ("min", "max", "null_count")
    )
    return [Spread(*values) for values in zip(low, high, nulls, rows, strict=True)]


def _logged_values(files: pa.Table, part: str, column: str) -> list[Any]:
    found = files.column(part) if part in files.column_names else None
    if found is None or found.type.get_field_index(column) < 0:
        return [None] * files.num_rows
    values = pc.struct_field(found, [column])
    if part != "null_count" and pa.types.is_decimal(values.type):
        # deltalake writes them as doubles, so a long decimal may be out of range
        return [None] * files.num_rows
    if part == "max" and pa.types.is_timestamp(values.type):
        # writers truncate times to milliseconds
        values = pc.add(values.cast(pa.int64()), _MILLISECOND - 1)
    listed: list[Any] = in_order(values).to_pylist()
    return listed


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column of a Parquet file that the log can describe."""

    place: int
    """Its index among the leaves of the file."""

    path: tuple[str, ...]
    data_type: pa.DataType

    def values(self, batch: pa.RecordBatch) -> pa.Array:
        """The values of the column in a batch."""
        column = batch.column(batch.schema.get_field_index(self.path[0]))
        return pc.struct_field(column, list(self.path[1:])) if self.path[1:] else column


def spread_in_group(group: pq.RowGroupMetaData, leaf: Leaf) -> Spread:
    """The range of a column in one row group, from the file's footer."""
    found = group.column(leaf.place).statistics
    if found is None or leaf.data_type not in _COMPARED_AS_STORED:
        return Spread()
    nulls = found.null_count if found.has_null_count else None
    if not found.has_min_max:
        return Spread(nulls=nulls, rows=group.num_rows)
    return Spread(found.min_raw, found.max_raw, nulls, group.num_rows)


_COMPARED_AS_STORED: Final = frozenset(
    {pa.string(), pa.string_view(), pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.date32()}
    | {TIMESTAMP, pa.timestamp("us")}
)
"""Types whose numbers and bytes in Parquet have the form that `in_order` returns.

Floats are excluded, since some writers include not-a-number in the range.
"""


def leaves_of(schema: pa.Schema) -> Iterator[Leaf]:
    """The columns with one value per row, fields of structs separately."""
    for place, (path, data_type) in enumerate(_leaves(schema, ())):
        if path:
            yield Leaf(place, path, data_type)


def _leaves(
    fields: pa.Schema | pa.StructType, above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], pa.DataType]]:
    """The leaves in the order of a Parquet file, repeated ones without a path."""
    for field in fields:
        path = (*above, field.name)
        if pa.types.is_struct(field.type):
            yield from _leaves(field.type, path)
        elif pa.types.is_nested(field.type):
            yield from [((), pa.null())] * _repeated_leaves(field.type)
        else:
            yield path, field.type


def _repeated_leaves(data_type: pa.DataType) -> int:
    if not pa.types.is_nested(data_type):
        return 1
    return sum(
        _repeated_leaves(data_type.field(place).type) for place in range(data_type.num_fields)
    )
