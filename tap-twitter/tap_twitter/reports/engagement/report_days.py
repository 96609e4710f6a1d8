"""The days of the report `historical_engagement`, from its settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.dates import ONE_DAY, DaySetting, Period, hour_of
from tap_twitter.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

GROUP: Final = "engagement"
DATE: Final = "date"
RANGE: Final = "range"

REPORT_DATE: Final = DaySetting(GROUP, "report_date", "specific_date", "days_back")
START: Final = DaySetting(
    GROUP, "start_date_type", "specific_start_date", "days_back_to_start_from"
)
END: Final = DaySetting(GROUP, "end_date_type", "specific_end_date", "days_back_to_end_at")

FIRST_DAY: Final = date(2014, 9, 1)
"""X's counts by day start here (its reference page; another page says a year ago)."""


@dataclass(frozen=True, slots=True)
class ReportDays:
    """The days of a report, both inclusive; the last ones may be in the future.

    Attributes:
        first: Its first day.
        last: Its last day.
        keeps_start: Whether every run's report starts on the same day.
    """

    first: date
    last: date
    keeps_start: bool

    @property
    def label(self) -> str:
        """What identifies a report of these days."""
        return f"{self.first}/{self.last}"

    def period(self, now: datetime) -> Period:
        """The part that X has counted: up to the current hour, which is not over."""
        return Period.of_days(self.first, self.last).until(hour_of(now))

    def last_closed(self, now: datetime) -> date:
        """The last day of the report that is over."""
        return min(self.last, now.date() - ONE_DAY)


def duration(settings: Mapping[str, Any]) -> str:
    """Whether the report is of one date or of a range: as set, or as the other settings imply."""
    if settings.get("duration"):
        return str(settings["duration"])
    of_range = (START.type, START.specific, END.type, END.specific)
    is_range = any(settings.get(name) for name in of_range)
    is_date = settings.get(REPORT_DATE.type) or settings.get(REPORT_DATE.specific)
    return DATE if is_date and not is_range else RANGE


def report_days(settings: Mapping[str, Any], now: datetime) -> ReportDays:
    """Read the days of the report.

    Args:
        settings: Those of the group `engagement`.
        now: In UTC; days are counted back from its day.

    Raises:
        SettingError: The days are in the future, before X's counts, or in the wrong order.
    """
    is_range = duration(settings) == RANGE
    first_setting, last_setting = (START, END) if is_range else (REPORT_DATE, REPORT_DATE)
    today = now.date()
    first, last = first_setting.day(settings, today), last_setting.day(settings, today)
    where = first_setting.name(settings)
    if first > today:
        msg = f"Setting '{where}' is {first}, which is in the future: X has counted nothing yet."
        raise SettingError(msg)
    if first < FIRST_DAY:
        msg = f"Setting '{where}' is {first}: X's counts start on {FIRST_DAY}."
        raise SettingError(msg)
    if last < first:
        msg = (
            f"Settings '{where}' ({first}) and '{last_setting.name(settings)}' ({last}) are in the "
            "wrong order: a range ends on the day on which it starts, or later."
        )
        raise SettingError(msg)
    return ReportDays(first, last, is_range and first_setting.is_specific(settings))
