"""The bill of a run, held against the sandbox's."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.exceptions import ConfigValidationError
from support.harness import (
    APP_AUTH,
    USER_AUTH,
    Messages,
    make_dataset,
    run_tap,
    summary_in,
    tap_config,
)

from sandbox import running
from tap_twitter.cost.ledger import PRICES, Ledger, Resource, Tally, object_ids, prices
from tap_twitter.errors import RunError
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


class Day:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def test_a_repeat_is_free_until_the_utc_day_ends() -> None:
    clock = Day()
    ledger = Ledger(PRICES, clock)
    ledger.enter("a", Resource.USER, ["1", "2", None, "2"])
    ledger.enter("b", Resource.USER, ["2", "3"])
    ledger.enter("b", Resource.POST, ["2"])
    clock.sleep(60)
    ledger.enter("b", Resource.USER, ["2"])
    assert ledger.tallies == {
        "a": Tally(1, 4, 1, Decimal("0.04"), Decimal("0.03")),
        "b": Tally(3, 4, 1, Decimal("0.035"), Decimal("0.025")),
    }


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({"data": [{"id": "1"}, {"id": 2}, "x"]}, ["1", None, None]),
        ({"data": {"id": "1"}}, ["1"]),
        ({"errors": [{"id": "1"}]}, []),
        ({"data": None}, []),
    ],
    ids=["list", "object", "errors-alone", "null"],
)
def test_objects_are_counted_in_any_answer(body: dict[str, Any], ids: list[str | None]) -> None:
    assert list(object_ids(body)) == ids


def test_prices_of_ones_own_go_over_x_s() -> None:
    found = prices({"budget": {"prices": {"user": 0.1}}})
    assert found == {**PRICES, Resource.USER: Decimal("0.1")}


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (
            {"users": 1},
            "'budget.prices' accepts only: user, post, dm_event, follow, counts_request, owned_read",
        ),
        ({"user": -1}, "'budget.prices.user' must be at least 0"),
        ({"user": "1 cent"}, "'budget.prices.user' must be of type number"),
    ],
    ids=["unknown", "negative", "text"],
)
def test_wrong_prices_are_named(tmp_path: Path, given: dict[str, Any], line: str) -> None:
    with running() as sandbox, pytest.raises(ConfigValidationError) as raised:
        TapTwitter(config=tap_config(sandbox, tmp_path) | {"budget": {"prices": given}})
    assert raised.value.errors == [f"Setting {line}."]


def bill(config: dict[str, Any]) -> Tally:
    """What a run's ledger says of the lookup."""
    tap = TapTwitter(config=config, message_writer=Messages())
    tap.run()
    return tap.run_context.api.ledger.tallies["users_lookup"]


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
@pytest.mark.parametrize("auth", [USER_AUTH, APP_AUTH], ids=["oauth1", "app-only"])
def test_the_bill_is_x_s(tmp_path: Path, vocabulary: Any, auth: dict[str, str]) -> None:
    with running(vocabulary=vocabulary) as sandbox:
        found = sandbox.world.sample_ids(230, "found")
        missing = sandbox.world.sample_ids(5, "not_found")
        handles = [f"@{sandbox.world.handle(each)}" for each in found[:20]]
        make_dataset(tmp_path, "people", {"who": [*found, *missing, *handles, "no such form"]})
        ours, theirs = bill(tap_config(sandbox, tmp_path, auth=auth)), sandbox.bill.total
    assert (ours.requests, ours.objects) == (theirs.requests, theirs.gross_objects) == (4, 250)
    assert (ours.gross_usd, ours.net_usd) == (theirs.gross_usd, theirs.net_usd)
    assert ours.repeats == 20


def test_a_run_ends_with_its_bill_in_the_log_and_in_the_metrics(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(130, "found")})
    caplog.set_level(logging.INFO)
    run_tap(tap_config(sandbox, tmp_path))
    assert not [each for each in caplog.records if each.name == "singer_sdk.metrics"]
    caplog.clear()
    run_tap(tap_config(sandbox, tmp_path) | {"log_metrics": True})
    (stream,) = summary_in(caplog)["streams"]
    assert (stream["requests"], stream["objects"], stream["usd"]) == (2, 130, 1.3)
    points = [
        json.loads(record.message.removeprefix("METRIC: "))
        for record in caplog.records
        if record.name == "singer_sdk.metrics"
    ]
    counted = {point["metric"]: point["value"] for point in points}
    assert counted["billed_requests"] == 2
    assert counted["billed_objects"] == 130
    assert counted["cost_usd_gross"] == counted["cost_usd_net"] == pytest.approx(1.3)


def test_a_run_that_fails_has_its_bill_as_well(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running(limits={"/2/users:user": 1}) as sandbox:
        make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(130, "found")})
        config = tap_config(sandbox, tmp_path)
        config["api"]["max_wait_seconds"] = 0
        caplog.set_level(logging.INFO)
        with pytest.raises(RunError):
            run_tap(config)
    (stream,) = summary_in(caplog)["streams"]
    assert (stream["requests"], stream["objects"], stream["usd"]) == (1, 100, 1.0)
