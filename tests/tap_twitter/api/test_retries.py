"""Faults on the way to X: how long they are tried again, and what is told of them."""

from __future__ import annotations

import logging
from itertools import cycle
from typing import TYPE_CHECKING

import pytest
import requests
from support.limited_x import FakeClock, rate_limits

from tap_twitter.api.limit_table import Pool
from tap_twitter.api.rate_limits import RateLimits
from tap_twitter.api.retries import FAULT_SECONDS, MIN_TRIES, SOMEBODY_WAITS, RetryState
from tap_twitter.errors import TransientError, WaitTooLongError

if TYPE_CHECKING:
    from collections.abc import Sequence

POOL = Pool("GET /2/users", "'auth', app-only")


def fault(status: int = 503) -> TransientError:
    response = requests.Response()
    response.status_code = status
    return TransientError(f"X has a fault (HTTP {status}).", response)


NO_ANSWER = requests.ConnectionError()
BROKEN_OFF = requests.exceptions.ChunkedEncodingError()
UNUSABLE = TransientError("X's answer does not say whether more follow (HTTP 200).")

FAULTS: dict[str, tuple[Sequence[Exception], float, bool, float]] = {
    "of-x": ([fault()], 9_000, False, FAULT_SECONDS),
    "of-x-impatient": ([fault()], 300, False, 300),
    "of-x-hasty": ([fault()], 0, False, 0),
    "not-of-x": ([fault(200)], 9_000, False, 0),
    "not-of-x-known": ([fault(200)], 9_000, True, FAULT_SECONDS),
    "no-answer": ([NO_ANSWER], 9_000, False, 0),
    "no-answer-known": ([NO_ANSWER], 9_000, True, FAULT_SECONDS),
    "unusable": ([UNUSABLE], 9_000, False, 0),
    "mixed": ([fault(), NO_ANSWER, BROKEN_OFF], 9_000, False, FAULT_SECONDS),
}


@pytest.mark.parametrize(("faults", "max_wait", "is_known", "enough"), FAULTS.values(), ids=FAULTS)
def test_faults_are_outlasted_where_x_is_known_to_be_there(
    faults: Sequence[Exception],
    max_wait: float,
    is_known: bool,
    enough: float,
    clock: FakeClock,
) -> None:
    limits, retries = rate_limits(clock, max_wait), RetryState()
    if is_known:
        limits.note_success(Pool("POST /oauth2/token"))
    endings = cycle(faults)
    while limits.wait_after(next(endings), retries, POOL):
        assert retries.faults < MIN_TRIES or sum(clock.slept[:-1]) < enough
    assert sum(clock.slept) >= enough
    assert retries.faults >= MIN_TRIES


def tries(limits: RateLimits, retries: RetryState) -> int:
    while limits.wait_after(fault(), retries, POOL):
        pass
    return retries.faults


def test_a_pool_is_outlasted_once_until_x_recovers(limits: RateLimits) -> None:
    assert tries(limits, RetryState()) > MIN_TRIES
    assert tries(limits, RetryState()) == MIN_TRIES
    limits.note_success(POOL)
    assert tries(limits, RetryState()) > MIN_TRIES


def test_where_somebody_waits_a_few_tries_have_to_do(limits: RateLimits, clock: FakeClock) -> None:
    hasty = RateLimits(clock, 900, logging.getLogger("test"), endurance=SOMEBODY_WAITS)
    assert tries(hasty, RetryState()) == 3
    assert tries(limits, RetryState(outlasts=False)) == MIN_TRIES


def test_times_that_faults_name_are_not_waited_for_without_end(limits: RateLimits) -> None:
    named, retries = fault(), RetryState()
    assert named.response is not None
    named.response.headers["retry-after"] = "500"
    assert limits.wait_after(named, retries, POOL)
    with pytest.raises(WaitTooLongError, match="accepts no requests"):
        limits.wait_after(named, retries, POOL)


def test_faults_are_waited_out_longer_each_time_up_to_a_minute(
    limits: RateLimits, clock: FakeClock
) -> None:
    assert tries(limits, RetryState()) > MIN_TRIES
    assert clock.slept[:8] == [2, 4, 8, 16, 32, 60, 60, 60]
    assert set(clock.slept[8:]) == {60}


def test_a_fault_that_names_a_time_is_left_in_peace_until_then(
    limits: RateLimits, clock: FakeClock
) -> None:
    named = fault()
    assert named.response is not None
    named.response.headers["retry-after"] = "300"
    limits.wait_after(named, RetryState(), POOL)
    assert clock.slept == [300]
    named.response.headers["retry-after"] = "1000"
    with pytest.raises(WaitTooLongError, match=r"accepts no requests of GET /2/users .* \(900\)"):
        limits.wait_after(named, RetryState(), POOL)


def test_texts_of_http_libraries_stay_out_of_the_log(
    limits: RateLimits, caplog: pytest.LogCaptureFixture
) -> None:
    error = requests.ConnectionError("https://api.x.com/?ids=1")
    with caplog.at_level(logging.INFO):
        limits.wait_after(error, RetryState(), POOL)
    assert caplog.messages == [
        "No response (ConnectionError); check the network and the addresses in the settings of "
        "'api'. Try 2 follows in 2 s."
    ]
