"""What tests of direct messages share: runs of the tap, and what the sandbox's world knows."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import yaml

from sandbox.credentials import FOUNDER
from support.commands import ROOT
from support.harness import Messages, auth_of, selecting
from support.sandbox_clock import SandboxClock
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from sandbox import Sandbox
    from sandbox.credentials import UserToken
    from sandbox.request_log import Entry

RECEIVED, SENT = "direct_messages", "direct_messages_sent"
BOTH = f"{RECEIVED} {SENT}"
PATH = "/2/dm_events"
ME = FOUNDER.user_id
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORLD: dict[str, Any] = {"clock_start": NOON, "clock_ticking": False}
"""Options of a sandbox whose world stands still unless a test, or a wait of the tap, moves it."""


class Reader:
    """Reads messages from a sandbox, run after run, and keeps what a dataset would hold.

    Attributes:
        state: The last STATE.
        rows: By stream and key.
        messages: Of the last run.
        given: How many rows there were, repeated ones too.
    """

    def __init__(self, sandbox: Sandbox, folder: Path, token: UserToken = FOUNDER) -> None:
        self._sandbox = sandbox
        self.config: dict[str, Any] = {
            "auth": {**auth_of(token), "token_store": str(folder / "tokens.json")},
            "api": {"base_url": sandbox.url},
            "store": str(folder / "datasets"),
        }
        self.state: dict[str, Any] | None = None
        self.rows: dict[str, dict[tuple[str, str], dict[str, Any]]] = {RECEIVED: {}, SENT: {}}
        self.given = 0
        self.messages = Messages()

    def tap(
        self, streams: str = BOTH, messages: Messages | None = None, **settings: Any
    ) -> TapTwitter:
        self.messages = messages or Messages()
        config = {**self.config, **settings}
        catalog = selecting(self.config, streams.split())
        tap = TapTwitter(
            config=config, state=self.state, catalog=catalog, message_writer=self.messages
        )
        tap.run_context.clock = SandboxClock(self._sandbox)
        return tap

    def run(self, streams: str = BOTH, messages: Messages | None = None, **settings: Any) -> Reader:
        tap = self.tap(streams, messages, **settings)
        try:
            tap.run()
        finally:
            self._store()
        return self

    def _store(self) -> None:
        if self.messages.states:
            self.state = self.messages.states[-1]
        for message in self.messages.all:
            if message["type"] == "RECORD":
                row = message["record"]
                self.given += 1
                self.rows[message["stream"]][row["account_id"], row["id"]] = row

    def ids(self, stream: str) -> set[int]:
        return {int(event_id) for _, event_id in self.rows[stream]}

    @property
    def all_ids(self) -> set[int]:
        return self.ids(RECEIVED) | self.ids(SENT)


def truth(
    sandbox: Sandbox, user_id: str, keep: Callable[[Mapping[str, Any]], bool] = lambda _: True
) -> set[int]:
    """The ids of an account's events, as the world knows them."""
    found = map(sandbox.world.messages.seen, sandbox.world.messages.of(user_id))
    return {int(event["id"]) for event in found if keep(event)}


def expected(sandbox: Sandbox, event: Mapping[str, Any], *, names: bool) -> dict[str, Any]:
    """The row of an event as the world knows it."""
    sender = event.get("sender_id")
    members = event["dm_conversation_id"].split("-")
    recipient = None
    if len(members) == 2 and event["event_type"] == "MessageCreate":
        recipient = next((each for each in members if each != sender), sender)
    row = {
        "account_id": ME,
        "recipient_id": recipient,
        **{
            name: event.get(name)
            for name in (
                "id", "created_at", "event_type", "dm_conversation_id", "sender_id", "text",
                "participant_ids", "entities", "attachments", "referenced_tweets",
            )
        },
    }  # fmt: skip
    for side, user_id in (("sender", sender), ("recipient", recipient)):
        user: dict[str, Any] = {}
        if names and user_id and sandbox.world.status(user_id) == "found":
            user = sandbox.world.user(user_id)
        row |= {f"{side}_{part}": user.get(part) for part in ("username", "name")}
    return row


def world_rows(sandbox: Sandbox, *, names: bool = False) -> dict[str, list[dict[str, Any]]]:
    """The rows of both streams as the world knows them, newest first."""
    events = map(sandbox.world.messages.seen, sandbox.world.messages.of(ME))
    rows = [expected(sandbox, event, names=names) for event in events]
    return {
        RECEIVED: [row for row in rows if row["sender_id"] != ME],
        SENT: [row for row in rows if row["sender_id"] == ME],
    }


def asked(sandbox: Sandbox) -> list[Entry]:
    """The requests for messages that X has answered."""
    return [each for each in sandbox.requests if each.path == PATH and each.status == 200]


def sizes(entries: Iterable[Entry]) -> list[int]:
    return [int(entry.params["max_results"]) for entry in entries]


def documented_maps() -> dict[str, Any]:
    """The setting `stream_maps` with which `docs/privacy.md` keeps texts out, by stream."""
    page = (ROOT / "docs/privacy.md").read_text()
    (plugin,) = re.findall(r"```yaml\n(plugins:.*?)```", page, re.DOTALL)
    (extractor,) = yaml.safe_load(plugin)["plugins"]["extractors"]
    maps: dict[str, Any] = extractor["config"]["stream_maps"]
    return maps
