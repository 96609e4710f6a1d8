"""The rate-limit headers of a response: windows, what is left in them, and when they end."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from tap_twitter.api.limit_table import DAY_SECONDS, WINDOWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_twitter.api.limit_table import Limit

INTEGER: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
"""Longer numbers are neither a number of requests nor a time."""

MARGIN_SECONDS: Final = 1.0
"""X resets at a whole second; a request within it may still be too early."""


@dataclass(frozen=True, slots=True)
class Window:
    """The current window of one limit.

    Attributes:
        limit: Its kind.
        remaining: Requests left in it.
        reset: Its end as X gives it, which distinguishes it from other windows.
        ends_at: Its end on the local clock, in epoch seconds; None if X's value makes no sense.
    """

    limit: Limit
    remaining: int
    reset: int | None
    ends_at: float | None

    def room(self, now: float) -> int:
        """How many requests may be sent; one if only its response can show a new window's size."""
        return 1 if self._is_over(now) else self.remaining

    def seconds_closed(self, now: float) -> float:
        """For how long it takes no request; 0 if it has room, or that is not known."""
        return 0.0 if self.remaining or self.ends_at is None else max(self.ends_at - now, 0.0)

    def after(self, earlier: Window | None) -> Window:
        """This window, after another response has reported it.

        Responses arrive in any order if requests are prefetched. If a limit does not distinguish
        its windows, the latest response counts: its requests are sent one by one.
        """
        if earlier is None or self.reset is None or self.reset != earlier.reset:
            return self
        return replace(self, remaining=min(self.remaining, earlier.remaining))

    def spent(self) -> Window:
        """The window after a request whose response did not report it."""
        return replace(self, remaining=max(self.remaining - 1, 0))

    def _is_over(self, now: float) -> bool:
        return self.ends_at is not None and self.ends_at <= now


def windows(headers: Mapping[str, str], now: datetime, *, refused: bool = False) -> list[Window]:
    """The windows in a response's headers.

    Ends are measured on X's clock if the response shows it, because ours may be wrong.

    Args:
        headers: The response's headers.
        now: The time on the local clock.
        refused: Whether the response is a refusal for a limit; a limit that gives its end, but not
            what is left, has nothing left.
    """
    x_now = _server_time(headers, now).timestamp()
    found = {
        limit.headers: limit for limit in WINDOWS if _is_shown(limit, headers, refused=refused)
    }
    replaced = {limit.replaces for limit in found.values()}
    result = []
    for limit in (each for name, each in found.items() if name not in replaced):
        reset, seconds = _seconds_left(limit, headers, x_now)
        remaining = _integer(headers.get(f"{limit.headers}remaining")) or 0
        ends_at = None if seconds is None else now.timestamp() + seconds + MARGIN_SECONDS
        result.append(Window(limit, remaining, reset, ends_at))
    return result


def retry_after(headers: Mapping[str, str], now: datetime) -> float:
    """The seconds that a response asks to wait, if the value makes sense; else 0."""
    text = headers.get("retry-after")
    seconds = _integer(text)
    if seconds is None:
        until = _moment(text)
        seconds = int((until - _server_time(headers, now)).total_seconds()) if until else 0
    return float(seconds) if 0 <= seconds <= DAY_SECONDS else 0.0


def _is_shown(limit: Limit, headers: Mapping[str, str], *, refused: bool) -> bool:
    if _integer(headers.get(f"{limit.headers}remaining")) is not None:
        return True
    return refused and _integer(headers.get(f"{limit.headers}reset")) is not None


def _seconds_left(
    limit: Limit, headers: Mapping[str, str], x_now: float
) -> tuple[int | None, float | None]:
    """The reset as X gives it, and the time until then; the maximum if X gives none."""
    if not limit.has_reset:
        return None, limit.span_seconds
    reset = _integer(headers.get(f"{limit.headers}reset"))
    if reset is None or abs(reset - x_now) > limit.span_seconds:
        return None, None
    return reset, reset - x_now


def _integer(text: str | None) -> int | None:
    """A whole number that is not negative; None for anything else."""
    return int(text) if text is not None and INTEGER.fullmatch(text.strip()) else None


def _moment(text: str | None) -> datetime | None:
    """An HTTP date; its zone `-0000` comes back without a zone."""
    try:
        moment = parsedate_to_datetime(text or "")
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _server_time(headers: Mapping[str, str], now: datetime) -> datetime:
    return _moment(headers.get("date")) or now
