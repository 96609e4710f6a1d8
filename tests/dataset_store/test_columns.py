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
        (["a\0b", "a\0c"], ["a_b", "a_c"]),
        (["", "column"], ["column_2", "column"]),
        ([""], ["column"]),
        (["ß", "SS"], ["ß", "SS_2"]),
    ],
    ids=[
        *("none", "fine", "case", "suffix taken", "backtick", "NUL", "no name", "alone"),
        "case folding",
    ],
)
def test_names_become_columns(names: list[str], columns: list[str]) -> None:
    assert list(column_names(names).values()) == columns


@pytest.mark.parametrize(
    ("names", "stored", "columns"),
    [
        (["Id", "id"], ["id", "Id_2"], ["Id_2", "id"]),
        (["D"], ["d"], ["D_2"]),
        (["D"], ["d", "D_2"], ["D_2"]),
        (["D"], ["d", "d_2"], ["D_3"]),
        (["d", "e"], ["d"], ["d", "e"]),
    ],
    ids=["other order", "newcomer", "known newcomer", "suffix taken", "fine"],
)
def test_names_become_columns_beside_those_that_are_stored(
    names: list[str], stored: list[str], columns: list[str]
) -> None:
    assert list(column_names(names, stored).values()) == columns


@given(*[st.lists(st.text("aAbB_23", min_size=1, max_size=4), unique=True)] * 2)
@settings(deadline=None)
def test_the_next_run_finds_the_columns_of_the_last(first: list[str], second: list[str]) -> None:
    stored = list(column_names(first).values())
    columns = column_names(second, stored)
    together = list(dict.fromkeys([*stored, *columns.values()]))

    assert len({name.casefold() for name in together}) == len(together)
    assert column_names(second, together) == columns


@given(st.lists(st.text("aAbB`_23ßS", max_size=4), min_size=1, unique=True))
@settings(deadline=None)
def test_the_columns_can_always_be_stored_and_stay(names: list[str]) -> None:
    columns = column_names(names)

    assert list(columns) == names
    check_columns(columns.values(), "any")
    assert column_names(columns.values()) == {name: name for name in columns.values()}


@pytest.mark.parametrize("names", [["a", "A"], ["a", "a"], [""], ["`"], ["a\0b"], []])
def test_other_names_are_refused(names: list[str]) -> None:
    with pytest.raises(SchemaConflictError, match=r"^Dataset posts: "):
        check_columns(names, "Dataset posts")
