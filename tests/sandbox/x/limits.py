"""Rate limits: how many requests an endpoint takes from a pool in a span of time.

X counts app-only requests and each user's requests apart, mostly in windows of 15 minutes
(https://docs.x.com/x-api/fundamentals/rate-limits). A window opens with the first request in it.

Some of X's limits hold for a second or for 24 hours. Its pages do not say how such an answer looks.
Here a limit per second has no headers of its own, so that its 429 comes with requests remaining; one
per day has the headers `x-app-limit-24hour-*` or `x-user-limit-24hour-*`, as client libraries read
them (https://github.com/plhery/node-twitter-api-v2/pull/618), and the app's counts all its requests,
whoever they are made for.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.clock import Clock

_WINDOW: Final = "window"
_OTHER_SPANS: Final[Mapping[str, int]] = MappingProxyType({"second": 1, "day": 86400})
POOLS: Final = ("app", "user")
ALLOWANCES: Final = (*POOLS, *(f"{pool}:{span}" for pool in POOLS for span in _OTHER_SPANS))


@dataclass(frozen=True)
class Allowance:
    """Requests per window: for the app's pool, and for each user's; none where the pool may not ask."""

    app: int | None
    user: int | None


@dataclass
class Window:
    """One window of one pool at one endpoint.

    Attributes:
        limit: Requests that it takes.
        used: Requests that it took.
        reset: When it ends, in epoch seconds.
    """

    limit: int
    used: int
    reset: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    def headers(self, prefix: str = "x-rate-limit-") -> dict[str, str]:
        """X's three headers on it."""
        return {
            f"{prefix}limit": str(self.limit),
            f"{prefix}remaining": str(self.remaining),
            f"{prefix}reset": str(self.reset),
        }


@dataclass(frozen=True)
class Admission:
    """Whether a request is within all limits, and what its answer says about them."""

    granted: bool
    headers: Mapping[str, str]


class Limits:
    """The windows of all pools, by the sandbox's clock.

    Args:
        clock: Tells the time.
        window_seconds: Length of a window; all windows begin and end on whole seconds.
        scale: Factor on allowances; at least one request is always allowed.
        overrides: Allowances by `path:pool` or `path:pool:span`, which scale does not touch.
    """

    def __init__(
        self, clock: Clock, window_seconds: int, scale: float, overrides: Mapping[str, int]
    ) -> None:
        self._clock = clock
        self._seconds = {_WINDOW: window_seconds, **_OTHER_SPANS}
        self._scale = scale
        self._initial = dict(overrides)
        self.reset()

    def take(self, path: str, allowance: Allowance, user_id: str | None) -> Admission:
        """Count a request against every limit, unless one of them refuses it.

        Args:
            path: The endpoint.
            allowance: What X grants there in a window.
            user_id: The user who asks; None for the app itself.
        """
        window = self._window(path, allowance, user_id)
        others = dict(self._others(path, user_id))
        meters = [window, *others.values()]
        granted = all(meter.remaining > 0 for meter in meters)
        headers: dict[str, str] = {}
        for meter in meters:
            meter.used += granted
        for name, meter in others.items():
            pool, _, span = name.partition(":")
            headers |= meter.headers(f"x-{pool}-limit-24hour-") if span == "day" else {}
        return Admission(granted, window.headers() | headers)

    def exhaust(self, path: str, allowance: Allowance, user_id: str | None) -> None:
        """Use up what is left of the present window."""
        window = self._window(path, allowance, user_id)
        window.used = window.limit

    def set(self, path: str, pool: str, limit: int, span: str = _WINDOW) -> None:
        """Grant another allowance, at once.

        Args:
            path: The endpoint.
            pool: `app` or `user`.
            limit: Requests.
            span: `window`, `second` or `day`.

        Raises:
            ValueError: If there is no such pool or span.
        """
        if pool not in POOLS:
            msg = f"There is no pool {pool}; there are {', '.join(POOLS)}"
            raise ValueError(msg)
        if span not in self._seconds:
            msg = f"There is no span {span}; there are {', '.join(self._seconds)}"
            raise ValueError(msg)
        self._overrides[f"{path}:{pool}" if span == _WINDOW else f"{path}:{pool}:{span}"] = limit
        for (known, user_id, counted), window in self._windows.items():
            if (known, _pool(user_id), counted) == (path, pool, span):
                window.limit = limit

    def reset(self) -> None:
        """Forget all windows and every allowance that was set since the start."""
        self._overrides = dict(self._initial)
        self._windows: dict[tuple[str, str | None, str], Window] = {}

    def _window(self, path: str, allowance: Allowance, user_id: str | None) -> Window:
        granted = allowance.app if user_id is None else allowance.user
        scaled = max(1, round((granted or 0) * self._scale))
        limit = self._overrides.get(f"{path}:{_pool(user_id)}", scaled)
        return self._open(path, user_id, _WINDOW, limit)

    def _others(self, path: str, user_id: str | None) -> Iterator[tuple[str, Window]]:
        """The further limits that hold for a request, by pool and span."""
        owners = {"app:day": None, "user:day": user_id, f"{_pool(user_id)}:second": user_id}
        for name, owner in owners.items():
            limit = self._overrides.get(f"{path}:{name}")
            if limit is not None and (owner is not None or name.startswith("app:")):
                yield name, self._open(path, owner, name.partition(":")[2], limit)

    def _open(self, path: str, user_id: str | None, span: str, limit: int) -> Window:
        """The present window of a pool, which begins now where there is none."""
        now, seconds = self._clock.timestamp(), self._seconds[span]
        window = self._windows.get((path, user_id, span))
        if window is None or not window.reset - seconds <= now < window.reset:
            window = Window(limit, 0, int(now) + seconds)
            self._windows[path, user_id, span] = window
        return window


def _pool(user_id: str | None) -> str:
    return "app" if user_id is None else "user"
