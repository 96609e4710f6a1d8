from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_twitter.dates import (
    ONE_DAY,
    DaySetting,
    Period,
    hour_of,
    midnight,
    moment_of,
    stamp,
    start_of,
)
from tap_twitter.errors import SettingError

SETTING = DaySetting("engagement", "start_date_type", "specific_start_date", "days_back")
DAYS = st.dates(date(2014, 9, 1), date(2040, 1, 1))


@pytest.mark.parametrize(
    ("today", "days_back", "day"),
    [
        (date(2026, 7, 15), 0, date(2026, 7, 15)),
        (date(2026, 7, 15), 10, date(2026, 7, 5)),
        (date(2026, 3, 1), 1, date(2026, 2, 28)),
        (date(2024, 3, 1), 1, date(2024, 2, 29)),
        (date(2026, 1, 1), 1, date(2025, 12, 31)),
        (date(2025, 2, 28), 365, date(2024, 2, 29)),
    ],
    ids=["today", "ten back", "month end", "leap day", "year end", "a year to a leap day"],
)
def test_days_are_counted_back(today: date, days_back: int, day: date) -> None:
    assert SETTING.day({"start_date_type": "relative", "days_back": days_back}, today) == day


def test_a_specific_day_does_not_depend_on_today() -> None:
    settings = {"start_date_type": "specific", "specific_start_date": "2024-02-29", "days_back": 3}
    assert SETTING.day(settings, date(2026, 7, 15)) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "'engagement.start_date_type' is 'specific', so set 'engagement.specific_start_date'"),
        ({"specific_start_date": "2026-02-29"}, "specific_start_date' is not a calendar date"),
    ],
    ids=["missing", "no leap year"],
)
def test_a_specific_day_that_is_none_is_named(given: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        SETTING.day({"start_date_type": "specific", **given}, date(2026, 7, 15))


@pytest.mark.parametrize(
    ("last", "lengths"),
    [
        (date(2026, 7, 1), [1]),
        (date(2026, 7, 27), [27]),
        (date(2026, 7, 28), [28]),
        (date(2026, 7, 29), [28, 1]),
        (date(2026, 9, 28), [28, 28, 28, 6]),
    ],
    ids=["a day", "27 days", "28 days", "29 days", "90 days"],
)
def test_windows_are_as_long_as_they_may_be(last: date, lengths: list[int]) -> None:
    windows = Period.of_days(date(2026, 7, 1), last).windows(28)
    assert [(window.end - window.start).days for window in windows] == lengths


@given(first=DAYS, days=st.integers(0, 400), size=st.integers(1, 60), cut=st.integers(0, 9600))
def test_windows_cover_a_period_exactly_once(first: date, days: int, size: int, cut: int) -> None:
    whole = Period.of_days(first, first + timedelta(days=days))
    period = whole.until(midnight(first) + timedelta(hours=cut))
    windows = list(period.windows(size))
    assert all(timedelta() < each.end - each.start <= size * ONE_DAY for each in windows)
    assert all(one.end == other.start for one, other in itertools.pairwise(windows))
    if period.is_empty:
        assert not windows
    else:
        assert (windows[0].start, windows[-1].end) == (period.start, period.end)


def test_a_period_is_cut_at_both_ends() -> None:
    period = Period.of_days(date(2026, 7, 1), date(2026, 7, 2))
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert period.until(noon) == Period(midnight(date(2026, 7, 1)), noon)
    assert period.since(noon) == Period(noon, midnight(date(2026, 7, 3)))
    assert period.since(midnight(date(2026, 7, 3))).is_empty
    assert period.until(midnight(date(2026, 6, 1))).is_empty


def test_moments_are_told_in_utc() -> None:
    moment = datetime(2026, 7, 1, 1, 59, 59, tzinfo=timezone(timedelta(hours=2)))
    assert stamp(moment) == "2026-06-30T23:59:59Z"
    assert stamp(hour_of(moment)) == "2026-06-30T23:00:00Z"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-07-01T00:00:00Z", datetime(2026, 7, 1, tzinfo=UTC)),
        ("2026-07-01T02:00:00+02:00", datetime(2026, 7, 1, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 7, 1, tzinfo=UTC)),
        ("yesterday", None),
        (None, None),
        (20260701, None),
    ],
    ids=str,
)
def test_moments_of_x_are_read(text: Any, moment: datetime | None) -> None:
    assert moment_of(text) == moment


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("2026-07-01", "2026-07-01T00:00:00Z"),
        (" 2026-07-01T06:00:00Z ", "2026-07-01T06:00:00Z"),
        ("yesterday", "2026-05-30T00:00:00Z"),
        ("Today", "2026-05-31T00:00:00Z"),
        ("30 days ago", "2026-05-01T00:00:00Z"),
        ("1 day ago", "2026-05-30T00:00:00Z"),
        ("a week ago", "2026-05-24T00:00:00Z"),
        ("3 months ago", "2026-02-28T00:00:00Z"),
        ("12  Months ago", "2025-05-31T00:00:00Z"),
        ("2 years", "2024-05-31T00:00:00Z"),
        ("an hour ago", "2026-05-31T11:30:00Z"),
        ("99999 years ago", None),
        ("3 moons ago", None),
        ("2026-02-30", None),
    ],
)
def test_a_start_may_be_so_long_ago(text: str, start: str | None) -> None:
    found = start_of(text, datetime(2026, 5, 31, 12, 30, tzinfo=UTC))
    assert (found and stamp(found)) == start
