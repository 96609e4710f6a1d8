from __future__ import annotations

from typing import Any

import pytest

from tap_twitter.errors import SettingError
from tap_twitter.reports.engagement.tweet_references import tweet_ids


@pytest.mark.parametrize(
    "reference",
    [
        "20",
        20,
        "020",
        " 20 ",
        "https://x.com/jack/status/20",
        "https://twitter.com/jack/status/20?s=46&t=abc",
        "http://www.twitter.com/jack/statuses/20/",
        "https://mobile.twitter.com/jack/status/20/photo/1",
        "x.com/i/web/status/20",
        "https://X.com/i/status/20#top",
        "https://m.twitter.com/#!/jack/status/20",
        "<https://x.com/jack/status/20>",
        '="20"',
        "'20",
        "\u206820\u2069",
    ],
    ids=str,
)
def test_ids_and_addresses_are_read(reference: Any) -> None:
    assert tweet_ids([reference]) == ("20",)


@pytest.mark.parametrize(
    "text", ["20, 21 22", "20;21\n22", "20,20 21,https://x.com/a/status/22,"], ids=repr
)
def test_a_text_holds_several(text: str) -> None:
    assert tweet_ids(text) == ("20", "21", "22")


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "0",
        -20,
        "9223372036854775808",
        "https://x.com/jack",
        "https://example.com/jack/status/20",
        "https://x.com.example.com/jack/status/20",
        "٢٠",
    ],
    ids=repr,
)
def test_what_names_no_post_is_named_by_its_place(reference: Any) -> None:
    with pytest.raises(SettingError, match=r"'engagement\.tweets\[1\]' is neither"):
        tweet_ids(["20", reference])


@pytest.mark.parametrize("reference", ["1.23E+18", "7.9E+017", "1e5", '="1,23E+18"'], ids=repr)
def test_a_float_has_lost_its_digits(reference: str) -> None:
    with pytest.raises(SettingError, match=r"'engagement\.tweets\[1\]' is not a post: a float"):
        tweet_ids(["20", reference])


def test_rounded_ids_are_refused(caplog: pytest.LogCaptureFixture) -> None:
    rounded = ["1294030472427830000", "1214820332314620000"]
    with pytest.raises(SettingError, match="2 of 2 long ids end in zeros"):
        tweet_ids(rounded)
    address = f"https://x.com/i/status/{rounded[1]}"
    assert tweet_ids([rounded[0], address]) == tuple(rounded)
    assert "1 of 1 long ids end in zeros" in caplog.text


@pytest.mark.parametrize("value", [None, [], "", " , "], ids=repr)
def test_none_at_all_is_an_error(value: Any) -> None:
    with pytest.raises(SettingError, match="names no posts"):
        tweet_ids(value)


def test_a_hundred_are_the_most() -> None:
    hundred = [str(number) for number in range(1, 101)]
    assert tweet_ids([*hundred, *hundred]) == tuple(hundred)
    with pytest.raises(SettingError, match="at most 100 posts; it has 101"):
        tweet_ids([*hundred, "101"])
