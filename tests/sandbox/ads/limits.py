"""Rate limits of the Ads API: by user token, and at some endpoints by ads account.

https://docs.x.com/x-ads-api/fundamentals/rate-limiting. Where an answer has the headers of an ads
account, they are the ones that hold; those of the user token then count along and refuse nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from sandbox.x.limits import Admission, Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.clock import Clock

_ACCOUNT: Final = "x-account-rate-limit-"
_SECONDS: Final = 900
_READS: Final = 2000


@dataclass(frozen=True)
class Limit:
    """What an endpoint takes.

    Attributes:
        name: Endpoints with the same name count together.
        requests: Requests in a window.
        scope: Whose requests are counted together.
        seconds: Length of a window.
    """

    name: str
    requests: int = _READS
    scope: Literal["user", "account"] = "user"
    seconds: int = _SECONDS


class AdsLimits:
    """The windows, by the sandbox's clock.

    Args:
        clock: Tells the time.
        window_seconds: Length of a window of 15 minutes; others are scaled alike.
        scale: Factor on the requests of every limit.
    """

    def __init__(self, clock: Clock, window_seconds: int, scale: float) -> None:
        self._clock = clock
        self._window_seconds = window_seconds
        self._scale = scale
        self.reset()

    def reset(self) -> None:
        """Forget all windows, and the limits that were set."""
        self._set: dict[str, int] = {}
        self._windows: dict[tuple[str, str], Window] = {}

    def set(self, name: str, requests: int) -> None:
        """Grant another number of requests, at once."""
        self._set[name] = requests
        for (known, _), window in self._windows.items():
            if known == name:
                window.limit = requests

    def take(
        self, limit: Limit, user_id: str, account_id: str | None, *, by_account: bool
    ) -> Admission:
        """Count a request, unless its limit refuses it.

        Args:
            limit: The endpoint's.
            user_id: Who asks.
            account_id: The ads account that the path names.
            by_account: Whether limits by ads account are in use.
        """
        windows = dict(self._all(limit, user_id, account_id, by_account=by_account))
        deciding = windows[next(reversed(windows))]
        granted = deciding.remaining > 0
        headers: dict[str, str] = {}
        for prefix, window in windows.items():
            window.used += granted
            headers |= window.headers(prefix)
        return Admission(granted, headers)

    def exhaust(
        self, limit: Limit, user_id: str, account_id: str | None, *, by_account: bool
    ) -> None:
        """Use up what is left of the window that decides."""
        windows = dict(self._all(limit, user_id, account_id, by_account=by_account))
        deciding = windows[next(reversed(windows))]
        deciding.used = deciding.limit

    def _all(
        self, limit: Limit, user_id: str, account_id: str | None, *, by_account: bool
    ) -> Iterator[tuple[str, Window]]:
        """The windows of a request, by the prefix of their headers; the last one decides."""
        yield "x-rate-limit-", self._open(limit, user_id)
        if by_account and limit.scope == "account":
            yield _ACCOUNT, self._open(limit, f"account {account_id}")

    def _open(self, limit: Limit, owner: str) -> Window:
        now = self._clock.timestamp()
        seconds = max(1, limit.seconds * self._window_seconds // _SECONDS)
        window = self._windows.get((limit.name, owner))
        if window is None or not window.reset - seconds <= now < window.reset:
            scaled = max(1, round(limit.requests * self._scale))
            window = Window(self._set.get(limit.name, scaled), 0, int(now) + seconds)
            self._windows[limit.name, owner] = window
        return window
