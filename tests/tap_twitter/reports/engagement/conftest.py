"""A sandbox that stands at a fixed moment, and a tap that lives in its time."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from support.engagement_reports import NOW, PostIds, Read
from support.harness import Messages, run_tap, tap_config
from support.sandbox_clock import SandboxClock

from sandbox.credentials import OWNER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    """Time passes when a test, or a wait of the tap, lets it."""
    return {"clock_start": NOW, "clock_ticking": False}


@pytest.fixture
def clock(sandbox: Sandbox) -> SandboxClock:
    return SandboxClock(sandbox)


@pytest.fixture
def read(sandbox: Sandbox, clock: SandboxClock, tmp_path: Path) -> Read:
    def run(
        *streams: str,
        state: dict[str, Any] | None = None,
        config: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> Messages:
        whole = {**tap_config(sandbox, tmp_path), "engagement": settings, **(config or {})}
        return run_tap(whole, state, clock, streams)

    return run


@pytest.fixture
def post_ids(sandbox: Sandbox) -> PostIds:
    def newest(count: int, user_id: str = OWNER.user_id) -> list[str]:
        own = (
            post["id"]
            for post in sandbox.world.timeline(user_id)
            if not any(each["type"] == "retweeted" for each in post.get("referenced_tweets", ()))
        )
        return list(islice(own, count))

    return newest
