"""Sheets of workbooks become text; what has lost digits is refused by the name of its cell."""

from __future__ import annotations

import datetime as dt
import io
import random
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from support.workbooks import replaced, table, workbook

from dataset_store.errors import FileFormatError
from dataset_store.xlsx_files import XlsxFile

if TYPE_CHECKING:
    from pathlib import Path

SHEET = "xl/worksheets/sheet1.xml"


def read(path: Path, **options: Any) -> list[list[str | None]]:
    """The line of names and the rows of a workbook's sheet."""
    found = XlsxFile(path, path.name, **options).rows().read_all()
    assert {str(field.type) for field in found.schema} == {"string"}
    return [found.column_names, *(list(row.values()) for row in found.to_pylist())]


DAY, MOMENT = dt.date(2024, 2, 29), dt.datetime.fromisoformat("2024-02-29T23:59:59")
VALUES: dict[str, tuple[Any, str | None]] = {
    "text": ("0012345678901234567", "0012345678901234567"),
    "text that looks like a formula": ('="12"', '="12"'),
    "blanks in text": (" x ", " x "),
    "emoji": ("🎈ü", "🎈ü"),
    "whole number": (2244994945, "2244994945"),
    "fifteen digits": (999_999_999_999_999, "999999999999999"),
    "largest exact number": (2**53 - 1, "9007199254740991"),
    "smallest exact number": (1 - 2**53, "-9007199254740991"),
    "zero": (0, "0"),
    "fraction": (0.1, "0.1"),
    "small fraction": (1e-7, "1e-07"),
    "true": (True, "true"),
    "false": (False, "false"),
    "day": ((DAY, "yyyy-mm-dd"), "2024-02-29"),
    "moment": ((MOMENT, "yyyy-mm-dd hh:mm"), "2024-02-29T23:59:59"),
    "milliseconds": (
        (MOMENT.replace(microsecond=123_000), "yyyy-mm-dd hh:mm:ss.000"),
        "2024-02-29T23:59:59.123",
    ),
    "time of day": ((dt.time(9, 5), "hh:mm"), "09:05:00"),
    "duration": ((dt.timedelta(hours=26, minutes=3), "[h]:mm:ss"), "26:03:00"),
}


@pytest.mark.parametrize(("value", "text"), VALUES.values(), ids=VALUES)
def test_a_cell_becomes_text(value: Any, text: str | None, tmp_path: Path) -> None:
    assert read(table(tmp_path / "a.xlsx", [["id"], [value]])) == [["id"], [text]]


@pytest.mark.parametrize(
    "value",
    [2**53, -(2**53), 1234567890123456789, 1.78e18, 1e300],
    ids=["bound", "negative", "id", "rounded id", "huge"],
)
def test_a_number_that_may_have_lost_digits_is_refused_by_cell(
    value: float, tmp_path: Path
) -> None:
    rows: list[list[Any]] = [["name", "id"], *[["a", 12]] * 5, ["b", value]]
    with pytest.raises(
        FileFormatError, match=r"cell Sheet1!B7 .*format the column as text"
    ) as told:
        read(table(tmp_path / "a.xlsx", rows))
    assert str(value)[:6] not in str(told.value)


@pytest.mark.parametrize(
    ("sheet", "cell", "named"),
    [("my ids", "AB3", "'my ids'!AB3"), ("it's", "C9", "'it''s'!C9"), ("Ids", "AAA2", "Ids!AAA2")],
)
def test_a_cell_is_named_as_excel_does(sheet: str, cell: str, named: str, tmp_path: Path) -> None:
    column = re.sub(r"\d", "", cell)
    path = workbook(tmp_path / "a.xlsx", **{sheet: {f"{column}1": "id", cell: 1e18}})
    with pytest.raises(FileFormatError, match=re.escape(f"cell {named} holds")):
        read(path)


