"""X's rate limits: waits before a request that would be refused, and after a refusal.

One request of a run is under way at a time, or some that were prefetched (see `prefetch`); both
are counted here, so that the known remainder is never overdrawn.
"""

from __future__ import annotations

import enum
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tap_twitter.api.limit_table import UNSHOWN, Pool
from tap_twitter.api.rate_limit_headers import retry_after, windows
from tap_twitter.api.retries import OF_RUNS, Faults, describe
from tap_twitter.errors import RateLimitError, TransientError, WaitTooLongError

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterator, Mapping

    from tap_twitter.api.limit_table import Limit
    from tap_twitter.api.rate_limit_headers import Window
    from tap_twitter.api.retries import Endurance, RetryState
    from tap_twitter.clock import Clock

FAULT_WAIT_SECONDS: Final = 1.0
PAUSE_SECONDS: Final = 1.0
MAX_PAUSE_SECONDS: Final = 60.0

MAX_PAUSES: Final = 24
"""Pauses for limits that X does not report: at least 19 minutes, longer than its windows."""

MAX_WINDOWS: Final = 8
"""Windows that a request may wait for in vain, because others use them up."""


class Reason(enum.StrEnum):
    """Why a run waits, in words that follow "for"."""

    LIMITS = "X's rate limits"
    FAULTS = "errors of X to pass"


