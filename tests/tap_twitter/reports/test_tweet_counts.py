"""The number of posts that searches find: rows, price, and credentials."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from support.harness import APP_AUTH, USER_AUTH, Messages, selecting, tap_config
from support.sandbox_clock import SandboxClock
from support.timelines import NOON

from sandbox.credentials import FOUNDER
from tap_twitter.errors import RunError
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

TEA = {"name": "tea", "query": "tea OR kettle"}
NONE = {"name": "none", "query": "zyzzyva"}


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return {"clock_start": NOON.replace(minute=20), "clock_ticking": False}


def tap(sandbox: Sandbox, folder: Path, messages: Messages, *queries: Any, **more: Any) -> Any:
    auth = more.pop("auth", {"bearer_token": sandbox.tokens.app_only()})
    config = tap_config(sandbox, folder, auth=auth)
    config["api"] |= more.pop("api", {})
    config |= {"queries": list(queries), **more}
    catalog = selecting(config, ["tweet_counts"])
    made = TapTwitter(config=config, catalog=catalog, message_writer=messages)
    made.run_context.clock = SandboxClock(sandbox)
    return made


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_three_days_give_whole_hours(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture, vocabulary: str
) -> None:
    rows: dict[str, dict[str, Any]] = {}
    for _ in range(3):
        for number in range(3):
            sandbox.world.timelines.add(FOUNDER.user_id, f"Kettle {number}")
        sandbox.clock.advance(60)
        messages = Messages()
        tap(sandbox, tmp_path, messages, TEA, api={"vocabulary": vocabulary}).run()
        assert len(messages.records) == 168
        assert [each["is_complete"] for each in messages.records] == [True] * 167 + [False]
        rows |= {each["start"]: each for each in messages.records}
        sandbox.clock.advance(86_340)
    assert len(rows) == 168 + 48
    assert rows["2026-03-10T12:00:00.000Z"]["tweet_count"] >= 3
    assert sandbox.bill.total.gross_usd == Decimal("0.015")
    assert "WARNING" not in caplog.text


def test_a_request_is_charged_also_at_zero(sandbox: Sandbox, tmp_path: Path) -> None:
    messages = Messages()
    made = tap(sandbox, tmp_path, messages, NONE, TEA, budget={"max_cost_usd": 0.005})
    assert made.plan().total.objects == 1
    assert not [each for each in sandbox.requests if each.path.startswith("/2/")]
    made.run()
    assert {each["query"] for each in messages.records} == {"none"}
    assert {each["tweet_count"] for each in messages.records} == {0}
    tally = made.run_context.api.ledger.total
    assert (tally.objects, tally.gross_usd) == (1, Decimal("0.005"))
    assert sandbox.bill.total.gross_usd == tally.gross_usd
    assert messages.states[-1]["bookmarks"]["tweet_counts"]["first"] == "tea"


def test_a_user_s_keys_are_refused_before_the_first_request(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    made = tap(sandbox, tmp_path, Messages(), TEA, auth=USER_AUTH)
    with pytest.raises(RunError, match="a bearer token alone"):
        made.run()
    test = made.test()
    test.run()
    assert not test.is_passed
    assert "a bearer token alone" in test.report()
    assert not sandbox.requests


def test_the_app_s_keys_are_enough(sandbox: Sandbox, tmp_path: Path) -> None:
    test = tap(sandbox, tmp_path, Messages(), TEA, auth=APP_AUTH).test()
    test.run()
    assert test.is_passed
    assert test.most_usd == Decimal("0.005")
