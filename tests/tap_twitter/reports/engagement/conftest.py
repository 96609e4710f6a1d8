"""A sandbox that stands at a fixed moment, and a tap that lives in its time."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from harness import Messages, run_tap, tap_config
from sandbox_clock import SandboxClock

from sandbox.credentials import OWNER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sandbox import Sandbox

NOW = datetime(2026, 7, 15, 12, 24, tzinfo=UTC)


class Read(Protocol):
    """Runs streams with settings of the group `engagement`."""

    def __call__(
        self,
        *streams: str,
        state: dict[str, Any] | None = None,
        config: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> Messages: ...


class PostIds(Protocol):
    """Gives the ids of a user's newest posts, newest first, without reposts."""

    def __call__(self, count: int, user_id: str = OWNER.user_id) -> list[str]: ...


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    """Time passes when a test, or a wait of the tap, lets it."""
    return {"clock_start": NOW, "clock_ticking": False}


@pytest.fixture
def x(sandbox: Sandbox) -> Sandbox:
    return sandbox


@pytest.fixture
def clock(x: Sandbox) -> SandboxClock:
    return SandboxClock(x)


@pytest.fixture
def read(x: Sandbox, clock: SandboxClock, tmp_path: Path) -> Read:
    def run(
        *streams: str,
        state: dict[str, Any] | None = None,
        config: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> Messages:
        whole = {**tap_config(x, tmp_path), "engagement": settings, **(config or {})}
        return run_tap(whole, state, clock, streams)

    return run


@pytest.fixture
def post_ids(x: Sandbox) -> PostIds:
    def newest(count: int, user_id: str = OWNER.user_id) -> list[str]:
        own = (
            post["id"]
            for post in x.world.timeline(user_id)
            if not any(each["type"] == "retweeted" for each in post.get("referenced_tweets", ()))
        )
        return list(islice(own, count))

    return newest
