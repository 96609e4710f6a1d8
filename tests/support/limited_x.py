"""X as far as its limits go, without a network: a transport for `requests` on a clock that is set."""

from __future__ import annotations

import json
import logging
import math
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import BaseAdapter

from tap_twitter.api.rate_limits import RateLimits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class FakeClock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.time = START
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)


def rate_limits(clock: FakeClock, max_wait_seconds: float = 900.0) -> RateLimits:
    """The limits as a tap keeps them, waiting as long as chance allows."""
    return RateLimits(clock, max_wait_seconds, logging.getLogger("test"), random=lambda: 1.0)


@dataclass
class Meter:
    """A limit of X: so many requests in a span that begins with the first of them.

    Attributes:
        limit: Requests.
        seconds: The span.
        headers: Start of the headers that tell of it; none for one that is not shown.
        has_reset: Whether they tell when it ends.
    """

    limit: int
    seconds: int
    headers: str = "x-rate-limit-"
    has_reset: bool = True
    used: int = 0
    reset: int = 0

    def open(self, now: float) -> None:
        if now >= self.reset:
            self.used, self.reset = 0, math.ceil(now) + self.seconds

    def shown(self) -> Iterator[tuple[str, str]]:
        if self.headers:
            yield f"{self.headers}limit", str(self.limit)
            yield f"{self.headers}remaining", str(self.limit - self.used)
            if self.has_reset:
                yield f"{self.headers}reset", str(self.reset)


class LimitedX(BaseAdapter):
    """Grants requests within all limits, and refuses the others without counting them.

    Args:
        clock: Ours; X's own is `skew` seconds ahead of it.
        meters: The limits.
        skew: In seconds.
        headers: Of every answer, whatever the limits say.
    """

    def __init__(
        self, clock: FakeClock, *meters: Meter, skew: float = 0, headers: Mapping[str, str] = {}
    ) -> None:
        super().__init__()
        self.statuses: list[int] = []
        self._clock, self._meters, self._skew, self._headers = clock, meters, skew, headers
        self._lock = threading.Lock()

    def session(self) -> requests.Session:
        """A session of which all requests come here."""
        session = requests.Session()
        session.trust_env = False
        session.mount("http://x", self)
        return session

    def send(  # type: ignore[override]  # its options make no difference here
        self, request: requests.PreparedRequest, **_: Any
    ) -> requests.Response:
        now = self._clock.now() + timedelta(seconds=self._skew)
        with self._lock:
            for meter in self._meters:
                meter.open(now.timestamp())
            granted = all(meter.used < meter.limit for meter in self._meters)
            for meter in self._meters:
                meter.used += granted
            told = dict(pair for meter in self._meters for pair in meter.shown())
            self.statuses.append(200 if granted else 429)
        response = requests.Response()
        response.status_code = 200 if granted else 429
        response.url, response.request = str(request.url), request
        response.headers.update({"date": format_datetime(now), **told, **self._headers})
        response._content = json.dumps({"data": request.url}).encode()
        return response

    def close(self) -> None:
        pass
