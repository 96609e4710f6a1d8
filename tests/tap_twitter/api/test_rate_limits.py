from __future__ import annotations

import logging
import time
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from support.limited_x import START, FakeClock, LimitedX, Meter, rate_limits

from tap_twitter.api.bounded import Bounds
from tap_twitter.api.call import Call
from tap_twitter.api.client import Client
from tap_twitter.api.limit_table import Pool
from tap_twitter.api.rate_limits import MAX_PAUSES, MAX_WINDOWS, RateLimits
from tap_twitter.api.retries import MIN_TRIES, RetryState
from tap_twitter.errors import RateLimitError, TapError, TransientError, WaitTooLongError

POOL = Pool("GET /2/users", "'auth', app-only")
MAX_SPAN_SECONDS = 900


def headers(
    remaining: int | str | None,
    reset_in: float | str | None,
    skew: float = 0,
    kind: str = "x-rate-limit-",
) -> dict[str, str]:
    """Headers of X, whose clock is `skew` seconds ahead of ours."""
    found = {"date": format_datetime(START + timedelta(seconds=skew))}
    if remaining is not None:
        found[f"{kind}remaining"] = str(remaining)
    if isinstance(reset_in, int | float):
        found[f"{kind}reset"] = str(int(START.timestamp() + skew + reset_in))
    elif reset_in:
        found[f"{kind}reset"] = reset_in
    return found


def refusal(limits: RateLimits, given: dict[str, str], pool: Pool = POOL) -> RateLimitError:
    """A refusal, noted as the client does."""
    response = requests.Response()
    response.status_code = 429
    response.headers.update(given)
    limits.note(pool, given, refused=True)
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
    limits.pause(Pool("GET /2/tweets", POOL.asker))
    assert clock.slept == []
    limits.pause(POOL)
    assert clock.slept == wait
    limits.pause(POOL)
    assert clock.slept == wait


@pytest.mark.parametrize(
    ("given_headers", "wait", "name"),
    [
        (headers(0, 90), 91.0, "15-minute limit"),
        (headers(None, 90), 91.0, "15-minute limit"),
        (headers(3, 90) | headers(0, 800, kind="x-app-limit-24hour-"), 801.0, "24-hour limit of the app"),
        (headers(3, 90) | headers(0, 700, kind="x-user-limit-24hour-"), 701.0, "24-hour limit of the user"),
        (headers(0, 90) | headers(0, 700, kind="x-user-limit-24hour-"), 701.0, "24-hour limit of the user"),
        (headers(3, 90) | headers(0, 50, kind="x-account-rate-limit-"), 51.0, "limit of the ads account"),
        (headers(3, 90) | headers(0, 50, kind="x-cost-rate-limit-"), 51.0, "limit on the cost of analytics"),
        ({"x-per-minute-limit": "9", "x-per-minute-remaining": "0"}, 61.0, "limit per minute"),
        (headers(5, 90), 1.25, "limit per second, or one that X does not report,"),
        (headers(0, -90), 1.25, "limit per second, or one that X does not report,"),
        (headers(0, None), 1.25, "limit per second, or one that X does not report,"),
        (headers(0, "99999999999999"), 1.25, "limit per second, or one that X does not report,"),
        ({}, 1.25, "limit per second, or one that X does not report,"),
        ({"retry-after": "7"}, 7.0, "limit per second, or one that X does not report,"),
    ],
    ids=[
        "window",
        "no-remaining",
        "app-day",
        "user-day",
        "the-longer-of-two",
        "ads-account",
        "ads-cost",
        "minute",
        "per-second",
        "past-reset",
        "no-reset",
        "absurd",
        "no-headers",
        "retry-after",
    ],
)  # fmt: skip
def test_each_kind_of_limit_is_waited_for_in_its_own_way(
    limits: RateLimits,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    given_headers: dict[str, str],
    wait: float,
    name: str,
) -> None:
    with caplog.at_level(logging.INFO):
        assert limits.wait_after(refusal(limits, given_headers), RetryState(), POOL)
        limits.pause(POOL)
    assert clock.slept == [wait]
    (line,) = caplog.messages
    said = f"{name[0].upper()}{name[1:]} of {POOL}: waiting {wait:.0f} s, until 2026-03-01T12:"
    assert line.startswith(said)


