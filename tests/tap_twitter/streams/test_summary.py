"""The summary that ends a run of the tap."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from support.harness import (
    SkippingClock,
    account_of,
    make_dataset,
    run_tap,
    summary_in,
    tap_config,
)

from sandbox.credentials import OWNER
from singer_plugin.summary import Outcome, Run
from tap_twitter.api.rate_limits import Reason
from tap_twitter.cost.ledger import Tally
from tap_twitter.errors import AccountError, Failure, RunError
from tap_twitter.streams.summary import StreamState, StreamSummary, TapSummary

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN = Run("tap-twitter", "0.1.0", NOON, NOON + timedelta(seconds=2.4))
NO_WAITS = dict.fromkeys(Reason, 0.0)
LOOKUP = StreamSummary(
    "users_lookup",
    StreamState.COMPLETE,
    203,
    {"found": 165, "not_found": 14},
    Tally(3, 165, 1, Decimal("1.65"), Decimal("1.64")),
)
MESSAGES = StreamSummary("direct_messages", StreamState.BUDGET, 20, {}, Tally(3))
GONE = AccountError("X says that the account is suspended. Remove it from 'accounts'.")


def test_the_summary_of_one_stream() -> None:
    assert TapSummary(RUN, [LOOKUP], NO_WAITS, []).as_text().splitlines() == [
        "Summary of tap-twitter: complete after 2.4 s",
        "stream              state     rows  requests  objects     USD",
        "users_lookup        complete   203         3      165   1.650",
        "  165 found, 14 not found",
        "repeats of the day  free                           -1  -0.010",
        "to pay              estimate                      164   1.640",
    ]


def test_the_summary_of_a_run_that_the_budget_has_ended() -> None:
    run = replace(RUN, outcome=Outcome.BUDGET, ended_at=NOON + timedelta(minutes=15, seconds=3))
    waits = {Reason.LIMITS: 900.0, Reason.FAULTS: 2.0}
    assert TapSummary(run, [LOOKUP, MESSAGES], waits, []).as_text().splitlines() == [
        "Summary of tap-twitter: stopped by the budget after 0:15:03",
        "stream              state     rows  requests  objects     USD",
        "users_lookup        complete   203         3      165   1.650",
        "  165 found, 14 not found",
        "direct_messages     budget      20         3        0   0.000",
        "total                          223         6      165   1.650",
        "repeats of the day  free                           -1  -0.010",
        "to pay              estimate                      164   1.640",
        "Waited 0:15:00 for X's rate limits, 2.0 s for errors of X to pass.",
        "The next run resumes here.",
    ]


def test_the_longest_names_and_figures_fit_80_columns() -> None:
    bill = Tally(9_999_999, 99_999_999, 9_999, Decimal("999999.999"), Decimal("99999.999"))
    outcomes = dict.fromkeys([f"status_{each}" for each in range(40)], 1_000_000)
    stream = StreamSummary("historical_engagement", StreamState.COMPLETE, 10**8, outcomes, bill)
    text = TapSummary(RUN, [stream], {Reason.LIMITS: 90_000.0, Reason.FAULTS: 9e4}, []).as_text()
    assert max(map(len, text.splitlines())) <= 80


def test_failures_of_one_cause_are_one_failure_for_programs() -> None:
    failures = [Failure(each, GONE, "us") for each in ("mentions", "followers")]
    found = TapSummary(replace(RUN, outcome=Outcome.FAILED), [LOOKUP], NO_WAITS, failures)
    assert found.as_json()["failures"] == [
        {
            "streams": ["mentions", "followers"],
            "partitions": ["us"],
            "noun": "account",
            "error": str(GONE),
        }
    ]
    assert found.as_text().splitlines()[-1].startswith("1 failure: see ")


def test_a_budget_ends_a_run_and_its_stream(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(30, "found")})
    run_tap(tap_config(sandbox, tmp_path) | {"budget": {"max_cost_usd": 0.1}})
    summary = summary_in(caplog)
    (stream,) = summary["streams"]
    assert (summary["outcome"], stream["state"], stream["rows"]) == ("budget", "budget", 10)


def test_an_account_that_fails_leaves_its_stream_partial(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    (gone,) = sandbox.world.sample_ids(1, "suspended")
    config = tap_config(sandbox, tmp_path) | {"accounts": [account_of(OWNER), {"id": gone}]}
    with pytest.raises(RunError):
        run_tap(config, clock=SkippingClock(), streams=["mentions"])
    summary = summary_in(caplog)
    (stream,) = summary["streams"]
    assert (summary["outcome"], stream["state"]) == ("failed", "partial")
    assert [each["partitions"] for each in summary["failures"]] == [[gone]]


def test_a_run_that_ends_before_its_first_request_has_a_summary(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(Exception, match="people") as caught:
        run_tap(tap_config(sandbox, tmp_path))
    summary = summary_in(caplog)
    assert (summary["outcome"], summary["errors"]) == ("failed", [str(caught.value)])
    assert [each["state"] for each in summary["streams"]] == ["not_read"]


def test_the_time_of_waits_is_in_the_summary(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    sandbox.faults.add("internal_error", path="/2/users", count=1)
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(3, "found")})
    run_tap(tap_config(sandbox, tmp_path), clock=SkippingClock())
    waited = summary_in(caplog)["waited_seconds"]
    assert waited["faults"] > 0
    assert waited["limits"] == 0
