from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from harness import Messages, selecting, tap_config
from sandbox_clock import SandboxClock

from sandbox.credentials import OWNER
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sandbox import Sandbox

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


class KilledError(BaseException):
    """What no stream can catch."""


class Fragile(Messages):
    """Messages that end the run, as a kill would, before one of the records.

    Args:
        fatal: The number of the record, from 0; None for no end.
    """

    def __init__(self, fatal: int | None = None) -> None:
        super().__init__()
        self._fatal = fatal

    def write_message(self, message: Any) -> None:
        if self._fatal is not None and len(self.records) == self._fatal:
            raise KilledError
        super().write_message(message)


@dataclass
class Runs:
    """Runs of the tap, one after the other, each from the state of the one before.

    Attributes:
        rows: What a target that upserts has after them, by id.
        given: The ids of all rows, in the order in which they came.
    """

    sandbox: Sandbox
    store: Path
    state: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)

    def run(
        self,
        *accounts: dict[str, Any],
        streams: Sequence[str] = ("tweet_insights",),
        fatal: int | None = None,
        **settings: Any,
    ) -> Messages:
        """Run the tap; `settings` are those of `insights` or whole groups."""
        messages = Fragile(fatal)
        try:
            self.tap(*accounts, streams=streams, messages=messages, **settings).run()
        finally:
            self.state = messages.states[-1] if messages.states else self.state
            for row in messages.records:
                key = row.get("id") or row["account_id"]
                self.rows[key] = row
                self.given.append(key)
        return messages

    def tap(
        self,
        *accounts: dict[str, Any],
        streams: Sequence[str] = ("tweet_insights",),
        messages: Messages | None = None,
        **settings: Any,
    ) -> TapTwitter:
        config = tap_config(self.sandbox, self.store)
        insights = dict(settings.pop("insights", {}))
        config |= {"accounts": list(accounts) or [{"id": OWNER.user_id}], "insights": insights}
        config["auth"] |= settings.pop("auth", {})
        config["api"] |= settings.pop("api", {})
        config |= settings
        catalog = selecting(config, streams)
        tap = TapTwitter(
            config=config, state=self.state, catalog=catalog, message_writer=messages or Messages()
        )
        tap.clock = SandboxClock(self.sandbox)
        return tap

    @property
    def posts_bought(self) -> int:
        resources = self.sandbox.bill.resources
        return sum(
            resources[kind].gross_objects for kind in ("Post", "OwnedRead") if kind in resources
        )


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    """Time passes when a test, or a wait of the tap, lets it."""
    return {"clock_start": NOON, "clock_ticking": False}


@pytest.fixture
def runs(sandbox: Sandbox, tmp_path: Path) -> Runs:
    return Runs(sandbox, tmp_path)