def test_formulas_are_what_they_came_to_and_errors_are_null(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["sum", "text", "error", "broken", "truth"])
        for column, (formula, value) in enumerate(
            [("=6*2", 12), ('="a"', "a"), ("=NA()", "#N/A"), ("=1/0", "#DIV/0!"), ("=TRUE()", True)]
        ):
            sheet.write_formula(1, column, formula, None, value)
    assert read(tmp_path / "a.xlsx")[1] == ["12", "a", None, None, "true"]


def test_merged_cells_hold_their_value_once(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b", "c"])
        sheet.merge_range("A2:B3", "x")
        sheet.write_column("C2", ["1", "2"])
    assert read(tmp_path / "a.xlsx")[1:] == [["x", None, "1"], [None, None, "2"]]


def test_a_table_may_begin_anywhere_and_have_gaps(tmp_path: Path) -> None:
    cells = {"C4": " id ", "D4": "name", "C6": "12", "D8": "b", "C9": ""}
    path = workbook(tmp_path / "a.xlsx", Sheet1=cells)

    assert read(path) == [["id", "name"], ["12", None], [None, "b"]]


def test_rows_may_be_shorter_than_the_names(tmp_path: Path) -> None:
    assert read(table(tmp_path / "a.xlsx", [["a"], ["1"]]), columns=("x", "y")) == [
        ["x", "y"],
        ["a", None],
        ["1", None],
    ]


REFUSED: dict[str, tuple[list[list[Any]], dict[str, Any], str]] = {
    "empty": ([], {}, "is empty"),
    "a number for a name": ([[2244994945], [12]], {}, "column 1 holds a number"),
    "a handle for a name": ([["@NorthwindTea"]], {}, "column 1 holds a handle"),
    "no name in the middle": ([["a", "", "c"], ["1", "2", "3"]], {}, "column 2 has no name"),
    "names alike": ([["a", "A"]], {}, "both named"),
    "a value beside the names": ([["a", "b"], ["1", "2", "3"]], {}, "cell Sheet1!C2 is beyond"),
    "more values than names": (
        [["1", "2"]],
        {"columns": ("a",)},
        "cell Sheet1!B1 is beyond the named",
    ),
}


@pytest.mark.parametrize(("rows", "options", "said"), REFUSED.values(), ids=REFUSED)
def test_a_sheet_without_a_line_of_names_is_refused(
    rows: list[list[Any]], options: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(FileFormatError, match=rf"^a\.xlsx.*: .*{said}"):
        read(table(tmp_path / "a.xlsx", rows), **options)


def test_numbers_may_be_names_if_they_are_said_to_be(tmp_path: Path) -> None:
    path = table(tmp_path / "a.xlsx", [[2023, 2024], [1, 2]])

    assert read(path, any_header=True) == [["2023", "2024"], ["1", "2"]]


@pytest.fixture
def three_sheets(tmp_path: Path) -> Path:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        for name in ("Notes", "People", "Other people"):
            book.add_worksheet(name).write_column(0, 0, ["from", name])
        book.add_chartsheet("Chart")
        book.worksheets()[0].hide()
        book.worksheets()[1].activate()
        book.worksheets()[1].set_first_sheet()
    return tmp_path / "a.xlsx"


@pytest.mark.parametrize(
    ("sheet", "found"), [(None, "People"), ("Other people", "Other people"), ("Notes", "Notes")]
)
def test_a_sheet_can_be_chosen(sheet: str | None, found: str, three_sheets: Path) -> None:
    assert read(three_sheets, sheet=sheet) == [["from"], [found]]


def test_a_choice_that_was_not_made_is_said(
    three_sheets: Path, caplog: pytest.LogCaptureFixture
) -> None:
    read(three_sheets)
    assert "reading sheet 'People'; to read another, use --sheet: 'Other people'" in caplog.text

    caplog.clear()
    read(three_sheets, sheet="People")
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        ("people", "did you mean 'People'"),
        ("x", "it has 'Notes', 'People', 'Other people'"),
        ("Chart", "no sheet 'Chart'"),
    ],
)
def test_an_unknown_sheet_is_refused(sheet: str, said: str, three_sheets: Path) -> None:
    with pytest.raises(FileFormatError, match=said):
        read(three_sheets, sheet=sheet)


