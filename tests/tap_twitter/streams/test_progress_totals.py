"""The totals of streams that read one account: those that are known without a request to X."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.harness import Messages, auth_of, selecting, tap_config
from support.sandbox_clock import SandboxClock

from sandbox.ads.accounts import NORTHWIND
from sandbox.credentials import FOUNDER, OWNER
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox
    from sandbox.credentials import UserToken

ENGAGEMENT = {"number_of_tweets": 30, "start_date_type": "relative", "days_back_to_start_from": 40}
ORGANIC = {"sync_mode": "SpecificAccounts", "accounts": [NORTHWIND.id]}
US = [{"name": "us", "id": OWNER.user_id}]
THEM = [*US, {"name": "them", "id": FOUNDER.user_id}]


def of_run(
    sandbox: Sandbox, store: Path, streams: str, token: UserToken = OWNER, **settings: Any
) -> dict[str, tuple[int, int | None, str]]:
    """By stream, how much of what total a run has done at its end, and the unit."""
    config = {**tap_config(sandbox, store, auth=auth_of(token)), **settings}
    names = streams.split()
    tap = TapTwitter(config=config, catalog=selecting(config, names), message_writer=Messages())
    tap.run_context.clock = SandboxClock(sandbox)
    tap.run()
    tasks = {name: tap.run_context.progress._of(name) for name in names}
    return {name: (task.done, task.total, task.unit) for name, task in tasks.items()}


@pytest.mark.parametrize(
    ("stream", "settings", "expected"),
    [
        # 30 posts and 41 days, of which a request takes 25 and 28
        ("historical_engagement", {"engagement": ENGAGEMENT}, (4, 4, "planned requests")),
        ("engagement_28hr", {"engagement": ENGAGEMENT}, (2, 2, "planned requests")),
        ("followers", {"accounts": US, "followers": {"limit": 7}}, (7, 7, "followers at most")),
        ("followers", {"accounts": US, "budget": {"max_cost_usd": 100}}, (None, None, "rows")),
        ("mentions", {"accounts": US, "budget": {"max_requests": 2}}, (None, None, "rows")),
        ("followers", {"accounts": THEM, "followers": {"limit": 7}}, (2, 2, "accounts")),
    ],
    ids=["ranges", "snapshots", "a limit", "no limit", "a depth", "several accounts"],
)
def test_one_account(
    stream: str,
    settings: dict[str, Any],
    expected: tuple[int | None, int | None, str],
    sandbox: Sandbox,
    tmp_path: Path,
) -> None:
    done, total, unit = of_run(sandbox, tmp_path, stream, **settings)[stream]
    assert (total, unit) == expected[1:]
    assert done == expected[0] if expected[0] is not None else done > 0


def test_limits_of_streams_that_share_a_read_add_up(sandbox: Sandbox, tmp_path: Path) -> None:
    limit = {"direct_messages": {"limit": 3}}
    found = of_run(sandbox, tmp_path, "direct_messages direct_messages_sent", FOUNDER, **limit)
    assert found["direct_messages"] == (6, 6, "messages at most")


@pytest.mark.parametrize(
    "stream", ["organic_tweet_report", pytest.param("tweet_analytics", marks=pytest.mark.torture)]
)
def test_reports_know_their_rows_once_posts_are_listed(
    stream: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    done, total, unit = of_run(sandbox, tmp_path, stream, organic=ORGANIC)[stream]
    assert unit == "rows"
    assert done == total
    assert done > 100
