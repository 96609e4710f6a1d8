"""What tests of the organic streams share: runs of the tap, and what they leave in tables."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.credentials import OWNER
from support.harness import Messages, auth_of, selecting
from support.sandbox_clock import SandboxClock
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox
    from sandbox.credentials import UserToken
    from sandbox.request_log import Entry

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORLD: dict[str, Any] = {"clock_start": NOON, "clock_ticking": False}
OF_TWEETS = (
    "tweet", "tweet_hashtag", "tweet_symbols", "tweet_url", "tweet_user_mention",
    "twitter_user_history",
)  # fmt: skip


class OrganicRuns:
    """Reads ads accounts from a sandbox, run after run, and keeps what tables would hold.

    Attributes:
        state: The last STATE.
        tables: By stream and key, the last row.
        messages: Of the last run.
        failures: What the last run failed with; empty if it did not.
    """

    def __init__(self, sandbox: Sandbox, folder: Path, token: UserToken = OWNER) -> None:
        self.sandbox = sandbox
        self.config: dict[str, Any] = {
            "auth": {**auth_of(token), "token_store": str(folder / "tokens.json")},
            "api": {"base_url": sandbox.url, "ads_url": sandbox.url},
            "store": str(folder / "datasets"),
        }
        self.state: dict[str, Any] | None = None
        self.tables: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}
        self.messages = Messages()

    def tap(self, streams: str, messages: Messages | None = None, **settings: Any) -> TapTwitter:
        """The tap for streams (names with blanks between), with settings over the usual ones."""
        self.messages = messages or Messages()
        config = {**self.config, **settings}
        tap = TapTwitter(
            config=config,
            state=deepcopy(self.state),
            catalog=selecting(config, streams.split()),
            message_writer=self.messages,
        )
        tap.run_context.clock = SandboxClock(self.sandbox)
        return tap

    def run(self, streams: str, *accounts: str, **settings: Any) -> OrganicRuns:
        """Run streams for some ads accounts, or for all if none are named."""
        organic = settings.pop("organic", {})
        if accounts:
            organic = {"sync_mode": "SpecificAccounts", "accounts": list(accounts), **organic}
        tap = self.tap(streams, settings.pop("messages", None), organic=organic, **settings)
        try:
            tap.run()
        finally:
            self._keep()
        return self

    def _keep(self) -> None:
        if self.messages.states:
            self.state = self.messages.states[-1]
        keys = {}
        for message in self.messages.all:
            if message["type"] == "SCHEMA":
                keys[message["stream"]] = message["key_properties"]
            if message["type"] == "RECORD":
                row, name = message["record"], message["stream"]
                key = tuple(row[each] for each in keys[name])
                self.tables.setdefault(name, {})[key] = row

    def rows(self, stream: str) -> list[dict[str, Any]]:
        """The rows of a table."""
        return list(self.tables.get(stream, {}).values())

    def asked(self, *parts: str) -> list[Entry]:
        """The requests that X has answered, of paths with all of these parts."""
        return [
            each
            for each in self.sandbox.requests
            if each.path.startswith("/12/")
            and each.status == 200
            and all(part in each.path for part in parts)
        ]
