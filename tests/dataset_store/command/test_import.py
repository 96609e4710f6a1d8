"""`dataset import`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dataset_command import IDS, failed, rows, succeeded

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


def test_a_failed_import_leaves_nothing() -> None:
    Path("bad.csv").write_text("a,b\n1\n", encoding="utf-8")

    assert failed("import", "bad.csv", "--name", "bad").startswith("Error: bad.csv: ")
    assert list(open_store("./datasets").list()) == []


def test_a_failed_replacement_changes_nothing() -> None:
    succeeded("import", "ids.csv", "--name", "ids")
    Path("bad.csv").write_text("a,b\n1\n", encoding="utf-8")
    failed("import", "bad.csv", "--name", "ids", "--replace")

    assert len(rows("ids")) == 2
