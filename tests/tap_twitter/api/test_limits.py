from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests

from tap_twitter.api.limits import FAULT_WAIT_SECONDS, RateLimits
from tap_twitter.errors import RateLimitError, TransientError, WaitTooLongError

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
POOL = "GET /2/users (app)"


class FakeClock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.time = START
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def limits(clock: FakeClock) -> RateLimits:
    return RateLimits(clock, 900.0, logging.getLogger("test"), random=lambda: 1.0)


def headers(
    remaining: int | str | None, reset_in: float | str | None, skew: float = 0
) -> dict[str, str]:
    """Headers of X, whose clock is `skew` seconds ahead of ours."""
    found = {"date": format_datetime(START + timedelta(seconds=skew))}
    if remaining is not None:
        found["x-rate-limit-remaining"] = str(remaining)
    if isinstance(reset_in, int | float):
        found["x-rate-limit-reset"] = str(int(START.timestamp() + skew + reset_in))
    elif reset_in:
        found["x-rate-limit-reset"] = reset_in
    return found


def refused(given: dict[str, str]) -> RateLimitError:
    response = requests.Response()
    response.status_code = 429
    response.headers.update(given)
    return RateLimitError("a rate limit is used up (HTTP 429).", response)


@pytest.mark.parametrize(
    ("remaining", "reset_in", "skew", "wait"),
    [
        (1, 60, 0, []),
        (0, 60, 0, [61.0]),
        (0, 60, 3600, [61.0]),
        (0, 60, -3600, [61.0]),
        (0, -5, 0, []),
        (0, None, 0, []),
        (None, 60, 0, []),
        ("many", "soon", 0, []),
        (0, "99999999999999", 0, []),
    ],
    ids=[
        "left",
        "used-up",
        "x-ahead",
        "x-behind",
        "past",
        "no-reset",
        "no-remaining",
        "garbage",
        "absurd",
    ],
)
def test_a_used_up_window_is_waited_for_before_the_next_request(
    limits: RateLimits,
    clock: FakeClock,
    remaining: int | str | None,
    reset_in: float | str | None,
    skew: float,
    wait: list[float],
) -> None:
    limits.note(POOL, headers(remaining, reset_in, skew))
    limits.pause("another pool")
    assert clock.slept == []
    limits.pause(POOL)
    assert clock.slept == wait
    limits.pause(POOL)
    assert clock.slept == wait


@pytest.mark.parametrize(
    ("given", "wait"),
    [
        (headers(0, 90), 91.0),
        (headers(None, 90), 91.0),
        (headers(0, -90), 1.0),
        (headers(5, 90), 2 * FAULT_WAIT_SECONDS),
        (headers(0, None), 2 * FAULT_WAIT_SECONDS),
        (headers(0, "99999999999999"), 2 * FAULT_WAIT_SECONDS),
        ({}, 2 * FAULT_WAIT_SECONDS),
    ],
    ids=["window", "no-remaining", "past-reset", "other-limit", "no-reset", "absurd", "none"],
)
def test_a_refused_request_waits_for_its_window(
    limits: RateLimits, clock: FakeClock, given: dict[str, str], wait: float
) -> None:
    limits.wait_after(refused(given), 1, POOL)
    assert clock.slept == [wait]


def test_faults_are_waited_out_longer_each_time_up_to_a_minute(
    limits: RateLimits, clock: FakeClock
) -> None:
    for attempt in range(1, 9):
        limits.wait_after(TransientError("X has a fault (HTTP 503)."), attempt, POOL)
    assert clock.slept == [2, 4, 8, 16, 32, 60, 60, 60]


def test_a_wait_beyond_the_setting_ends_the_run(limits: RateLimits, clock: FakeClock) -> None:
    with pytest.raises(WaitTooLongError, match=r"longer than 'api\.max_wait_seconds' \(900\)"):
        limits.wait_after(refused(headers(0, 1000)), 1, POOL)
    limits.note(POOL, headers(0, 1000))
    with pytest.raises(WaitTooLongError, match="The next run goes on from here"):
        limits.pause(POOL)
    assert clock.slept == []


def test_each_wait_is_one_line_that_says_which_limit_and_until_when(
    limits: RateLimits, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        limits.wait_after(refused(headers(0, 59)), 1, POOL)
    assert caplog.messages == [
        f"Rate limit of {POOL}: waiting 60 s, until 2026-03-01T12:01:00+00:00."
    ]


def test_texts_of_http_libraries_stay_out_of_the_log(
    limits: RateLimits, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        limits.wait_after(requests.ConnectionError("https://api.x.com/?ids=1"), 1, POOL)
    assert caplog.messages == ["No answer (ConnectionError). Try 2 follows in 2 s."]


@pytest.mark.parametrize("zone", ["GMT", "+0000", "-0000"])
def test_dates_are_read_as_utc_wherever_the_machine_stands(
    limits: RateLimits, clock: FakeClock, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    given = headers(0, 60) | {"date": f"{START:%a, %d %b %Y %H:%M:%S} {zone}"}
    limits.note(POOL, given)
    limits.pause(POOL)
    monkeypatch.undo()
    time.tzset()
    assert clock.slept == [61.0]
