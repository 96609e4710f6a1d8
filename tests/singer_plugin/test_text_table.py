"""Tables of 80 columns, in which different names stay different."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from singer_plugin.text_table import WIDTH, aligned

HEADINGS = ("dataset", "written", "new", "rows now", "version")
FIGURES = ("1,000,000", "1,000,000", "12,000,000", "123,456,789")


def test_names_that_begin_alike_stay_different() -> None:
    names = ("Users lookup of direct_messages", "Users lookup of direct_messages_sent")
    heading, *rows = aligned([HEADINGS, *((name, *FIGURES) for name in names)])
    assert heading.startswith("dataset ")
    assert [row.splitlines() for row in rows] == [
        ["Users lookup of direct_messages    1,000,000  1,000,000  12,000,000  123,456,789"],
        [
            "Users lookup of direct_messages_   1,000,000  1,000,000  12,000,000  123,456,789",
            "sent",
        ],
    ]


def test_short_names_take_one_line() -> None:
    rows = list(aligned([HEADINGS, ("posts", *FIGURES)]))
    assert all("\n" not in row for row in rows)


@pytest.mark.parametrize("name", ["x" * 100, "表" * 40, "a_" * 40, "one two " * 10 + "three"])
def test_nothing_of_a_long_name_is_lost_and_lines_fit(name: str) -> None:
    table = list(aligned([HEADINGS, (name, *FIGURES)]))
    lines = [line for row in table for line in row.splitlines()]
    assert max(sum(2 if each == "表" else 1 for each in line) for line in lines) <= WIDTH
    first, *more = table[1].splitlines()
    begin = first[: first.index("1,000,000")].strip()
    assert re.sub(r"\s", "", begin + "".join(more)) == re.sub(r"\s", "", name)


@pytest.mark.parametrize("name", ["x" * 30 + " " * 60, " " * 60 + "x" * 30, "one two " * 12])
def test_blanks_at_the_ends_of_a_name_give_no_empty_line(name: str) -> None:
    table = list(aligned([HEADINGS, (name, *FIGURES)]))
    assert all(line.strip() for row in table for line in row.split("\n"))


@pytest.mark.timeout(10)
def test_a_name_of_many_lines_takes_no_time() -> None:
    row = list(aligned([HEADINGS, ("x" * 20_000, *FIGURES)]))[1]
    assert row.count("x") == 20_000


@given(st.lists(st.from_regex(r"[a-z](?:[a-z_ .]{0,60}[a-z])?", fullmatch=True), unique_by=lambda name: re.sub(r"\s", "", name), min_size=2, max_size=4))  # fmt: skip
def test_different_names_have_different_rows(names: list[str]) -> None:
    rows = list(aligned([HEADINGS, *((name, *FIGURES) for name in names)]))[1:]
    assert len(set(rows)) == len(names)
