"""X's rate limits: how long to wait, before a request and after a refused one.

X counts requests per endpoint and pool in windows, and says in each answer's headers what is left
and when the window ends (https://docs.x.com/x-api/fundamentals/rate-limits).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from tap_twitter.errors import RateLimitError, TapError, WaitTooLongError

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Mapping

    from tap_twitter.clock import Clock

REMAINING: Final = "x-rate-limit-remaining"
RESET: Final = "x-rate-limit-reset"

MARGIN_SECONDS: Final = 1.0
"""X resets at a whole second; asking within it may still be too early."""

LONGEST_WINDOW_SECONDS: Final = 86_400.0
"""X's longest window is a day; a reset further off is not one."""

FAULT_WAIT_SECONDS: Final = 1.0
LONGEST_FAULT_WAIT_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Window:
    """What an answer's headers say of a limit: requests left, seconds until all are back."""

    remaining: int | None
    seconds_left: float | None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str], now: datetime) -> Window:
        """Read the headers; the reset is measured on X's clock where the answer shows it."""
        reset = _integer(headers.get(RESET))
        seconds = None if reset is None else reset - _server_time(headers, now).timestamp()
        absurd = seconds is not None and abs(seconds) > LONGEST_WINDOW_SECONDS
        return cls(_integer(headers.get(REMAINING)), None if absurd else seconds)


class RateLimits:
    """Keeps requests from being refused: waits when a window is used up.

    Args:
        clock: Tells the time and sleeps.
        max_wait_seconds: The longest wait; a longer one ends the run.
        logger: Gets one line for each wait.
        random: Gives numbers from 0 to 1 that keep parallel runs from trying again in step.
    """

    def __init__(
        self,
        clock: Clock,
        max_wait_seconds: float,
        logger: logging.Logger,
        random: Callable[[], float] = random.random,
    ) -> None:
        self._clock = clock
        self._random = random
        self._max_wait_seconds = max_wait_seconds
        self._logger = logger
        self._full_again: dict[str, float] = {}

    def note(self, pool: str, headers: Mapping[str, str]) -> None:
        """Remember what an answer said of the pool's window."""
        now = self._clock.now()
        window = Window.from_headers(headers, now)
        self._full_again.pop(pool, None)
        if window.remaining == 0 and window.seconds_left is not None:
            self._full_again[pool] = now.timestamp() + window.seconds_left + MARGIN_SECONDS

    def pause(self, pool: str) -> None:
        """Wait until the pool has requests left.

        Raises:
            WaitTooLongError: That takes longer than the settings allow.
        """
        seconds = self._full_again.pop(pool, 0.0) - self._clock.now().timestamp()
        if seconds > 0:
            self._wait(pool, seconds)

    def wait_after(self, error: Exception, attempt: int, pool: str) -> None:
        """Wait after a refused or failed request until it is worth trying again.

        Args:
            error: What the request ended with.
            attempt: How many tries there were, from 1.
            pool: What the request was counted in.

        Raises:
            WaitTooLongError: A rate limit ends later than the settings allow to wait.
        """
        response = error.response if isinstance(error, RateLimitError) else None
        if response is not None:
            window = Window.from_headers(response.headers, self._clock.now())
            if window.seconds_left is not None and not window.remaining:
                self._wait(pool, max(window.seconds_left, 0.0) + MARGIN_SECONDS)
                return
        longest = min(FAULT_WAIT_SECONDS * 2**attempt, LONGEST_FAULT_WAIT_SECONDS)
        seconds = longest * (0.5 + self._random() / 2)
        self._logger.warning("%s Try %d follows in %.0f s.", describe(error), attempt + 1, seconds)
        self._clock.sleep(seconds)

    def _wait(self, pool: str, seconds: float) -> None:
        until = datetime.fromtimestamp(self._clock.now().timestamp() + seconds, UTC)
        when = until.isoformat(timespec="seconds")
        if seconds > self._max_wait_seconds:
            msg = (
                f"The rate limit of {pool} is used up until {when}, longer than "
                f"'api.max_wait_seconds' ({self._max_wait_seconds:g}) allows to wait. "
                "The next run goes on from here."
            )
            raise WaitTooLongError(msg)
        self._logger.info("Rate limit of %s: waiting %.0f s, until %s.", pool, seconds, when)
        self._clock.sleep(seconds)


def describe(error: Exception) -> str:
    """What a failed try ended with; texts of HTTP libraries hold addresses, so they stay out."""
    return str(error) if isinstance(error, TapError) else f"No answer ({type(error).__name__})."


def _integer(text: str | None) -> int | None:
    try:
        return None if text is None else int(text)
    except ValueError:
        return None


def _server_time(headers: Mapping[str, str], now: datetime) -> datetime:
    try:
        time = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return now
    # the zone `-0000` comes back without a zone
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
