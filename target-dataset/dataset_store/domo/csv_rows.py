"""Rows in Domo's CSV: RFC 4180 without a header; an empty field is null, `""` is empty text."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from dataset_store.casts import cast
from dataset_store.domo.columns import DECIMAL
from dataset_store.errors import SchemaConflictError
from dataset_store.evolution import storable
from dataset_store.schema import TIMESTAMP, is_json_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

OPTIONS: Final = pacsv.WriteOptions(include_header=False)


def csv_schema(schema: pa.Schema) -> pa.Schema:
    """The columns for Arrow's CSV writer: types that it spells differently from Domo are text."""
    return pa.schema([(field.name, _written(field.type)) for field in schema])


def _written(data_type: pa.DataType) -> pa.DataType:
    is_plain = pa.types.is_integer(data_type) or pa.types.is_date32(data_type)
    return data_type if is_plain else pa.string()


def csv_batch(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Convert rows to the columns of a dataset, ready for writing.

    Args:
        batch: The rows; missing columns become null.
        schema: The columns of the dataset.

    Raises:
        SchemaConflictError: A value does not fit its column exactly, or a row would be an empty
            line.
    """
    fields = {field.name: field for field in batch.schema}
    columns = [
        _column(batch.column(field.name), fields[field.name], field)
        if field.name in fields
        else pa.nulls(batch.num_rows, _written(field.type))
        for field in schema
    ]
    if len(columns) == 1 and columns[0].null_count:
        message = (
            f"Column {schema[0].name!r} is the only column and null in a row, which Domo's CSV "
            "cannot express; omit such rows, or add a column"
        )
        raise SchemaConflictError(message)
    return pa.RecordBatch.from_arrays(columns, schema=csv_schema(schema))


def _column(values: pa.Array, source: pa.Field, target: pa.Field) -> pa.Array:
    if pa.types.is_string(target.type):
        return _cast(values, source, target)
    if target.type == DECIMAL:
        return _plain(values.cast(pa.string()))
    if pa.types.is_floating(target.type):
        return _doubles(_cast(values, source, target))
    if target.type == TIMESTAMP:
        return _times(_cast(values, source, target))
    return _cast(values, source, target)


def _cast(values: pa.Array, source: pa.Field, target: pa.Field) -> pa.Array:
    # JSON keeps its spelling, even if it is a single string
    plain = source.with_metadata(None) if is_json_text(source) else source
    stored = storable(pa.schema([plain])).field(0)
    chunked = pa.chunked_array([values.cast(stored.type)], stored.type)
    return cast(chunked, stored, target).combine_chunks()


def _doubles(values: pa.Array) -> pa.Array:
    """Plain decimals, since Domo does not document exponents; NaN and infinities become null."""
    finite = pc.if_else(pc.is_finite(values), values, None)
    return _plain(finite.cast(pa.string()))


def _plain(texts: pa.Array) -> pa.Array:
    """Numbers without exponents."""
    if not pc.any(pc.match_substring(texts, "e", ignore_case=True)).as_py():
        return texts
    return pa.array(
        (None if text is None else format(Decimal(text), "f") for text in texts.to_pylist()),
        pa.string(),
    )


def _times(values: pa.Array) -> pa.Array:
    """UTC in seconds: Domo does not document fractions and offsets."""
    seconds = pc.floor_temporal(values, unit="second").cast(pa.timestamp("s", "UTC"))
    return pc.strftime(seconds, format="%Y-%m-%dT%H:%M:%S")


def write(batch: pa.RecordBatch, sink: IO[bytes]) -> None:
    """Write rows converted by `csv_batch`."""
    pacsv.write_csv(batch, sink, OPTIONS)


def slices(batch: pa.RecordBatch, rows: int) -> Iterator[pa.RecordBatch]:
    """A batch in pieces of a number of rows."""
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)
