"""`dataset export`."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import json
import os
import stat
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.dataset_command import POSTS, failed, rows, succeeded
from support.workbooks import cells_of

from dataset_store import DatasetSpec, open_store
from dataset_store.schema import JSON_TEXT

MOMENT = dt.datetime.fromisoformat("2024-02-29T23:59:59.123456Z")
FULL = {
    "id": "1",
    "likes": 2**53 + 1,
    "rate": 0.5,
    "created_at": "2024-02-29T23:59:59.123456Z",
    "day": "2024-02-29",
    "entities": {"urls": []},
    "tags": ["a", "ü"],
}

EMPTY = {**dict.fromkeys(FULL), "id": "", "entities": "{"}


def ordered(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda row: str(row["id"]), reverse=True)


def test_an_export_to_json_lines(posts: str) -> None:
    succeeded("export", posts, "out.jsonl")

    lines = Path("out.jsonl").read_text(encoding="utf-8").splitlines()
    assert ordered([json.loads(line) for line in lines]) == [FULL, EMPTY]


def test_an_export_to_json(posts: str) -> None:
    succeeded("export", "my posts", "out.JSON")

    assert ordered(json.loads(Path("out.JSON").read_text(encoding="utf-8"))) == [FULL, EMPTY]


def test_an_export_to_csv(posts: str) -> None:
    printed = succeeded("export", "my posts", "-")
    succeeded("export", "my posts", "out.csv")

    assert Path("out.csv").read_text(encoding="utf-8") == printed
    assert sorted(printed.splitlines(), reverse=True) == [
        '"id","likes","rate","created_at","day","entities","tags"',
        '"1",9007199254740993,0.5,"2024-02-29T23:59:59.123456Z",2024-02-29,"{""urls"":[]}",'
        '"[""a"", ""ü""]"',
        '"",,nan,,,"{",',
    ]


def test_an_export_to_parquet_keeps_types_and_marks(posts: str) -> None:
    succeeded("export", posts, "out.parquet")

    found = pq.read_table("out.parquet")
    assert found.schema.equals(POSTS)
    assert found.schema.field("entities").metadata.items() >= JSON_TEXT.items()
    assert found.num_rows == 2


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".json", ".jsonl", ".parquet"])
def test_an_empty_dataset_can_be_exported(suffix: str) -> None:
    open_store("./datasets").create(DatasetSpec("empty", POSTS))
    succeeded("export", "empty", f"out{suffix}")

    assert [path.name for path in Path().glob("out*")] == [f"out{suffix}"]


def test_an_exported_csv_can_be_imported_again() -> None:
    Path("in.csv").write_text('"a","b"\n"1",\n"","x\n""y"""\n', encoding="utf-8")
    succeeded("import", "in.csv", "--name", "in")
    succeeded("export", "in", "out.csv")

    assert Path("out.csv").read_text(encoding="utf-8") == Path("in.csv").read_text(encoding="utf-8")


def test_a_format_is_named_by_the_ending(posts: str) -> None:
    assert ".csv, .xlsx, .json, .jsonl, .parquet" in failed("export", posts, "out.xls")


def test_a_file_that_cannot_be_written_is_told(posts: str) -> None:
    told = failed("export", posts, "nowhere/out.csv")

    assert told == "Error: nowhere/out.csv: No such file or directory\n"


def test_a_failed_export_leaves_no_file(posts: str) -> None:
    for part in Path("datasets", posts).glob("*.parquet"):
        part.unlink()

    assert failed("export", posts, "out.csv").startswith(f"Error: Dataset {posts}")
    assert list(Path().glob("out*")) == []


def test_an_export_to_a_workbook(posts: str) -> None:
    succeeded("export", posts, "out.xlsx")

    names, *found = cells_of(Path("out.xlsx"))
    assert names == list(FULL)
    assert sorted(found, key=str, reverse=True) == [
        ["1", str(2**53 + 1), 0.5, FULL["created_at"], MOMENT.date(), '{"urls":[]}', '["a", "ü"]'],
        ["", "", "NaN", "", "", "{", ""],
    ]


