"""A first line names the columns, or is refused."""

from __future__ import annotations

import pytest

from dataset_store.errors import FileFormatError
from dataset_store.headers import checked_names, column_names


@pytest.mark.parametrize(
    "cell",
    [
        "user_id ",
        " user_id\t",
        "\ufeffuser_id",
        "\u00a0user_id\u00a0",
        "\u200buser_id\u200e",
        " \ufeff user_id\n",
    ],
    ids=ascii,
)
def test_names_are_trimmed(cell: str) -> None:
    assert column_names([cell, "inner  blank"], "f") == ("user_id", "inner  blank")


DATA = {
    "a number": ["12", " 2244994945 ", "-1", "1.5", "1,5", "1.23E+18", '="12"', "'12", "١٢"],
    "a handle": ["@NorthwindTea", " @founder", "@a_1", "@" + "x" * 30],
    "a web address": [
        "https://x.com/a",
        "HTTP://twitter.com/a",
        "x.com/a",
        "www.twitter.com/a/status/1",
        "https://example.org",
    ],
}


@pytest.mark.parametrize("before", [[], ["name"]], ids=["first", "second"])
@pytest.mark.parametrize(("what", "cell"), [(what, cell) for what in DATA for cell in DATA[what]])
def test_data_is_no_name(what: str, cell: str, before: list[str]) -> None:
    with pytest.raises(
        FileFormatError, match=rf"column {len(before) + 1} holds {what}\. .*--columns"
    ) as told:
        column_names([*before, cell], "file.csv")
    assert cell.strip() not in str(told.value).replace("file.csv", "")


@pytest.mark.parametrize(
    "name",
    [
        "1. name",
        "2024-01",
        "id2",
        "50%",
        "a@b.org",
        "@",
        "e",
        "url https://x.com/a",
        "x.community",
        "№",
    ],
)
def test_what_only_resembles_data_is_a_name(name: str) -> None:
    assert column_names([name], "f") == (name,)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a", ""], "column 2 has no name"),
        (["\ufeff", "a"], "column 1 has no name"),
        (["a", "b", "a "], "columns 1 and 3 are both named 'a'"),
        (["a", "A"], "columns 1 and 2 are both named 'A'"),
        (["ß", "SS"], "both named"),
    ],
)
def test_names_that_columns_cannot_have_are_refused(names: list[str], said: str) -> None:
    with pytest.raises(FileFormatError, match=said):
        checked_names(names, "f")
