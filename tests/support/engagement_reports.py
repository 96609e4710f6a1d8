"""What tests of engagement reports share: their moment, and rows as a dataset keeps them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from sandbox.credentials import OWNER
from tap_twitter.api.endpoints.base import NOBODY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox import Sandbox
    from sandbox.x.engagement_contract import Asked
    from support.harness import Messages

NOW = datetime(2026, 7, 15, 12, 24, tzinfo=UTC)
STREAM = "historical_engagement"


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


def questions(sandbox: Sandbox) -> list[Asked]:
    """What X was asked about posts; not whether it lets an account ask at all."""
    return [each for each in sandbox.engagement.asked if each.body["tweet_ids"] != [NOBODY]]


def stored(*runs: Messages) -> dict[str, dict[str, Any]]:
    """The rows as an upserting target keeps them."""
    return {row["row_id"]: row for run in runs for row in run.records}
