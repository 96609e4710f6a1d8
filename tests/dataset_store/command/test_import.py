"""`dataset import`."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.dataset_command import IDS, failed, rows, succeeded
from support.workbooks import table

from dataset_store import dataset_id, open_store


def test_an_import_prints_the_guid_and_keeps_every_digit() -> None:
    assert succeeded("import", "ids.csv", "--name", "ids") == f"{dataset_id('ids')}\n"
    assert rows("ids") == [
        {"twitter_id": "0012345678901234567", "name": "Ann"},
        {"twitter_id": "2244994945", "name": "Bob"},
    ]


def test_an_import_can_be_told_to_programs() -> None:
    words = ["import", "ids.csv", "--name", "ids", "--description", "Whom to look up", "--json"]
    info = json.loads(succeeded(*words))

    assert {key: info[key] for key in ("id", "name", "description", "rows")} == {
        "id": dataset_id("ids"),
        "name": "ids",
        "description": "Whom to look up",
        "rows": 2,
    }


def test_a_name_is_imported_once_unless_replaced() -> None:
    succeeded("import", "ids.csv", "--name", "ids")
    Path("ids.csv").write_text("handle\nann\n", encoding="utf-8")

    assert "--replace" in failed("import", "ids.csv", "--name", "ids")
    assert len(rows("ids")) == 2
    assert succeeded("import", "ids.csv", "--name", "ids", "--replace").strip() == dataset_id("ids")
    assert rows("ids") == [{"handle": "ann"}]


def test_a_description_belongs_to_a_new_dataset() -> None:
    words = ["import", "ids.csv", "--name", "ids", "--replace", "--description", "x"]
    succeeded(*words)

    assert "--description" in failed(*words, code=2)


def test_the_standard_input_can_be_imported() -> None:
    succeeded("import", "-", "--name", "ids", input=IDS)

    assert len(rows("ids")) == 2


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["--delimiter", ";"], "a;b\n1;2\n"),
        (["--delimiter", "tab"], "a\tb\n1\t2\n"),
        (["--delimiter", "\\t"], "a\tb\n1\t2\n"),
        (["--columns", "a,b"], "1,2\n"),
    ],
)
def test_other_dialects_can_be_imported(words: list[str], text: str) -> None:
    Path("other.csv").write_text(text, encoding="utf-8")
    succeeded("import", "other.csv", "--name", "other", *words)

    assert rows("other") == [{"a": "1", "b": "2"}]


CASES: dict[str, tuple[str, list[dict[str, str]]]] = {
    "semicolons": (
        "user_id;name\r\n12;a\r\n2244994946;b\r\n",
        [{"user_id": "12", "name": "a"}, {"user_id": "2244994946", "name": "b"}],
    ),
    "line of Excel": ("sep=;\r\nuser_id;name\r\n12;a\r\n", [{"user_id": "12", "name": "a"}]),
    "blank in a name": (
        "user_id ,name\r\n12 ,a\r\n 2244994946\t,b\r\n",
        [{"user_id": "12 ", "name": "a"}, {"user_id": " 2244994946\t", "name": "b"}],
    ),
    "ids kept whole by a formula": (
        'user_id,name\r\n"=""1214820332314624000""",a\r\n="12",b\r\n',
        [{"user_id": '="1214820332314624000"', "name": "a"}, {"user_id": '="12"', "name": "b"}],
    ),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_what_spreadsheets_write_is_imported(text: str, expected: list[dict[str, str]]) -> None:
    Path("list.csv").write_text(text, encoding="utf-8", newline="")
    succeeded("import", "list.csv", "--name", "list")

    assert rows("list") == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@NorthwindTea\n@founder\n", "column 1 holds a handle"),
        ("https://x.com/NorthwindTea\n", "column 1 holds a web address"),
        ("2244994946\n", "column 1 holds a number"),
        ("id\n12;a\n", "--delimiter"),
        ("user_id,\n12,\n", "column 2 has no name"),
    ],
    ids=["handle", "address", "number", "delimiter", "blank name"],
)
def test_a_file_that_would_be_misread_is_refused(text: str, said: str) -> None:
    Path("list.csv").write_text(text, encoding="utf-8")

    told = failed("import", "list.csv", "--name", "list")
    assert told.startswith("Error: list.csv: ")
    assert said in told
    assert told.count("\n") == 1
    assert not Path("datasets").exists()


