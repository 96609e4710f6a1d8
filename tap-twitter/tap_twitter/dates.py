"""Report dates: days by date or counted back, and periods cut to what an API accepts.

All days are in UTC, like X's own.
"""

from __future__ import annotations

import calendar
import enum
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from tap_twitter.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ONE_DAY: Final = timedelta(days=1)


class DateType(enum.StrEnum):
    """How a setting gives a day: by its date, or as a number of days ago."""

    SPECIFIC = "specific"
    RELATIVE = "relative"


@dataclass(frozen=True, slots=True)
class DaySetting:
    """Three settings of one group that together give a day.

    Attributes:
        group: The group.
        type: The setting that decides which of the others is used.
        specific: The setting with a date, `YYYY-MM-DD`.
        days_back: The setting with a number of days before today.
    """

    group: str
    type: str
    specific: str
    days_back: str

    def is_specific(self, settings: Mapping[str, Any]) -> bool:
        """Whether the day is given by its date, so that it is the same in every run."""
        return self.kind(settings) is DateType.SPECIFIC

    def kind(self, settings: Mapping[str, Any]) -> DateType:
        """How the day is given: as set, or by its date if there is one."""
        if settings.get(self.type):
            return DateType(settings[self.type])
        return DateType.SPECIFIC if settings.get(self.specific) else DateType.RELATIVE

    def name(self, settings: Mapping[str, Any]) -> str:
        """The setting that gives the day, for error messages."""
        return f"{self.group}.{self.specific if self.is_specific(settings) else self.days_back}"

    def day(self, settings: Mapping[str, Any], today: date) -> date:
        """The day in the settings.

        Args:
            settings: Those of the group.
            today: The day to count back from, in UTC.

        Raises:
            SettingError: The date is missing, or is not a calendar date.
        """
        if not self.is_specific(settings):
            return today - timedelta(days=settings[self.days_back])
        text = settings.get(self.specific)
        if text is None:
            msg = (
                f"Setting '{self.group}.{self.type}' is '{DateType.SPECIFIC}', so set "
                f"'{self.name(settings)}' to a date such as 2026-07-01."
            )
            raise SettingError(msg)
        try:
            return date.fromisoformat(text)
        except ValueError:
            msg = f"Setting '{self.name(settings)}' is not a calendar date (YYYY-MM-DD)."
            raise SettingError(msg) from None


@dataclass(frozen=True, slots=True)
class Period:
    """A period of time in UTC; its end is exclusive."""

    start: datetime
    end: datetime

    @classmethod
    def of_days(cls, first: date, last: date) -> Period:
        """Whole days, the last one included; the calendar's last day has no end."""
        return cls(midnight(first), midnight(min(last, date.max - ONE_DAY)) + ONE_DAY)

    @property
    def is_empty(self) -> bool:
        """Whether it has no duration."""
        return self.end <= self.start

    def until(self, moment: datetime) -> Period:
        """The part before a moment; it may be empty."""
        return Period(self.start, min(self.end, moment))

    def since(self, moment: datetime) -> Period:
        """The part from a moment on; it may be empty."""
        return Period(max(self.start, moment), self.end)

    def windows(self, days: int) -> Iterator[Period]:
        """The period in parts of at most so many days, oldest first, without gap or overlap."""
        start = self.start
        while start < self.end:
            end = min(start + timedelta(days=days), self.end)
            yield Period(start, end)
            start = end


RELATIVE: Final = re.compile(
    r"(?P<count>[0-9]{1,5}|an?) (?P<unit>hour|day|week|month|year)s?(?: ago)?", re.ASCII
)
NAMED_DAYS: Final = {"today": 0, "yesterday": 1}


def start_of(text: str, now: datetime) -> datetime | None:
    """The moment in a setting: a date, a time in UTC, or an age; None if it is neither.

    Args:
        text: `2026-07-01`, `2026-07-01T00:00:00Z`, `yesterday`, `30 days ago`, `3 months ago`.
        now: The moment to count back from. Days, weeks, months and years start at midnight in
            UTC; if a month has no such day, its last one is used.
    """
    words = " ".join(text.lower().split())
    if words in NAMED_DAYS:
        return midnight(now.date()) - NAMED_DAYS[words] * ONE_DAY
    if not (found := RELATIVE.fullmatch(words)):
        return moment_of(text.strip())
    count, unit = int(found["count"]) if found["count"].isdecimal() else 1, found["unit"]
    try:
        if unit == "hour":
            return now - timedelta(hours=count)
        if unit in {"day", "week"}:
            return midnight(now.date()) - count * (7 if unit == "week" else 1) * ONE_DAY
        return midnight(months_before(now.date(), count * (12 if unit == "year" else 1)))
    except (OverflowError, ValueError):
        return None


def months_before(day: date, months: int) -> date:
    """The same day so many months before; the last one of a month that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def midnight(day: date) -> datetime:
    """The start of a day."""
    return datetime.combine(day, time(), UTC)


def hour_of(moment: datetime) -> datetime:
    """The start of the hour of a moment."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def stamp(moment: datetime) -> str:
    """A moment as X and Singer write it, to the second: `2026-07-01T00:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: Any) -> datetime | None:
    """The moment that X has written, in UTC; None if it is not one."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
