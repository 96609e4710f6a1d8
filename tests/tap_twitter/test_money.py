"""Nothing is bought that cannot be had or stored, and the bill has every answer."""

from __future__ import annotations

import json
import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from support.answering import AnsweringX, Asked, answering
from support.commands import Pipe
from support.harness import (
    Messages,
    SkippingClock,
    account_of,
    make_dataset,
    run_tap,
    selecting,
    summary_in,
)

from sandbox.credentials import OWNER
from tap_twitter.cost.ledger import Tally, exact
from tap_twitter.errors import RunError
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from support.answering import Reply

TOTALS = "engagement_totals"
LAST_HOURS = "engagement_28hr"
SPECIFIC = {"tweet_selection": "specific", "tweets": ["2051"]}
TIMELINE = f"/2/users/{OWNER.user_id}/tweets"


def config_of(x: AnsweringX, tmp_path: Path, **groups: Any) -> dict[str, Any]:
    return x.config(tmp_path, **groups) | {"accounts": [account_of(OWNER)]}


@pytest.mark.parametrize("stream", ["historical_engagement", "engagement_28hr", TOTALS])
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, "This app is not allowed to use the Engagement API"),
        (401, "Your account could not be authenticated. Reason: Access token not found"),
    ],
)
def test_no_posts_are_bought_where_x_does_not_count_them(
    stream: str, status: int, error: str, tmp_path: Path
) -> None:
    with answering(lambda _: (status, {}, {"errors": [error]})) as x:
        with pytest.raises(RunError):
            run_tap(config_of(x, tmp_path), clock=SkippingClock(), streams=[stream])
        assert TIMELINE not in x.paths
        assert len(x.asked) == 1


@pytest.mark.parametrize("status", [200, 400])
def test_posts_are_bought_once_x_has_said_that_it_counts(status: int, tmp_path: Path) -> None:
    def handle(asked: Asked) -> Reply:
        if asked.method == "POST":
            return status, {}, {"errors": ["1 Tweet ID(s) are unavailable"]}
        return 200, {}, {"meta": {"result_count": 0}}

    with answering(handle) as x:
        run_tap(config_of(x, tmp_path), clock=SkippingClock(), streams=[TOTALS])
        assert x.paths == ["/insights/engagement/totals", TIMELINE]


def test_every_answer_of_the_engagement_api_is_on_the_bill_and_within_the_budget(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with answering(lambda _: (200, {}, {"grouping_1": ["odd"]})) as x:
        config = config_of(x, tmp_path, engagement=SPECIFIC, budget={"max_requests": 3})
        with pytest.raises(RunError, match=r"'budget\.max_requests' leaves no other try"):
            run_tap(config, clock=SkippingClock(), streams=[TOTALS])
        assert len(x.asked) == 3
    (stream,) = summary_in(caplog)["streams"]
    assert (stream["stream"], stream["requests"], stream["objects"]) == (TOTALS, 3, 0)


def test_lines_of_the_bill_add_up_to_its_total(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    user = {"id": OWNER.user_id, "username": "us", "name": "Us", "created_at": "x"}
    make_dataset(tmp_path, "people", {"user_id": [OWNER.user_id]})
    with answering(lambda _: (200, {}, {"data": [user]})) as x:
        config = config_of(x, tmp_path, budget={"prices": {"user": 0.0004}})
        run_tap(config, clock=SkippingClock(), streams=["users_lookup", "account_insights"])
    summary = summary_in(caplog)
    assert {each["stream"]: each["usd"] for each in summary["streams"]} == {
        "account_insights": 0.0004,
        "users_lookup": 0.0004,
    }
    assert summary["total"] == {
        "rows": 2,
        "requests": 2,
        "objects": 2,
        "usd": 0.0008,
        "repeats": 1,
        "repeats_usd": 0.0004,
        "usd_to_pay": 0.0004,
    }


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0.000"),
        ("1.5", "1.500"),
        ("0.0004", "0.0004"),
        ("1E+2", "100.000"),
        ("2.50000", "2.500"),
    ],
)
def test_amounts_are_exact(amount: str, text: str) -> None:
    assert exact(Decimal(amount)) == text


def test_bills_add_up() -> None:
    one = Tally(1, 2, 1, Decimal("0.02"), Decimal("0.01"))
    assert one + one == Tally(2, 4, 2, Decimal("0.04"), Decimal("0.02"))


@pytest.mark.parametrize(
    ("streams", "settings", "is_told"),
    [
        (["direct_messages_sent"], {}, True),
        (["direct_messages", "direct_messages_sent"], {"limit": 20}, True),
        (["direct_messages", "direct_messages_sent"], {}, False),
    ],
    ids=["sent-alone", "limit", "both"],
)
def test_the_plan_says_that_both_directions_cost(
    streams: list[str], settings: dict[str, Any], is_told: bool, tmp_path: Path
) -> None:
    config = config_of(AnsweringX("http://127.0.0.1:1"), tmp_path, direct_messages=settings)
    plan = TapTwitter(config=config, catalog=selecting(config, streams)).plan()
    assert any("charges for both" in note for note in plan.notes) is is_told


def test_a_snapshot_that_was_stopped_is_named_in_the_next_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def handle(asked: Asked) -> Reply:
        if asked.number == 2:
            return 402, {}, {"title": "CreditsDepleted"}
        tweets = json.loads(asked.body)["tweet_ids"]
        return 200, {}, {"grouping_1": {each: {"favorites": "1"} for each in tweets}}

    tweets = [str(10_000_000_000_000_000 + number) for number in range(60)]
    with answering(handle) as x:
        settings = {
            "tweet_selection": "specific",
            "tweets": tweets,
            "group_by": [["tweet", "engagement_type"]],
        }
        config = config_of(x, tmp_path, engagement=settings)
        messages = Messages()
        catalog = selecting(config, [LAST_HOURS])
        tap = TapTwitter(config=config, catalog=catalog, message_writer=messages)
        with pytest.raises(RunError):
            tap.run()
        (read_at,) = {each["read_at"] for each in messages.records}
        whole = run_tap(config, messages.states[-1], streams=[LAST_HOURS])
        told = [each for each in caplog.messages if "may be partial" in each]
        caplog.clear()
        run_tap(config, whole.states[-1], streams=[LAST_HOURS])
    assert len(told) == 1
    assert f"'read_at' {read_at} may be partial" in told[0]
    assert "may be partial" not in caplog.text


def test_a_target_that_refuses_the_schema_is_noticed_before_x_is_paid(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "commands")
    make_dataset(tmp_path, "people", {"user_id": ["12"]})
    (tmp_path / "file").touch()
    with answering(lambda _: (200, {}, {"data": [{"id": "12", "username": "a"}]})) as x:
        pipe = Pipe(tmp_path, x.config(tmp_path), {"store": str(tmp_path / "file" / "store")})
        assert pipe.run() == (1, 1)
        assert not x.asked
    assert "The target no longer reads" in caplog.text
    assert "Traceback" not in caplog.text
