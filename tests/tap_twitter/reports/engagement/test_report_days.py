from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from singer_plugin.settings import with_defaults
from tap_twitter.dates import stamp
from tap_twitter.errors import SettingError
from tap_twitter.reports.engagement.report_days import ReportDays, report_days
from tap_twitter.reports.engagement.settings import ENGAGEMENT

NOW = datetime(2026, 7, 15, 12, 34, 56, tzinfo=UTC)


def days_of(now: datetime = NOW, **given: Any) -> ReportDays:
    return report_days(with_defaults(ENGAGEMENT.to_dict(), given), now)


def test_ten_to_five_days_back_goes_from_ten_days_ago_up_until_five_days_ago() -> None:
    days = days_of(duration="range", days_back_to_start_from=10, days_back_to_end_at=5)
    assert (days.first, days.last) == (date(2026, 7, 5), date(2026, 7, 10))
    period = days.period(NOW)
    assert (stamp(period.start), stamp(period.end)) == (
        "2026-07-05T00:00:00Z",
        "2026-07-11T00:00:00Z",
    )


SPECIFIC = {"report_date": "specific"}


@pytest.mark.parametrize(
    ("settings", "first", "last"),
    [
        ({}, "2026-06-17", "2026-07-14"),
        ({"duration": "date"}, "2026-07-14", "2026-07-14"),
        ({"duration": "date", "days_back": 0}, "2026-07-15", "2026-07-15"),
        (
            {"duration": "date", **SPECIFIC, "specific_date": "2024-02-29"},
            "2024-02-29",
            "2024-02-29",
        ),
        (
            {
                "start_date_type": "specific",
                "specific_start_date": "2026-06-30",
                "end_date_type": "specific",
                "specific_end_date": "2026-07-01",
            },
            "2026-06-30",
            "2026-07-01",
        ),
        (
            {"start_date_type": "specific", "specific_start_date": "2026-01-01"},
            "2026-01-01",
            "2026-07-14",
        ),
        (
            {"end_date_type": "specific", "specific_end_date": "2026-06-17"},
            "2026-06-17",
            "2026-06-17",
        ),
        ({"specific_date": "2026-07-01"}, "2026-07-01", "2026-07-01"),
        ({"report_date": "relative"}, "2026-07-14", "2026-07-14"),
        ({"specific_end_date": "2026-06-20"}, "2026-06-17", "2026-06-20"),
        ({"duration": "range", "specific_date": "2026-07-01"}, "2026-06-17", "2026-07-14"),
        (
            {"specific_date": "2026-07-01", "specific_end_date": "2026-07-02"},
            "2026-06-17",
            "2026-07-02",
        ),
    ],
    ids=[
        "default",
        "date",
        "today",
        "leap day",
        "range",
        "open range",
        "relative start",
        "a date alone",
        "a report date alone",
        "an end alone",
        "a range all the same",
        "a date and a range",
    ],
)
def test_days_are_as_the_settings_say(settings: dict[str, Any], first: str, last: str) -> None:
    days = days_of(**settings)
    assert (days.first.isoformat(), days.last.isoformat()) == (first, last)
    keeps = settings.get("start_date_type") == "specific"
    assert days.keeps_start == keeps


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"start_date_type": "specific", "specific_start_date": "2026-07-16"},
            r"'engagement\.specific_start_date' is 2026-07-16, which is in the future",
        ),
        (
            {"duration": "date", **SPECIFIC, "specific_date": "2026-07-16"},
            r"'engagement\.specific_date' is 2026-07-16, which is in the future",
        ),
        (
            {"days_back_to_start_from": 5, "days_back_to_end_at": 10},
            r"'engagement\.days_back_to_start_from' \(2026-07-10\) and "
            r"'engagement\.days_back_to_end_at' \(2026-07-05\) are in the wrong order",
        ),
        (
            {"end_date_type": "specific", "specific_end_date": "2026-01-01"},
            r"'engagement\.specific_end_date' \(2026-01-01\) are in the wrong order",
        ),
        (
            {"start_date_type": "specific", "specific_start_date": "2014-08-31"},
            "counts start on 2014-09-01",
        ),
        ({"days_back_to_start_from": 36_500}, "counts start on 2014-09-01"),
    ],
    ids=["future range", "future date", "reversed", "reversed mix", "too early", "far back"],
)
def test_days_that_cannot_be_are_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        days_of(**settings)


@pytest.mark.parametrize(
    ("settings", "end"),
    [
        ({"days_back_to_end_at": 0}, "2026-07-15T12:00:00Z"),
        (
            {"end_date_type": "specific", "specific_end_date": "2030-01-01"},
            "2026-07-15T12:00:00Z",
        ),
        ({"days_back_to_end_at": 1}, "2026-07-15T00:00:00Z"),
    ],
    ids=["today", "years ahead", "yesterday"],
)
def test_a_range_ends_with_the_last_hour_that_is_over(settings: dict[str, Any], end: str) -> None:
    days = days_of(**settings)
    assert stamp(days.period(NOW).end) == end
    assert days.last_closed(NOW) == date(2026, 7, 14)


def test_today_has_no_hours_yet_in_its_first_one() -> None:
    now = datetime(2026, 7, 15, 0, 59, tzinfo=UTC)
    assert days_of(now, duration="date", days_back=0).period(now).is_empty
