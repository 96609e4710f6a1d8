"""Plans of streams that are read account by account."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.granting import oauth2_login
from support.harness import APP_AUTH, account_of, run_tap, selecting, tap_config
from support.sandbox_clock import SandboxClock

from sandbox.credentials import OWNER, SECOND_USER
from tap_twitter.auth.token_store import TokenStore
from tap_twitter.errors import StateError
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sandbox import Sandbox
    from tap_twitter.cost.plan import Estimate

REPORT = {"duration": "date", "report_date": "relative", "days_back": 1}
OTHER = {"username": "PlatformNews"}
"""Somebody else's account, whose id is not known."""


def planned(sandbox: Sandbox, store: Path, stream: str, *accounts: dict[str, Any]) -> Estimate:
    config = tap_config(sandbox, store) | {"accounts": list(accounts), "engagement": REPORT}
    return TapTwitter(config=config, catalog=selecting(config, [stream])).plan().total


@pytest.mark.parametrize(
    "stream", ["account_insights", "tweet_insights", "direct_messages", "historical_engagement"]
)
def test_an_account_that_x_would_refuse_is_left_out_as_in_the_run(
    sandbox: Sandbox, tmp_path: Path, stream: str, caplog: pytest.LogCaptureFixture
) -> None:
    handle = {"name": "poor", "username": "harbour_books"}
    login = oauth2_login(sandbox, "poor", SECOND_USER.user_id, "offline.access")
    alone = planned(sandbox, tmp_path, stream, {"id": OWNER.user_id})
    TokenStore(tmp_path / "tokens.json").put(login)
    together = planned(sandbox, tmp_path, stream, handle, {"id": OWNER.user_id})
    if stream == "account_insights":  # which whoever may asks
        assert together.objects == alone.objects + 1
    else:
        assert together == alone
        assert f"Stream '{stream}' failed for account 'poor'" in caplog.text
    assert not sandbox.requests


def estimate(
    sandbox: Sandbox, config: dict[str, Any], streams: Sequence[str], state: Any = None
) -> Estimate:
    tap = TapTwitter(config=config, state=state, catalog=selecting(config, streams))
    tap.run_context.clock = SandboxClock(sandbox)
    return tap.plan().total


def by_id_and_handle(
    sandbox: Sandbox, store: Path, **settings: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings with the owner's account in the owner's own name, once by its id, once by its handle."""
    config = tap_config(sandbox, store) | {"budget": {"app_owner_id": OWNER.user_id}} | settings
    own = account_of(OWNER)
    handle = {"username": sandbox.world.handle(own.pop("id"))}
    return (
        config | {"accounts": [account_of(OWNER)]},
        config | {"accounts": [own | handle]},
    )


@pytest.mark.parametrize("stream", ["tweet_insights", "direct_messages", "historical_engagement"])
def test_a_plan_goes_on_from_the_bookmark_of_an_account_given_by_handle(
    sandbox: Sandbox, tmp_path: Path, stream: str
) -> None:
    start = (sandbox.clock.now() - timedelta(days=100)).date().isoformat()
    posts = [post["id"] for post in sandbox.world.timeline(OWNER.user_id)][:3]
    report = {
        "tweet_selection": "specific",
        "tweets": posts,
        "duration": "range",
        "start_date_type": "specific",
        "specific_start_date": start,
    }
    settings = {"engagement": report, "direct_messages": {"limit": 50}}
    by_id, by_handle = by_id_and_handle(sandbox, tmp_path, **settings)
    stopped = by_handle | {"budget": by_handle["budget"] | {"max_requests": 4}}
    state = run_tap(stopped, None, SandboxClock(sandbox), [stream]).states[-1]
    first, next_run = (estimate(sandbox, by_id, [stream], each) for each in (None, state))
    assert next_run != first
    assert estimate(sandbox, by_handle, [stream], state) == next_run


@pytest.mark.parametrize("stream", ["tweet_insights", "direct_messages", "historical_engagement"])
def test_a_damaged_bookmark_of_an_account_given_by_handle_is_told_before_the_first_request(
    sandbox: Sandbox, tmp_path: Path, stream: str
) -> None:
    _, config = by_id_and_handle(sandbox, tmp_path, engagement=REPORT)
    (entry,) = config["accounts"]
    partition = {
        "context": {"account_id": OWNER.user_id},
        "identified_by": entry["username"].lower(),
        "identified_at": "2026-01-01T00:00:00+00:00",
        "cursor": "damaged",
    }
    state = {"bookmarks": {stream: {"partitions": [partition]}}}
    with pytest.raises(StateError):
        run_tap(config, state, SandboxClock(sandbox), [stream])
    assert not sandbox.requests


@pytest.mark.parametrize("own", ["id", "handle"])
@pytest.mark.parametrize("second", ["tweet_insights", "account_insights"])
def test_ids_that_the_first_stream_does_not_need_are_planned_with_the_second(
    sandbox: Sandbox, tmp_path: Path, own: str, second: str
) -> None:
    by_id, by_handle = by_id_and_handle(sandbox, tmp_path)
    config = by_id if own == "id" else by_handle
    config["auth"] = {**APP_AUTH, "token_store": str(tmp_path / "tokens.json")}
    config["accounts"].append(OTHER)
    one, other, both = (
        estimate(sandbox, config, streams)
        for streams in (["direct_messages"], [second], ["direct_messages", second])
    )
    assert both.objects == one.objects + other.objects - (own == "handle")
