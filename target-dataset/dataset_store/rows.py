"""Output of rows as CSV, JSON, JSON lines or Parquet, batch by batch.

Times are written as ISO 8601 in UTC. Types without a CSV form (structs, lists, maps) are JSON.
"""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from dataset_store.schema import is_json_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_FORMULA: Final = r"\A[=+\-@\t\r\n＝＋－＠]"  # noqa: RUF001 - spreadsheets take full width, too
"""The beginning of text that a spreadsheet would run (OWASP, *CSV Injection*)."""

_encode: Final = msgspec.json.Encoder().encode


def to_json(value: object, *, indent: int = 0) -> str:
    """A value as JSON, of any type a dataset can hold; parts that are JSON keep their spelling."""
    return msgspec.json.format(_encode(value), indent=indent).decode()


def records(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    """The rows as JSON objects; JSON text is included unchanged, with all digits."""
    finite = [_finite(column) for column in batch.columns]
    rows: list[dict[str, Any]] = pa.RecordBatch.from_arrays(finite, schema=batch.schema).to_pylist(
        maps_as_pydicts="strict"
    )
    for name in [field.name for field in batch.schema if is_json_text(field)]:
        for row in rows:
            row[name] = _parsed(row[name])
    return rows


def _finite(values: pa.Array) -> pa.Array:
    """The values without those that JSON lacks: infinities and not-a-number become null."""
    if not pa.types.is_floating(values.type):
        return values
    return pc.if_else(pc.is_finite(values), values, None)


def _parsed(text: str | None) -> str | msgspec.Raw | None:
    """JSON text in a form that `to_json` writes unchanged; a JSON string as its text."""
    if text is None:
        return None
    try:
        found = msgspec.json.decode(text, type=msgspec.Raw)
        return str(msgspec.json.decode(text)) if text.startswith('"') else found
    except (msgspec.DecodeError, RecursionError):
        return text


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """Options of CSV for spreadsheets."""

    bom: bool = False
    """Whether the file begins with a byte order mark, so that Excel recognizes UTF-8."""

    guard_formulas: bool = False
    """Whether text that a spreadsheet would run as a formula gets a leading apostrophe."""


_PLAIN: Final = CsvOptions()


def write_csv(rows: pa.RecordBatchReader, sink: BinaryIO, options: CsvOptions = _PLAIN) -> None:
    """Write rows with a header line; null is an empty field, empty text a quoted one."""
    guard = _guarded if options.guard_formulas else _unchanged
    names = guard(pa.array(rows.schema.names, pa.string())).to_pylist()
    schema = pa.schema(
        [(name, _csv_type(kind)) for name, kind in zip(names, rows.schema.types, strict=True)]
    )
    if options.bom:
        sink.write(codecs.BOM_UTF8)
    with pacsv.CSVWriter(sink, schema) as writer:
        for batch in rows:
            columns = [guard(_csv_column(column)) for column in batch.columns]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))


def _unchanged(values: pa.Array) -> pa.Array:
    return values


def _guarded(values: pa.Array) -> pa.Array:
    """Text with an apostrophe before formulas; numbers are not formulas."""
    if not pa.types.is_string(values.type):
        return values
    is_formula = pc.match_substring_regex(values, _FORMULA)
    return pc.if_else(is_formula, pc.binary_join_element_wise("'", values, ""), values)


def _csv_type(data_type: pa.DataType) -> pa.DataType:
    has_form = pa.types.is_primitive(data_type) and not pa.types.is_timestamp(data_type)
    return data_type if has_form else pa.string()


def _csv_column(values: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(values.type):
        return pc.strftime(values, format="%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_nested(values.type) or pa.types.is_binary(values.type):
        forms = (value if value is None else plain_text(value) for value in values.to_pylist())
        return pa.array(forms, pa.string())
    return values.cast(_csv_type(values.type))


def plain_text(value: Any) -> str:
    """A value as text, without the quotes of JSON."""
    if isinstance(value, str):
        return value
    # JSON has no not-a-number and no infinities
    text = json.dumps(value) if isinstance(value, float) else to_json(value)
    return text[1:-1] if text.startswith('"') else text


def write_json_lines(rows: pa.RecordBatchReader, sink: BinaryIO) -> None:
    """Write one JSON object per line."""
    sink.writelines(f"{line}\n".encode() for line in _json_lines(rows))


def write_json(rows: pa.RecordBatchReader, sink: BinaryIO) -> None:
    """Write one JSON array, with an object per line."""
    before = "[\n"
    for line in _json_lines(rows):
        sink.write(f"{before}{line}".encode())
        before = ",\n"
    sink.write(b"[]\n" if before == "[\n" else b"\n]\n")


def _json_lines(rows: pa.RecordBatchReader) -> Iterator[str]:
    return (to_json(record) for batch in rows for record in records(batch))


def write_parquet(rows: pa.RecordBatchReader, sink: BinaryIO) -> None:
    """Write a Parquet file, including types and marks of columns."""
    with pq.ParquetWriter(sink, rows.schema, compression="zstd") as writer:
        for batch in rows:
            writer.write_batch(batch)
