from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_twitter.reports.user_reference import (
    HANDLE,
    ID,
    ColumnKind,
    Kind,
    Reference,
    is_rounded,
    parse,
    query_value,
)

IDS, HANDLES, MIXED = ColumnKind.IDS, ColumnKind.HANDLES, ColumnKind.MIXED


@pytest.mark.parametrize(
    ("text", "column", "kind", "value"),
    [
        ("2244994945", IDS, Kind.ID, "2244994945"),
        ("  2244994945\t", IDS, Kind.ID, "2244994945"),
        ("\ufeff2244994945\u200b", IDS, Kind.ID, "2244994945"),
        ("\u2060 @Ann\u200d\n", IDS, Kind.USERNAME, "ann"),
        ("007", IDS, Kind.ID, "7"),
        ("9999999999999999999", IDS, Kind.ID, "9999999999999999999"),
        ("12345678901234567890", IDS, Kind.INVALID, "12345678901234567890"),
        ("0", IDS, Kind.INVALID, "0"),
        ("-5", IDS, Kind.INVALID, "-5"),
        ("١٢٣", IDS, Kind.INVALID, "١٢٣"),
        ("Ann", IDS, Kind.INVALID, "Ann"),
        ("n/a", IDS, Kind.INVALID, "n/a"),
        ("@Ann", IDS, Kind.USERNAME, "ann"),
        ("https://x.com/Ann", IDS, Kind.USERNAME, "ann"),
        ("https://x.com/i/user/12", IDS, Kind.ID, "12"),
        ("Ann_B", HANDLES, Kind.USERNAME, "ann_b"),
        ("12345", HANDLES, Kind.USERNAME, "@12345"),
        ("@12345", HANDLES, Kind.USERNAME, "@12345"),
        ("1234567890123456789", HANDLES, Kind.INVALID, "@1234567890123456789"),
        ("sixteen_letters_", HANDLES, Kind.INVALID, "sixteen_letters_"),
        ("Ann B", HANDLES, Kind.INVALID, "Ann B"),
        ("é", HANDLES, Kind.INVALID, "é"),
        ("12345", MIXED, Kind.ID, "12345"),
        ("Ann", MIXED, Kind.USERNAME, "ann"),
        ("http://twitter.com/Ann/", MIXED, Kind.USERNAME, "ann"),
        ("www.twitter.com/@Ann?lang=en", MIXED, Kind.USERNAME, "ann"),
        ("mobile.twitter.com/ann#top", MIXED, Kind.USERNAME, "ann"),
        ("https://x.com/ann/status/1", MIXED, Kind.INVALID, "https://x.com/ann/status/1"),
        ("https://example.com/ann", MIXED, Kind.INVALID, "https://example.com/ann"),
        ("@", MIXED, Kind.INVALID, "@"),
    ],
)
def test_a_value_is_read_by_its_column_and_its_form(
    text: str, column: ColumnKind, kind: Kind, value: str
) -> None:
    assert parse(text, column) == Reference(kind, value)


@pytest.mark.parametrize("text", ["", "   ", "\t\n", "\ufeff", "\u200b \u2060"])
def test_blank_values_ask_for_nobody(text: str) -> None:
    assert parse(text, MIXED) is None


@pytest.mark.parametrize(
    "text", ["1.23E+18", "1,23E+18", "1.2e18", "12345.0", "9E+17", "\ufeff1.2e18"]
)
def test_floats_are_known_as_rounded(text: str) -> None:
    assert is_rounded(text, IDS)
    assert is_rounded(text, MIXED)
    assert not is_rounded(text, HANDLES)


@pytest.mark.parametrize("text", ["1e10", "9E17"])
def test_a_float_that_may_be_a_handle_is_one_where_handles_may_stand(text: str) -> None:
    assert is_rounded(text, IDS)
    assert not is_rounded(text, MIXED)
    assert parse(text, MIXED) == Reference(Kind.USERNAME, text.lower())


@pytest.mark.parametrize("column", ColumnKind)
@pytest.mark.parametrize("text", ["123", "ann", "e12", "12E5x", "1.2.3", "x.com/ann", "1,5"])
def test_other_texts_are_not_rounded(text: str, column: ColumnKind) -> None:
    assert not is_rounded(text, column)


@given(st.text(), st.sampled_from(ColumnKind))
def test_what_is_sent_to_x_always_has_the_form_x_asks_for(text: str, column: ColumnKind) -> None:
    reference = parse(text, column)
    if reference and reference.kind is Kind.ID:
        assert ID.fullmatch(query_value(reference))
    if reference and reference.kind is Kind.USERNAME:
        assert HANDLE.fullmatch(query_value(reference))


@given(st.text(), st.sampled_from(ColumnKind))
def test_a_requested_id_means_the_same_when_it_is_read_again(text: str, column: ColumnKind) -> None:
    reference = parse(text, column)
    if reference and reference.kind is not Kind.INVALID:
        assert parse(reference.value, MIXED) == reference
