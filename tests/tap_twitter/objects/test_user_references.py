from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_twitter.objects.pasted_text import cleaned
from tap_twitter.objects.user_references import (
    HANDLE,
    ID,
    ColumnKind,
    Kind,
    Reference,
    is_lost,
    parse,
    plain_name,
    query_value,
    why_invalid,
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
        ("https://x.com/ann/status/1", MIXED, Kind.USERNAME, "ann"),
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


def rounded(text: str, column: ColumnKind) -> bool:
    return is_lost(cleaned(text), column)


@pytest.mark.parametrize(
    "text",
    ["1.23E+18", "1,23E+18", "1.2e18", "12345.0", "9E+17", "\ufeff1.2e18", "7.9155723368987E+017",
     "1E+5", "1.E+18", '="1.23E+18"', "'1.23E+18", "1.5e5", "\u200e1.23E+18\u200f"],
)  # fmt: skip
def test_floats_are_known_as_rounded(text: str) -> None:
    assert rounded(text, IDS)
    assert rounded(text, MIXED)
    assert not rounded(text, HANDLES)


@pytest.mark.parametrize("text", ["1e10", "9E17", "1e5", "12E001"])
def test_a_float_that_may_be_a_handle_is_one_where_handles_may_stand(text: str) -> None:
    assert rounded(text, IDS)
    assert not rounded(text, MIXED)
    assert parse(text, MIXED) == Reference(Kind.USERNAME, text.lower())


@pytest.mark.parametrize("column", ColumnKind)
@pytest.mark.parametrize("text", ["123", "ann", "e12", "12E5x", "1.2.3", "x.com/ann", "1,5"])
def test_other_texts_are_not_rounded(text: str, column: ColumnKind) -> None:
    assert not rounded(text, column)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('="12"', "12"),
        ("=12", "12"),
        ('= "12"', "12"),
        ("'12", "12"),
        ("'12'", "12"),
        ('"12"', "12"),
        ("\u201c12\u201d", "12"),
        ("12,", "12"),
        ("12;", "12"),
        ("\xa012\u3000", "12"),
        ("\u206612\u2069", "12"),
        ("1\u200b2", "12"),
        ("1\xad2", "12"),
        ("\uff11\uff12", "12"),
        ("(12)", "12"),
        ("...", "..."),
        ("=", "="),
        ('=""', ""),
    ],
    ids=ascii,
)
def test_what_stands_around_a_value_is_taken_away(text: str, value: str) -> None:
    assert cleaned(text) == value


@pytest.mark.parametrize(
    "text",
    ["\u2066@founder\u2069", "\u202afounder\u202c", "\u200efounder", "founder\u200f",
     "foun\xadder", "\uff20founder", "<https://x.com/founder>", "https://x.com/founder,",
     "@founder:", "'@founder", '="founder"', "https://twitter.com/#!/founder",
     "https://m.twitter.com/founder", "https://mobile.twitter.com/founder", "//x.com/founder",
     "HTTPS://WWW.X.COM/FOUNDER", "https://x.com/founder/with_replies", "https://x.com/%40founder",
     "https://x.com/founder/status/20?s=20", "https://x.com/founder/photo", "https://x.com//founder",
     "https://twitter.com/intent/user?screen_name=founder", "twitter://user?screen_name=founder",
     "https://twitter.com/intent/follow?original_referer=a&screen_name=@founder"],
    ids=ascii,
)  # fmt: skip
@pytest.mark.parametrize("column", ColumnKind)
def test_a_handle_is_found_in_whatever_form(text: str, column: ColumnKind) -> None:
    if column is IDS and cleaned(text) == "founder":
        assert parse(text, column) == Reference(Kind.INVALID, "founder")
    else:
        assert parse(text, column) == Reference(Kind.USERNAME, "founder")


@pytest.mark.parametrize(
    "text",
    ["https://twitter.com/intent/user?user_id=12", "x.com/i/user/12/", "twitter://user?id=12",
     "https://x.com/intent/follow?screen_name=other&user_id=012", "twitter.com/I/User/12?s=1",
     "https://twitter.com/account/redirect_by_id?id=12"],
)  # fmt: skip
@pytest.mark.parametrize("column", ColumnKind)
def test_an_id_is_found_in_an_address(text: str, column: ColumnKind) -> None:
    assert parse(text, column) == Reference(Kind.ID, "12")


@pytest.mark.parametrize(
    "path",
    ["home", "search?q=tea", "search", "i", "i/lists/12", "i/status/20", "i/web/status/20",
     "intent/user", "intent/user?user_id=", "intent/user?user_id=0", "explore", "settings/account",
     "messages", "notifications", "hashtag/tea", "", "?lang=en", "i/user/x", "i/user/0", "Home",
     "sixteen_letters_", "an%20n", "#founder", "i/user/12/x"],
)  # fmt: skip
@pytest.mark.parametrize("column", ColumnKind)
def test_other_addresses_of_x_name_nobody(path: str, column: ColumnKind) -> None:
    text = f"https://x.com/{path}"
    assert parse(text, column) == Reference(Kind.INVALID, text)
    assert why_invalid(text) == "An address of X that names no user."


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("0", "0 is no user id: ids of X begin at 1."),
        ("000", "0 is no user id: ids of X begin at 1."),
        ("12345678901234567890", "A number of more than 19 digits is no user id of X."),
        ("sixteen_letters_", "A handle of X has at most 15 characters."),
        ("@1234567890123456", "A handle of X has at most 15 characters."),
        ("https://nitter.net/founder", "An address that is not X's."),
        ("1.23E+18", "A float such as 1.23E+18 has lost the last digits of the id."),
        ("n/a", "Neither a user id of X (1 to 19 digits) nor a handle (1 to 15 letters, digits, _)."),
    ],
)  # fmt: skip
def test_a_row_says_why_its_value_is_no_user(value: str, reason: str) -> None:
    assert why_invalid(value) == reason


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        *((name, IDS) for name in ("user_id", "User ID", "USER-ID", " userId ", "twitter_id",
                                   "Twitter User ID", "id", "\ufeffuser_id", "Author Id", "User IDs", "ids")),
        *((name, HANDLES) for name in ("@handle", "Twitter Username", "twitter handle", "X Handle",
                                       "Screen-Name", "username", "Twitter Screen Name", "Handles")),
        *((name, MIXED) for name in ("Twitter", "twitter_url", "Twitter / X", "who", "name")),
    ],
)  # fmt: skip
def test_a_column_is_known_by_its_name(column: str, kind: ColumnKind) -> None:
    assert ColumnKind.of(column) is kind
    assert plain_name(column).isalnum()


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