def test_the_limit_of_an_app_holds_for_all_its_users(limits: RateLimits, clock: FakeClock) -> None:
    limits.note(POOL, headers(0, 800, kind="x-app-limit-24hour-"))
    limits.note(POOL, headers(0, 90))
    limits.pause(Pool(POOL.request, "another user"))
    assert clock.slept == [801.0]


def test_the_ads_account_counts_and_not_the_user_where_x_tells_of_both(
    limits: RateLimits, clock: FakeClock
) -> None:
    limits.note(POOL, headers(0, 90) | headers(7, 50, kind="x-account-rate-limit-"))
    limits.pause(POOL)
    assert clock.slept == []


def test_refusals_do_not_eat_the_tries_meant_for_faults(
    limits: RateLimits, clock: FakeClock
) -> None:
    retries = RetryState()
    for _ in range(6):
        limits.wait_after(refusal(limits, headers(5, 90)), retries, POOL)
    waited, fault = sum(clock.slept), TransientError("X has a fault (HTTP 503).")
    while limits.wait_after(fault, retries, POOL):
        pass
    assert retries.faults == MIN_TRIES
    assert clock.slept[-1] == 60
    assert sum(clock.slept) - waited < MAX_SPAN_SECONDS


def refuse_for_ever(limits: RateLimits, retries: RetryState, given: dict[str, str]) -> None:
    while True:
        limits.wait_after(refusal(limits, given), retries, POOL)


def test_a_limit_that_x_does_not_show_is_outlasted_but_not_for_ever(clock: FakeClock) -> None:
    limits, retries = rate_limits(clock, 90_000), RetryState()
    with pytest.raises(WaitTooLongError, match=r"still refuses GET /2/users .* does not say until"):
        refuse_for_ever(limits, retries, {})
    assert len(clock.slept) == MAX_PAUSES
    assert MAX_SPAN_SECONDS < sum(clock.slept) / 1.25 < 2 * MAX_SPAN_SECONDS


@pytest.mark.parametrize("allowed", [0, 1, 30])
def test_pauses_stay_within_the_setting_too(clock: FakeClock, allowed: float) -> None:
    limits, retries = rate_limits(clock, allowed), RetryState()
    with pytest.raises(WaitTooLongError, match=rf"'api.max_wait_seconds' is {allowed:g}\)"):
        refuse_for_ever(limits, retries, headers(5, 90))
    assert sum(clock.slept) <= allowed


def test_windows_that_others_use_up_are_waited_for_a_while(clock: FakeClock) -> None:
    full = {"x-per-minute-remaining": "0"}
    with pytest.raises(WaitTooLongError, match="something else uses the same app or account"):
        refuse_for_ever(rate_limits(clock), RetryState(), full)
    assert len(clock.slept) == MAX_WINDOWS


def test_a_wait_beyond_the_setting_ends_the_run(limits: RateLimits, clock: FakeClock) -> None:
    with pytest.raises(WaitTooLongError, match=r"longer than 'api\.max_wait_seconds' \(900\)"):
        limits.wait_after(refusal(limits, headers(0, 1000)), RetryState(), POOL)
    limits.note(POOL, headers(0, 1000))
    with pytest.raises(WaitTooLongError, match=r"15-minute limit .* The next run resumes here"):
        limits.pause(POOL)
    assert clock.slept == []


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