class RateLimits:
    """X's limits, as its responses report them.

    Args:
        clock: Tells the time and sleeps.
        max_wait_seconds: The longest wait; a longer one ends the run.
        endurance: How long to outlast faults; less if a person is waiting.
        logger: Receives one line per wait.
        random: Gives numbers from 0 to 1 that keep parallel runs from retrying in step.

    Attributes:
        waited: Seconds waited so far, by reason.
    """

    def __init__(
        self,
        clock: Clock,
        max_wait_seconds: float,
        logger: logging.Logger,
        random: Callable[[], float] = random.random,
        *,
        endurance: Endurance = OF_RUNS,
    ) -> None:
        self.clock = clock
        self.waited = dict.fromkeys(Reason, 0.0)
        self._random = random
        self._max_wait_seconds = max_wait_seconds
        self.logger = logger
        self._windows: dict[tuple[Pool, str], Window] = {}
        seconds = min(endurance.seconds, max_wait_seconds)
        self._faults = Faults(endurance._replace(seconds=seconds))

    def note_success(self, pool: Pool) -> None:
        """Record that X is reachable and answers requests of the pool."""
        self._faults.note_success(pool)

    def note(
        self,
        pool: Pool,
        headers: Mapping[str, str],
        at: datetime | None = None,
        *,
        refused: bool = False,
    ) -> None:
        """Record the windows that a response reports for its pool.

        Args:
            pool: The pool of the request.
            headers: The response's headers; none if there was no response.
            at: When it arrived; now, unless it was prefetched.
            refused: Whether the response is a refusal for a limit.
        """
        reported = {}
        for window in windows(headers, at or self.clock.now(), refused=refused):
            reported[_key(pool, window.limit)] = window
        for key, known in self._known(pool):
            if key not in reported:
                self._windows[key] = known.spent()
        for key, window in reported.items():
            self._windows[key] = window.after(self._windows.get(key))

    def may_send(self, pool: Pool, under_way: int) -> bool:
        """Whether X accepts one more request than those under way in the pool.

        If nothing is known about a pool, the first response must arrive before more are sent.
        """
        now = self.clock.now().timestamp()
        room = min((window.room(now) for _, window in self._known(pool)), default=1)
        return room > under_way

    def pause(self, pool: Pool) -> None:
        """Wait until no window of the pool is known to be used up.

        Raises:
            WaitTooLongError: That takes longer than the settings allow.
        """
        if closed := self._closed(pool):
            limit = max(closed, key=lambda each: closed[each])
            self._check(f"The {limit.name} of {pool} is used up", closed[limit])
            self._tell(limit, pool, closed[limit])
            self._sleep(closed[limit], Reason.LIMITS)

    def wait_after(self, error: Exception, retries: RetryState, pool: Pool) -> bool:
        """Wait after a refused or failed try until a retry makes sense.

        Args:
            error: The error of the try; its headers are already recorded.
            retries: The retry state of the request.
            pool: The pool of the request.

        Returns:
            Whether to retry.

        Raises:
            WaitTooLongError: A limit lasts longer than the settings allow to wait, or for more
                windows than is sensible.
        """
        if not isinstance(error, RateLimitError):
            return self._wait_after_fault(error, retries, pool)
        if not self._closed(pool):
            self._pause_unshown(error, retries, pool)
        elif retries.count("window") <= MAX_WINDOWS:
            self.pause(pool)
        else:
            msg = (
                f"X has refused {pool} in {MAX_WINDOWS} consecutive windows: something else uses "
                "the same app or account. The next run resumes here."
            )
            raise WaitTooLongError(msg)
        return True

    def _wait_after_fault(self, error: Exception, retries: RetryState, pool: Pool) -> bool:
        if not self._faults.may_try_again(error, retries, pool):
            return False
        longest = min(FAULT_WAIT_SECONDS * 2**retries.faults, MAX_PAUSE_SECONDS)
        asked = self._asked_for(error)
        seconds = max(longest * (0.5 + self._random() / 2), asked)
        self._check(f"X accepts no requests of {pool}", asked and retries.fault_seconds + asked)
        following = retries.faults + 1
        self.logger.warning("%s Try %d follows in %.0f s.", describe(error), following, seconds)
        retries.fault_seconds += seconds
        self._sleep(seconds, Reason.FAULTS)
        return True

    def _pause_unshown(self, error: RateLimitError, retries: RetryState, pool: Pool) -> None:
        """Pause for an unreported limit; the first pause is enough for one per second."""
        pauses, paused = retries.count("pause"), retries.paused_seconds
        longest = min(PAUSE_SECONDS * 2 ** (pauses - 1), MAX_PAUSE_SECONDS)
        seconds = max(longest * (1 + self._random() / 4), self._asked_for(error))
        retries.paused_seconds += seconds
        if pauses > MAX_PAUSES or retries.paused_seconds > self._max_wait_seconds:
            msg = (
                f"X still refuses {pool} after pauses of {paused:.0f} s, and does not say until "
                f"when ('api.max_wait_seconds' is {self._max_wait_seconds:g}). The next run "
                "resumes here."
            )
            raise WaitTooLongError(msg)
        self._tell(UNSHOWN, pool, seconds)
        self._sleep(seconds, Reason.LIMITS)

    def _sleep(self, seconds: float, reason: Reason) -> None:
        """Wait, and count the time, also of a wait that a signal ends."""
        begun = self.clock.now()
        try:
            self.clock.sleep(seconds)
        finally:
            self.waited[reason] += (self.clock.now() - begun).total_seconds()

    def _asked_for(self, error: Exception) -> float:
        response = error.response if isinstance(error, TransientError) else None
        return 0.0 if response is None else retry_after(response.headers, self.clock.now())

    def _known(self, pool: Pool) -> Iterator[tuple[tuple[Pool, str], Window]]:
        for key, window in list(self._windows.items()):
            if key[0] in {_of_asker(pool), _of_app(pool), _of_ads_account(pool)}:
                yield key, window

    def _closed(self, pool: Pool) -> dict[Limit, float]:
        """The limits of the pool that accept no request now, and for how many seconds."""
        now = self.clock.now().timestamp()
        seconds = {window.limit: window.seconds_closed(now) for _, window in self._known(pool)}
        return {limit: left for limit, left in seconds.items() if left > 0}

    def _check(self, what: str, seconds: float) -> None:
        if seconds > self._max_wait_seconds:
            msg = (
                f"{what} until {self._after(seconds)}, longer than 'api.max_wait_seconds' "
                f"({self._max_wait_seconds:g}) allows. The next run resumes here."
            )
            raise WaitTooLongError(msg)

    def _tell(self, limit: Limit, pool: Pool, seconds: float) -> None:
        name = limit.name[0].upper() + limit.name[1:]
        until = self._after(seconds)
        self.logger.info("%s of %s: waiting %.0f s, until %s.", name, pool, seconds, until)

    def _after(self, seconds: float) -> str:
        until = datetime.fromtimestamp(self.clock.now().timestamp() + seconds, UTC)
        return until.isoformat(timespec="seconds")


def _of_app(pool: Pool) -> Pool:
    return Pool(pool.request)


def _of_asker(pool: Pool) -> Pool:
    return pool._replace(ads_account="")


def _of_ads_account(pool: Pool) -> Pool:
    return pool._replace(asker="")


def _key(pool: Pool, limit: Limit) -> tuple[Pool, str]:
    """What tells a window from others: whose requests it counts, and its kind."""
    if limit.is_shared:
        return _of_app(pool), limit.headers
    whose = _of_ads_account if limit.is_of_ads_account else _of_asker
    return whose(pool), limit.headers
