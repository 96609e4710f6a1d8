from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataset_store import SchemaConflictError
from dataset_store.columns import check_columns, column_names


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        ([], []),
        (["id", "Name", "été"], ["id", "Name", "été"]),
        (["id", "ID", "Id"], ["id", "ID_2", "Id_3"]),
        (["id", "ID", "id_2"], ["id", "ID_3", "id_2"]),
        (["a`b", "a_b"], ["a_b_2", "a_b"]),
        (["", "column"], ["column_2", "column"]),
        ([""], ["column"]),
        (["ß", "SS"], ["ß", "SS_2"]),
    ],
    ids=["none", "fine", "case", "suffix taken", "backtick", "no name", "alone", "case folding"],
)
def test_names_become_columns(names: list[str], columns: list[str]) -> None:
    assert list(column_names(names).values()) == columns


@given(st.lists(st.text("aAbB`_23ßS", max_size=4), min_size=1, unique=True))
@settings(deadline=None)
def test_the_columns_can_always_be_stored_and_stay(names: list[str]) -> None:
    columns = column_names(names)

    assert list(columns) == names
    check_columns(columns.values(), "any")
    assert column_names(columns.values()) == {name: name for name in columns.values()}


@pytest.mark.parametrize("names", [["a", "A"], ["a", "a"], [""], ["`"], []])
def test_other_names_are_refused(names: list[str]) -> None:
    with pytest.raises(SchemaConflictError, match=r"^Dataset posts: "):
        check_columns(names, "Dataset posts")