def test_room_is_what_is_left_less_what_is_under_way(limits: RateLimits, clock: FakeClock) -> None:
    assert limits.may_send(POOL, 0)
    assert not limits.may_send(POOL, 1)
    limits.note(POOL, headers(3, 60))
    assert [limits.may_send(POOL, count) for count in range(5)] == [True, True, True, False, False]
    limits.note(POOL, {})
    assert not limits.may_send(POOL, 2)
    clock.sleep(62)
    assert [limits.may_send(POOL, count) for count in range(2)] == [True, False]


WINDOWS = st.builds(
    Meter,
    st.integers(1, 12),
    st.integers(1, MAX_SPAN_SECONDS),
    st.sampled_from(["x-rate-limit-", "x-app-limit-24hour-", "x-user-limit-24hour-"]),
)
MINUTES = st.builds(
    Meter, st.integers(1, 12), st.just(60), st.just("x-per-minute-"), st.just(False)
)
SECONDS = st.builds(Meter, st.integers(1, 3), st.just(1), st.just(""))


def ask_all(
    x: LimitedX, clock: FakeClock, requests_: int, concurrency: int, max_wait: float = 90_000
) -> list[Any]:
    """Ask X so many things, some ahead of others, and give the answers."""
    limits = RateLimits(clock, max_wait, logging.getLogger("test"), random=lambda: 0.5)
    client = Client(x.session(), limits, Bounds(5), "tests", concurrency)
    calls = [
        Call("GET", f"http://x/{number}", POOL, lambda request: request)
        for number in range(requests_)
    ]
    answers = []
    for position, call in enumerate(calls):
        for later in calls[position + 1 : position + concurrency]:
            client.prefetch(later)
        answers.append(client.send(call, lambda body: body["data"]))
    return answers


@given(
    st.lists(WINDOWS | MINUTES, max_size=3, unique_by=lambda meter: meter.headers),
    st.integers(0, 40),
    st.sampled_from([1, 2, 5, 16]),
    st.integers(-5000, 5000),
)
def test_limits_that_x_shows_are_never_overdrawn(
    meters: list[Meter], count: int, concurrency: int, skew: int
) -> None:
    clock = FakeClock()
    x = LimitedX(clock, *meters, skew=skew)
    if not all(meter.has_reset for meter in meters):
        concurrency = 1  # what has such a limit is asked one question at a time
    answers = ask_all(x, clock, count, concurrency)
    assert answers == [f"http://x/{number}" for number in range(count)]
    assert x.statuses == [200] * count
    windows = sum(-(-count // meter.limit) for meter in meters)
    longest = max((meter.seconds for meter in meters), default=0)
    assert sum(clock.slept) <= windows * (longest + 2)


@given(st.lists(WINDOWS | MINUTES, max_size=2, unique_by=lambda m: m.headers), SECONDS)
def test_a_limit_per_second_costs_seconds_and_not_windows(
    meters: list[Meter], second: Meter
) -> None:
    clock = FakeClock()
    x = LimitedX(clock, *meters, second)
    ask_all(x, clock, 20, 1)
    assert x.statuses.count(200) == 20
    granted = max((-(-20 // meter.limit) * (meter.seconds + 2) for meter in meters), default=0)
    assert sum(clock.slept) <= 2 * granted + 20 * 4
    assert x.statuses.count(429) <= 40


@given(
    st.dictionaries(
        st.sampled_from(["x-rate-limit-remaining", "x-rate-limit-reset", "retry-after", "date"]),
        st.integers(-5, 10**15).map(str) | st.text(max_size=20).filter(str.isascii),
    ),
    st.integers(0, 90_000),
)
def test_whatever_x_says_while_it_refuses_there_is_an_end(
    lies: dict[str, str], max_wait: float
) -> None:
    clock = FakeClock()
    x = LimitedX(clock, Meter(0, 1, ""), headers=lies)
    with pytest.raises(TapError):
        ask_all(x, clock, 1, 1, max_wait)
    assert len(x.statuses) <= MAX_PAUSES + MAX_WINDOWS + 1
    assert max(clock.slept, default=0) <= max_wait
