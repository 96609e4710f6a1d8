"""The least time that X's limits let requests take."""

from __future__ import annotations


def least_seconds(requests: int, per_window: int, window_seconds: float, latency: float) -> float:
    """The time until the last of some requests is answered, each sent after the last one's answer.

    Args:
        requests: How many.
        per_window: How many a window takes; it opens with the first request in it.
        window_seconds: How long a window lasts.
        latency: How long an answer takes, in seconds.
    """
    now = opened = 0.0
    used = 0
    for _ in range(requests):
        if used == per_window:
            now = max(now, opened + window_seconds)
        if used == 0 or now >= opened + window_seconds:
            opened, used = now, 0
        used += 1
        now += latency
    return now
