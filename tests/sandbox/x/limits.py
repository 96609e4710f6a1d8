"""Rate limits: how many requests an endpoint takes from a pool in a window.

X counts app-only requests and each user's requests apart
(https://docs.x.com/x-api/fundamentals/rate-limits). A window opens with the first request in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.clock import Clock

POOLS: Final = ("app", "user")


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

    def headers(self) -> dict[str, str]:
        """X's three rate limit headers."""
        return {
            "x-rate-limit-limit": str(self.limit),
            "x-rate-limit-remaining": str(self.remaining),
            "x-rate-limit-reset": str(self.reset),
        }


class Limits:
    """The windows of all pools, by the sandbox's clock.

    Args:
        clock: Tells the time.
        window_seconds: Length of a window; windows begin and end on whole seconds.
        scale: Factor on allowances; at least one request is always allowed.
        overrides: Allowances by `path:pool`, which scale does not touch.
    """

    def __init__(
        self, clock: Clock, window_seconds: int, scale: float, overrides: Mapping[str, int]
    ) -> None:
        self._clock = clock
        self._window_seconds = window_seconds
        self._scale = scale
        self._initial = dict(overrides)
        self.reset()

    def take(self, path: str, allowance: Allowance, user_id: str | None) -> tuple[bool, Window]:
        """Count a request.

        Args:
            path: The endpoint.
            allowance: What X grants there.
            user_id: The user who asks; None for the app itself.

        Returns:
            Whether the request is within the limit, and its window.
        """
        window = self._window(path, allowance, user_id)
        admitted = window.remaining > 0
        window.used += admitted
        return admitted, window

    def exhaust(self, path: str, allowance: Allowance, user_id: str | None) -> None:
        """Use up what is left of the present window."""
        window = self._window(path, allowance, user_id)
        window.used = window.limit

    def set(self, path: str, pool: str, limit: int) -> None:
        """Grant another allowance, at once.

        Raises:
            ValueError: If the pool is neither `app` nor `user`.
        """
        if pool not in POOLS:
            msg = f"There is no pool {pool}; there are {', '.join(POOLS)}"
            raise ValueError(msg)
        self._overrides[f"{path}:{pool}"] = limit
        for (known, user_id), window in self._windows.items():
            if known == path and _pool(user_id) == pool:
                window.limit = limit

    def reset(self) -> None:
        """Forget all windows and every allowance that was set since the start."""
        self._overrides = dict(self._initial)
        self._windows: dict[tuple[str, str | None], Window] = {}

    def _window(self, path: str, allowance: Allowance, user_id: str | None) -> Window:
        now = self._clock.timestamp()
        window = self._windows.get((path, user_id))
        if window is None or not window.reset - self._window_seconds <= now < window.reset:
            limit = self._limit(path, allowance, user_id)
            window = Window(limit, 0, int(now) + self._window_seconds)
            self._windows[path, user_id] = window
        return window

    def _limit(self, path: str, allowance: Allowance, user_id: str | None) -> int:
        override = self._overrides.get(f"{path}:{_pool(user_id)}")
        if override is not None:
            return override
        granted = allowance.app if user_id is None else allowance.user
        return max(1, round((granted or 0) * self._scale))


def _pool(user_id: str | None) -> str:
    return "app" if user_id is None else "user"
