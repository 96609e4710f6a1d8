"""Rows in workbooks: IDs and formulas stay text, and what a cell cannot hold is an error."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from support.workbooks import cells_of

from dataset_store.errors import DatasetError
from dataset_store.schema import JSON_TEXT, TIMESTAMP
from dataset_store.xlsx_output import MAX_COLUMNS, MAX_ROWS, check_bounds, write_xlsx

if TYPE_CHECKING:
    from pathlib import Path

MOMENT = dt.datetime(2024, 2, 29, 23, 59, 59, tzinfo=dt.UTC)


def written(folder: Path, table: pa.Table) -> list[list[Any]]:
    path = folder / "out.xlsx"
    with path.open("w+b") as sink:
        write_xlsx(table.to_reader(), sink)
    return cells_of(path)


VALUES: dict[str, tuple[pa.DataType, Any, Any]] = {
    "id": (pa.string(), "0012345678901234567", "0012345678901234567"),
    "formula": (pa.string(), "=1+1", "=1+1"),
    "address": (pa.string(), "https://x.com/a", "https://x.com/a"),
    "number as text": (pa.string(), "12", "12"),
    "blanks": (pa.string(), "  x\n\ty ", "  x\n\ty "),
    "control character": (pa.string(), "a\x0bb", "a\x0bb"),
    "escape of Excel": (pa.string(), "_x000B_", "_x000B_"),
    "markup": (pa.string(), "<&\"'>", "<&\"'>"),
    "longest text": (pa.string(), "x" * 32_767, "x" * 32_767),
    "empty text": (pa.string(), "", ""),
    "null": (pa.string(), None, ""),
    "integer of 15 digits": (pa.int64(), 999_999_999_999_999, 999_999_999_999_999),
    "integer of 16 digits": (pa.int64(), -1_000_000_000_000_000, "-1000000000000000"),
    "integer": (pa.int64(), 2**63 - 1, "9223372036854775807"),
    "double": (pa.float64(), 0.1, 0.1),
    "not a number": (pa.float64(), float("nan"), "NaN"),
    "infinity": (pa.float64(), float("-inf"), "-Infinity"),
    "beyond Excel": (pa.float64(), 1.7e308, "1.7e+308"),
    "decimal": (pa.decimal128(20, 2), Decimal("12.50"), 12.5),
    "long decimal": (pa.decimal128(20, 2), Decimal("123456789012345.67"), "123456789012345.67"),
    "truth": (pa.bool_(), True, True),
    "day": (pa.date32(), MOMENT.date(), MOMENT.date()),
    "old day": (pa.date32(), dt.date(1899, 12, 31), "1899-12-31"),
    "moment": (TIMESTAMP, MOMENT, MOMENT.replace(tzinfo=None)),
    "moment without zone": (
        pa.timestamp("us"),
        MOMENT.replace(tzinfo=None),
        MOMENT.replace(tzinfo=None),
    ),
    "milliseconds": (
        TIMESTAMP,
        MOMENT.replace(microsecond=123_000),
        MOMENT.replace(microsecond=123_000, tzinfo=None),
    ),
    "microseconds": (TIMESTAMP, MOMENT.replace(microsecond=1), "2024-02-29T23:59:59.000001Z"),
    "old moment": (TIMESTAMP, MOMENT.replace(year=1896), "1896-02-29T23:59:59Z"),
    "list": (pa.list_(pa.string()), ["a", "ü"], '["a", "ü"]'),
    "binary": (pa.binary(), b"\0\1", "AAE="),
}


@pytest.mark.parametrize(("kind", "value", "cell"), VALUES.values(), ids=VALUES)
def test_a_value_becomes_a_cell(kind: pa.DataType, value: Any, cell: Any, tmp_path: Path) -> None:
    table = pa.table({"id": ["1"], "=v": pa.array([value], kind)})

    assert written(tmp_path, table) == [["id", "=v"], ["1", cell]]


def test_json_stays_the_text_that_it_is(tmp_path: Path) -> None:
    field = pa.field("entities", pa.string(), metadata=JSON_TEXT)
    table = pa.table([pa.array(['{"urls":[]}'])], pa.schema([field]))

    assert written(tmp_path, table) == [["entities"], ['{"urls":[]}']]


@pytest.mark.parametrize("text", ["x" * 32_768, "🎈" * 16_384], ids=["letters", "emoji"])
def test_a_text_that_no_cell_holds_is_refused_by_row_and_column(text: str) -> None:
    table = pa.table({"id": ["1", "2", "3"], "my text": ["", text, ""]})
    with pytest.raises(DatasetError, match=r"Row 2, column 'my text': .* 32,767 characters"):
        write_xlsx(table.to_reader(), io.BytesIO())


def test_a_name_that_no_cell_holds_is_refused() -> None:
    with pytest.raises(DatasetError, match="32,767 characters"):
        write_xlsx(pa.table({"x" * 32_768: ["1"]}).to_reader(), io.BytesIO())


@pytest.mark.parametrize(
    ("rows", "columns", "said"),
    [
        (MAX_ROWS, 1, "1,048,576 rows; a sheet holds 1,048,575 below"),
        (1, MAX_COLUMNS + 1, "16,385 columns; a sheet holds 16,384"),
    ],
)
def test_what_no_sheet_holds_is_refused_beforehand(rows: int, columns: int, said: str) -> None:
    check_bounds(MAX_ROWS - 1, MAX_COLUMNS)
    with pytest.raises(DatasetError, match=said):
        check_bounds(rows, columns)


def test_nothing_stays_in_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    write_xlsx(pa.table({"id": ["1"]}).to_reader(), io.BytesIO())
    with pytest.raises(DatasetError):
        write_xlsx(pa.table({"id": ["1", "x" * 40_000]}).to_reader(), io.BytesIO())
    assert list(tmp_path.iterdir()) == []