def test_a_workbook_can_be_imported_again() -> None:
    succeeded("import", "ids.csv", "--name", "ids")
    succeeded("export", "ids", "out.xlsx")
    succeeded("import", "out.xlsx", "--name", "again")

    assert rows("again") == rows("ids")


def test_a_text_too_long_for_a_cell_is_an_error_and_leaves_no_file() -> None:
    Path("long.csv").write_text("id,text\n1,x\n2," + "x" * 32_768 + "\n", encoding="utf-8")
    succeeded("import", "long.csv", "--name", "long")

    told = failed("export", "long", "out.xlsx")
    assert told.startswith("Error: Row 2, column 'text': its text has more than 32,767 characters")
    assert list(Path().glob("*.xlsx")) + list(Path().glob(".*")) == []


def test_csv_for_spreadsheets() -> None:
    Path("odd.csv").write_text(
        'id,"=n"\n1,=1+1\n2,+1\n3,-1\n4,@a\n5,"\tx"\n6,"\rx"\n7,a=1\n8,\uff1d1\n', encoding="utf-8"
    )
    succeeded("import", "odd.csv", "--name", "odd")
    succeeded("export", "odd", "out.csv", "--bom", "--guard-formulas")
    succeeded("export", "odd", "plain.csv")

    content = Path("out.csv").read_bytes()
    assert content.startswith(codecs.BOM_UTF8 + b'"id","\'=n"\n')
    assert not Path("plain.csv").read_bytes().startswith(codecs.BOM_UTF8)
    lines = csv.DictReader(content.decode("utf-8-sig").splitlines(keepends=True))
    assert {line["id"]: line["'=n"] for line in lines} == {
        "1": "'=1+1",
        "2": "'+1",
        "3": "'-1",
        "4": "'@a",
        "5": "'\tx",
        "6": "'\rx",
        "7": "a=1",
        "8": "'\uff1d1",
    }
    assert "'" not in Path("plain.csv").read_text(encoding="utf-8")


def test_numbers_are_no_formulas() -> None:
    rows = pa.table({"n": [-1], "day": [MOMENT.date()], "text": [None], "tags": [["-"]]})
    rows = rows.set_column(2, "text", rows["text"].cast(pa.string()))
    open_store("./datasets").create(DatasetSpec("n", rows.schema)).append(rows)

    printed = succeeded("export", "n", "-", "--guard-formulas")
    assert printed == '"n","day","text","tags"\n-1,2024-02-29,,"[""-""]"\n'


@pytest.mark.parametrize("option", ["--bom", "--guard-formulas"])
@pytest.mark.parametrize("ending", [".xlsx", ".json", ".parquet"])
def test_options_for_csv_are_refused_elsewhere(option: str, ending: str, posts: str) -> None:
    assert "are for CSV" in failed("export", posts, f"out{ending}", option)
    assert list(Path().glob("out*")) == []


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".json", ".jsonl", ".parquet"])
def test_an_export_is_its_owners_alone(ending: str, posts: str) -> None:
    before = os.umask(0)
    try:
        succeeded("export", posts, f"out{ending}")
    finally:
        os.umask(before)

    assert stat.S_IMODE(Path(f"out{ending}").stat().st_mode) == 0o600


def test_an_export_follows_no_link(posts: str) -> None:
    Path("precious").write_text("old", encoding="utf-8")
    Path("out.csv").symlink_to("precious")

    assert "symbolic link" in failed("export", posts, "out.csv")
    assert Path("precious").read_text(encoding="utf-8") == "old"


def test_what_is_no_file_is_told_in_one_line(posts: str) -> None:
    os.mkfifo("out.csv")
    Path("folder.csv").mkdir()

    assert "a pipe or a device" in failed("export", posts, "out.csv")
    assert "a folder" in failed("export", posts, "folder.csv")