def test_names_that_look_like_data_can_be_insisted_on() -> None:
    Path("years.csv").write_text("2023,2024\n1,2\n", encoding="utf-8")
    succeeded("import", "years.csv", "--name", "years", "--header")

    assert rows("years") == [{"2023": "1", "2024": "2"}]


def test_other_encodings_can_be_imported() -> None:
    Path("unicode.txt").write_bytes("id\tname\r\n12\tÄnn\r\n".encode("utf-16"))
    Path("windows.csv").write_bytes("id;name\r\n12;Änn\r\n".encode("cp1252"))
    succeeded("import", "unicode.txt", "--name", "unicode")
    succeeded("import", "windows.csv", "--name", "windows", "--encoding", "cp1252")

    assert rows("unicode") == rows("windows") == [{"id": "12", "name": "Änn"}]
    assert "--encoding" in failed("import", "windows.csv", "--name", "again")


def test_a_pipe_can_be_imported(here: Path) -> None:
    os.mkfifo("pipe")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(Path("pipe").write_text, IDS, encoding="utf-8")
        succeeded("import", "pipe", "--name", "ids")

    assert len(rows("ids")) == 2


@pytest.mark.parametrize("how", ["file", "other ending", "standard input"])
def test_a_workbook_can_be_imported(how: str) -> None:
    content = table(Path("ids.xlsx"), [["user_id", "n"], ["0012345678901234567", 12]]).read_bytes()
    Path("ids.download").write_bytes(content)
    names = {"file": "ids.xlsx", "other ending": "ids.download", "standard input": "-"}
    succeeded("import", names[how], "--name", "ids", input=content)

    assert rows("ids") == [{"user_id": "0012345678901234567", "n": "12"}]


def test_a_rounded_id_in_a_workbook_is_refused_by_its_cell() -> None:
    table(Path("ids.xlsx"), [["user_id"], [1214820332314624000]])

    told = failed("import", "ids.xlsx", "--name", "ids")
    assert told.startswith(
        "Error: ids.xlsx, sheet 'Sheet1': cell Sheet1!A2 holds a number of 16 digits"
    )
    assert told.count("\n") == 1
    assert list(open_store("./datasets").list()) == []


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("ids.csv", ["--sheet", "x"]),
        ("ids.xlsx", ["--delimiter", ";"]),
        ("ids.xlsx", ["--encoding", "utf-8"]),
    ],
    ids=str,
)
def test_an_option_for_another_kind_of_file_is_refused(file: str, words: list[str]) -> None:
    table(Path("ids.xlsx"), [["user_id"], ["12"]])

    assert f"Error: {file}: {words[0]} is for" in failed("import", file, "--name", "ids", *words)


def test_a_name_that_was_given_away_is_not_taken_twice() -> None:
    succeeded("import", "ids.csv", "--name", "ids")
    succeeded("rename", "ids", "people")

    assert "belongs to dataset 'people'" in failed("import", "ids.csv", "--name", "ids")
    assert len(rows("people")) == 2


def test_a_failed_import_leaves_nothing() -> None:
    Path("bad.csv").write_text("a,b\n1\n", encoding="utf-8")

    assert failed("import", "bad.csv", "--name", "bad").startswith("Error: bad.csv: ")
    assert list(open_store("./datasets").list()) == []


def test_a_failed_replacement_changes_nothing() -> None:
    succeeded("import", "ids.csv", "--name", "ids")
    Path("bad.csv").write_text("a,b\n1\n", encoding="utf-8")
    failed("import", "bad.csv", "--name", "ids", "--replace")

    assert len(rows("ids")) == 2
