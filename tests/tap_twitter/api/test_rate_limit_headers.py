from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_twitter.api.limit_table import DAY_SECONDS, LIMITS, Action
from tap_twitter.api.rate_limit_headers import MARGIN_SECONDS, retry_after, windows

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


def test_each_kind_is_recognised_by_something_of_its_own() -> None:
    signs = [sign for limit in LIMITS for sign in (limit.headers, *limit.marks.split()) if sign]
    assert len(signs) == len(set(signs))
    assert sum(not (limit.headers or limit.marks) for limit in LIMITS) == 1
    assert all(bool(limit.marks) == (limit.action is Action.END) for limit in LIMITS)


@pytest.mark.parametrize(
    ("given_headers", "expected"),
    [
        ({"x-rate-limit-remaining": "7"}, {"15-minute limit": (7, None)}),
        (
            {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(EPOCH + 60)},
            {"15-minute limit": (0, 60)},
        ),
        (
            {"x-rate-limit-remaining": "-1", "x-rate-limit-reset": str(EPOCH + 60)},
            {},
        ),
        (
            {"x-rate-limit-remaining": "2", "x-app-limit-24hour-remaining": "1"},
            {"15-minute limit": (2, None), "24-hour limit of the app": (1, None)},
        ),
        (
            {"x-user-limit-24hour-remaining": "0", "x-user-limit-24hour-reset": f"{EPOCH + 9000}"},
            {"24-hour limit of the user": (0, 9000)},
        ),
        (
            {"x-rate-limit-remaining": "0", "x-account-rate-limit-remaining": "5"},
            {"limit of the ads account": (5, None)},
        ),
        (
            {"x-rate-limit-remaining": "9", "x-cost-rate-limit-remaining": "3"},
            {"15-minute limit": (9, None), "limit on the cost of analytics": (3, None)},
        ),
        ({"x-per-minute-limit": "60", "x-per-minute-remaining": "0"}, {"limit per minute": (0, 60)}),
        ({"x-rate-limit-remaining": "many", "x-rate-limit-reset": "soon"}, {}),
        ({"x-rate-limit-reset": str(EPOCH + 60)}, {}),
        ({}, {}),
    ],
    ids=[
        "no-reset",
        "used-up",
        "negative",
        "app-day",
        "user-day",
        "ads-account",
        "ads-cost",
        "minute",
        "garbage",
        "no-remaining",
        "none",
    ],
)  # fmt: skip
def test_headers_tell_of_the_windows_of_their_kind(
    given_headers: dict[str, str], expected: dict[str, tuple[int, float | None]]
) -> None:
    found = {
        each.limit.name: (
            each.remaining,
            None if each.ends_at is None else each.ends_at - EPOCH - MARGIN_SECONDS,
        )
        for each in windows(given_headers, NOW)
    }
    assert found == expected


def test_a_refusal_that_tells_no_more_than_the_end_has_nothing_left() -> None:
    (window,) = windows({"x-rate-limit-reset": str(EPOCH + 60)}, NOW, refused=True)
    assert window.remaining == 0


def test_answers_of_one_window_count_whatever_order_they_come_in() -> None:
    told = [
        windows({"x-rate-limit-remaining": left, "x-rate-limit-reset": str(reset)}, NOW)[0]
        for left, reset in (("4", EPOCH + 9), ("6", EPOCH + 9), ("8", EPOCH + 99))
    ]
    assert told[1].after(told[0]).remaining == 4
    assert told[2].after(told[0]).remaining == 8
    assert told[0].after(None) is told[0]


@given(
    st.dictionaries(
        st.sampled_from(
            [f"{limit.headers}{name}" for limit in LIMITS for name in ("remaining", "reset")]
            + ["date", "retry-after"]
        ),
        st.text(max_size=30)
        | st.integers().map(str)
        | st.integers(EPOCH - 100_000, EPOCH + 100_000).map(str)
        | st.datetimes().map(lambda moment: format_datetime(moment.replace(tzinfo=UTC))),
    ),
    st.booleans(),
)
def test_whatever_headers_say_no_window_is_longer_than_a_day(
    headers: dict[str, str], refused: bool
) -> None:
    for window in windows(headers, NOW, refused=refused):
        assert window.remaining >= 0
        assert 0 <= window.seconds_closed(EPOCH) <= DAY_SECONDS + MARGIN_SECONDS
    assert 0 <= retry_after(headers, NOW) <= DAY_SECONDS


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30", 30),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("-5", 0),
        ("9999999999", 0),
        ("soon", 0),
        (None, 0),
    ],
)
def test_the_time_that_an_answer_asks_for(text: str | None, seconds: float) -> None:
    assert retry_after({"retry-after": text} if text else {}, NOW) == seconds
