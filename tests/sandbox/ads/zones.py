"""Days and hours of an ads account's time zone, and times as requests write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """The days of a time zone.

    Attributes:
        zone: The time zone.
        fixed: The one offset that all days begin by; each its own where there is none.
    """

    zone: ZoneInfo
    fixed: timedelta | None = None

    def midnight(self, day: date) -> datetime:
        """When a day begins, in UTC."""
        zone = self.zone if self.fixed is None else timezone(self.fixed)
        return datetime.combine(day, time(), zone).astimezone(UTC)

    def day(self, moment: datetime) -> date:
        """The day that a moment lies on."""
        near = moment.astimezone(self.zone).date()
        days = (near + DAY, near, near - DAY)
        return next(day for day in days if self.midnight(day) <= moment)

    def is_midnight(self, moment: datetime) -> bool:
        """Whether a day begins at a moment."""
        return self.midnight(self.day(moment)) == moment

    def days(self, start: datetime, end: datetime) -> list[date]:
        """The days that begin from one moment until before another one."""
        first = self.day(start)
        if not self.is_midnight(start):
            first += DAY
        count = (self.day(end) - first).days + (not self.is_midnight(end))
        return [first + n * DAY for n in range(max(0, count))]

    def length(self, start: datetime, end: datetime) -> timedelta:
        """The time between two moments by the clocks on the wall."""
        walls = [moment.astimezone(self.zone).replace(tzinfo=None) for moment in (start, end)]
        return walls[1] - walls[0]

    def is_whole_hour(self, moment: datetime) -> bool:
        """Whether an hour begins at a moment, in UTC or by the clocks on the wall.

        Which of them counts in zones that are off by half an hour is unconfirmed.
        """
        walls = (moment, moment.astimezone(self.zone))
        return any((wall.minute, wall.second, wall.microsecond) == (0, 0, 0) for wall in walls)


def hours(start: datetime, end: datetime) -> Iterator[datetime]:
    """The hours that begin from one moment until before another one."""
    while start < end:
        yield start
        start += HOUR


def read(text: str, calendar: Calendar) -> datetime:
    """A time of a request, in UTC: a bare date is that day's midnight in the account's time zone.

    Offsets are `Z`, `±HHMM`, `±HH:MM` or `±HH`.

    Raises:
        ValueError: If it is no such time.
    """
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return calendar.midnight(date.fromisoformat(text))
    if not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC)


def written(moment: datetime) -> str:
    """A moment as answers write it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
