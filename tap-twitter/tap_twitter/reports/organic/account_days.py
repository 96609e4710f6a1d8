"""The calendar days of an ads account, which begin at midnight in its time zone.

X reads a bare date of a request as exactly that midnight
(https://docs.x.com/x-ads-api/fundamentals/timezones), so requests name days by their dates alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from tap_twitter.dates import ONE_DAY
from tap_twitter.errors import AccountError
from tap_twitter.objects import snowflakes

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_ZONE: Final = (
    "X gives no time zone for this ads account that this machine knows, so that its days are "
    "unknown; update the package 'tzdata'."
)
FIRST_SNOWFLAKE: Final = 1 << 35
"""Ids of posts below are older than November 2010, and hold no time."""

FIRST_DAY: Final = date(2006, 3, 21)
"""The day of the first post of all."""


@dataclass(frozen=True)
class AccountDays:
    """The days of a time zone.

    Attributes:
        zone: The time zone.
    """

    zone: ZoneInfo

    @classmethod
    def of(cls, name: str | None) -> AccountDays:
        """The days of the time zone with an IANA name.

        Raises:
            AccountError: There is no such time zone.
        """
        try:
            return cls(ZoneInfo(name or ""))
        except (KeyError, ValueError, OSError):
            raise AccountError(NO_ZONE) from None

    def midnight(self, day: date) -> datetime:
        """When a day begins, in UTC; if clocks skip its midnight, when they do."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def day(self, moment: datetime) -> date:
        """The day of a moment."""
        return moment.astimezone(self.zone).date()

    def first_day(self, post_id: int) -> date:
        """The day on which a post was published, or an earlier one for very old posts."""
        if post_id < FIRST_SNOWFLAKE:
            return FIRST_DAY
        return self.day(snowflakes.moment_of(post_id))


def days_between(first: date, end: date) -> list[date]:
    """The days from one before another one."""
    return [first + n * ONE_DAY for n in range((end - first).days)]


def windows_before(end: date, first: date, days: int) -> Iterator[tuple[date, date]]:
    """A span of days in windows of at most so many, newest first; each end is exclusive."""
    while end > first:
        start = max(first, end - days * ONE_DAY)
        yield start, end
        end = start
