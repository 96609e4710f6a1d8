"""Rows on their way out: as CSV, JSON, JSON lines or Parquet, a batch at a time.

Times are written as ISO 8601 in UTC. What CSV has no form for (structs, lists, maps) is JSON there.
"""

from __future__ import annotations

import base64
import json
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from dataset_store.schema import is_json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

_JSON_FORMS: Final[dict[type, Callable[[Any], Any]]] = {
    datetime: lambda value: value.isoformat().replace("+00:00", "Z"),
    date: date.isoformat,
    Decimal: str,
    bytes: lambda value: base64.b64encode(value).decode(),
}


def to_json(value: object, *, indent: int | None = None) -> str:
    """A value as JSON, whatever a dataset can hold."""
    return json.dumps(value, default=_json_form, ensure_ascii=False, indent=indent)


def _json_form(value: Any) -> Any:
    return _JSON_FORMS[type(value)](value)


def records(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """The rows as JSON objects; text that holds JSON becomes what it says."""
    finite = [_finite(column) for column in batch.columns]
    rows: list[dict[str, Any]] = pa.RecordBatch.from_arrays(finite, schema=batch.schema).to_pylist(
        maps_as_pydicts="strict"
    )
    for name in [field.name for field in batch.schema if is_json_text(field)]:
        for row in rows:
            row[name] = _parsed(row[name])
    return rows


def _finite(values: pa.Array) -> pa.Array:
    """The values without what JSON cannot say: infinities and not-a-number become null."""
    if not pa.types.is_floating(values.type):
        return values
    return pc.if_else(pc.is_finite(values), values, None)


def _parsed(text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        return text


def write_csv(rows: pa.RecordBatchReader, sink: BinaryIO) -> None:
    """Write rows with a line of names; null is an empty field, empty text a quoted one."""
    schema = pa.schema([(field.name, _csv_type(field.type)) for field in rows.schema])
    with pacsv.CSVWriter(sink, schema) as writer:
        for batch in rows:
            columns = [_csv_column(column) for column in batch.columns]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))


def _csv_type(data_type: pa.DataType) -> pa.DataType:
    has_form = pa.types.is_primitive(data_type) and not pa.types.is_timestamp(data_type)
    return data_type if has_form else pa.string()


def _csv_column(values: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(values.type):
        return pc.strftime(values, format="%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_nested(values.type) or pa.types.is_binary(values.type):
        forms = (value if value is None else _csv_form(value) for value in values.to_pylist())
        return pa.array(forms, pa.string())
    return values.cast(_csv_type(values.type))


def _csv_form(value: Any) -> str:
    return str(_json_form(value)) if isinstance(value, bytes) else to_json(value)


def write_json_lines(rows: pa.RecordBatchReader, sink: BinaryIO) -> None:
    """Write one JSON object a line."""
    sink.writelines(f"{line}\n".encode() for line in _json_lines(rows))


def write_json(rows: pa.RecordBatchReader, sink: BinaryIO) -> None:
    """Write one JSON array, an object a line."""
    before = "[\n"
    for line in _json_lines(rows):
        sink.write(f"{before}{line}".encode())
        before = ",\n"
    sink.write(b"[]\n" if before == "[\n" else b"\n]\n")


def _json_lines(rows: pa.RecordBatchReader) -> Iterator[str]:
    return (to_json(record) for batch in rows for record in records(batch))


def write_parquet(rows: pa.RecordBatchReader, sink: BinaryIO) -> None:
    """Write a Parquet file, types and marks of columns included."""
    with pq.ParquetWriter(sink, rows.schema, compression="zstd") as writer:
        for batch in rows:
            writer.write_batch(batch)


FORMATS: Final[dict[str, Callable[[pa.RecordBatchReader, BinaryIO], None]]] = {
    ".csv": write_csv,
    ".json": write_json,
    ".jsonl": write_json_lines,
    ".parquet": write_parquet,
}
"""How rows are written, by the ending of the file's name."""