def archive(**parts: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as book:
        for name, text in parts.items():
            book.writestr(name, text)
    return content.getvalue()


NO_WORKBOOKS = {
    "text": (b"id,name\n12,a\n", "not an Excel workbook"),
    "empty": (b"", "not an Excel workbook"),
    "another archive": (archive(a="b"), "not an Excel workbook"),
    "hollow": (archive(**{"xl/workbook.xml": "<workbook/>"}), "not an Excel workbook"),
    "old or encrypted": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted, or in the"),
}


@pytest.mark.parametrize(("content", "said"), NO_WORKBOOKS.values(), ids=NO_WORKBOOKS)
def test_what_is_no_workbook_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=rf"^a\.xlsx: .*{said}.* save it"):
        read(path)


def test_damaged_workbooks_are_refused_or_read(tmp_path: Path) -> None:
    whole = table(tmp_path / "a.xlsx", [["id", "day"], *[["12", (DAY, "yyyy-mm-dd")]] * 20])
    content, chance = whole.read_bytes(), random.Random(7)
    refused = 0
    for _ in range(60):
        damaged = bytearray(content)
        for _ in range(4):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        whole.write_bytes(damaged[: chance.choice([None, chance.randrange(len(damaged))])])
        try:
            read(whole)
        except FileFormatError:
            refused += 1
    assert refused > 30


def test_damaged_xml_is_refused_or_read(tmp_path: Path) -> None:
    path, chance = tmp_path / "a.xlsx", random.Random(7)
    table(path, [["id", "day"], *[["12", (DAY, "yyyy-mm-dd")]] * 5])
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    refused = 0
    for name in [*parts] * 4:
        path.write_bytes(whole)
        damaged = bytearray(parts[name])
        for _ in range(3):
            damaged[chance.randrange(len(damaged))] = chance.choice(b'<>"/=&9aZ\0')
        try:
            read(replaced(path, {name: bytes(damaged)}))
        except FileFormatError:
            refused += 1
    assert refused


@pytest.mark.parametrize(
    "cell",
    ['<c r="XFD1048576"><v>1</v></c>', "<x:c s='1' r='XFD1048576' t='n'><v>1</v></x:c>"],
    ids=["plain", "prefixed"],
)
def test_a_stray_cell_far_away_is_refused_before_it_takes_the_memory(
    cell: str, tmp_path: Path
) -> None:
    path = table(tmp_path / "a.xlsx", [["id"], ["12"]])
    with zipfile.ZipFile(path) as book:
        sheet = book.read(SHEET).decode()
    stray = sheet.replace("</sheetData>", f'<row r="1048576">{cell}</row></sheetData>')
    with pytest.raises(FileFormatError, match=r"17,179,869,184 cells.* delete stray cells"):
        read(replaced(path, {SHEET: stray.encode()}))


def test_formats_without_values_take_no_memory(tmp_path: Path) -> None:
    path = table(tmp_path / "a.xlsx", [["id"], ["12"]])
    with zipfile.ZipFile(path) as book:
        sheet = book.read(SHEET).decode()
    stray = (
        '<row r="1048575" s="1"/><row r="1048576" s="1"><c r="XFD1048576" s="0"/></row></sheetData>'
    )
    replaced(path, {SHEET: sheet.replace("</sheetData>", stray).encode()})

    # a row with cells counts, a cell without a value does not
    assert read(path) == [["id"], ["12"]]


def test_a_big_sheet_is_read_in_batches(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx", {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "id")
        for row in range(1, 20_001):
            sheet.write_string(row, 0, str(10**18 + row))
    batches = list(XlsxFile(tmp_path / "a.xlsx", "a").rows())

    assert len(batches) > 1
    assert batches[0].column(0)[0].as_py() == str(10**18 + 1)
    assert sum(batch.num_rows for batch in batches) == 20_000
