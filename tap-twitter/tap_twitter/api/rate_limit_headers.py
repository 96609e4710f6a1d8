"""What an answer's headers say of X's limits: windows, what is left in them, and when they end."""

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
"""More digits are no number of requests, and no time."""

MARGIN_SECONDS: Final = 1.0
"""X resets at a whole second; asking within it may still be too early."""


@dataclass(frozen=True, slots=True)
class Window:
    """The present window of one limit.

    Attributes:
        limit: Its kind.
        remaining: Requests left in it.
        reset: Its end as X gives it, which tells it from other windows.
        ends_at: Its end on our own clock, in epoch seconds; None where X's word makes no sense.
    """

    limit: Limit
    remaining: int
    reset: int | None
    ends_at: float | None

    def room(self, now: float) -> int:
        """How many requests may be sent; one where a new window tells its size with its answer."""
        return 1 if self._is_over(now) else self.remaining

    def seconds_closed(self, now: float) -> float:
        """How long it takes no request; none where it has room, or nobody knows."""
        return 0.0 if self.remaining or self.ends_at is None else max(self.ends_at - now, 0.0)

    def after(self, earlier: Window | None) -> Window:
        """This window, once another answer told of it.

        Answers come in any order where requests are sent ahead. Of a limit that does not tell its
        windows apart the latest answer counts: what has such a limit is asked one by one.
        """
        if earlier is None or self.reset is None or self.reset != earlier.reset:
            return self
        return replace(self, remaining=min(self.remaining, earlier.remaining))

    def spent(self) -> Window:
        """The window after a request whose answer told nothing of it."""
        return replace(self, remaining=max(self.remaining - 1, 0))

    def _is_over(self, now: float) -> bool:
        return self.ends_at is not None and self.ends_at <= now


def windows(headers: Mapping[str, str], now: datetime, *, refused: bool = False) -> list[Window]:
    """The windows that an answer's headers tell of.

    Ends are measured on X's clock where the answer shows it, as ours may be wrong.

    Args:
        headers: Of the answer.
        now: By our clock.
        refused: Whether the answer is a refusal for a limit; one that tells when it ends, but not
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
    """The seconds that an answer asks to be left in peace, where it says so sensibly; else 0."""
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
    """The reset as X gives it, and the time until then; the longest there is where X gives none."""
    if not limit.has_reset:
        return None, limit.span_seconds
    reset = _integer(headers.get(f"{limit.headers}reset"))
    if reset is None or abs(reset - x_now) > limit.span_seconds:
        return None, None
    return reset, reset - x_now


def _integer(text: str | None) -> int | None:
    """A whole number that is not negative; anything else in its place tells nothing."""
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
