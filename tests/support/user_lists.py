"""Runs of the streams of users: followers, followed accounts and members of lists."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.credentials import OWNER, SECOND_USER
from sandbox.lists import TEA_PEOPLE
from support.harness import selecting, tap_config
from support.sandbox_clock import SandboxClock
from support.timelines import Fragile
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

SETTINGS: dict[str, dict[str, Any]] = {
    "followers": {"accounts": [{"name": "us", "id": OWNER.user_id}]},
    "following": {"accounts": [{"name": "us", "id": SECOND_USER.user_id}]},
    "list_members": {"list_members": {"lists": [f"https://x.com/i/lists/{TEA_PEOPLE}"]}},
}
PAGE = {"followers": 1000, "following": 1000, "list_members": 100}


@dataclass
class Snapshots:
    """Runs of one stream, each from the state of the one before.

    Attributes:
        rows: What a target that upserts has after them, by date and id.
        given: The number of rows, repeated ones too.
    """

    sandbox: Sandbox
    store: Path
    stream: str
    state: dict[str, Any] = field(default_factory=dict)
    rows: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    given: int = 0

    def tap(self, messages: Fragile | None = None, **settings: Any) -> TapTwitter:
        config = tap_config(self.sandbox, self.store) | SETTINGS[self.stream]
        config["budget"] = {"max_cost_usd": 100}
        for group in ("api", "auth"):
            config[group] = {**config[group], **settings.pop(group, {})}
        config |= settings
        catalog = selecting(config, [self.stream])
        tap = TapTwitter(
            config=config, state=self.state, catalog=catalog, message_writer=messages or Fragile()
        )
        tap.run_context.clock = SandboxClock(self.sandbox)
        return tap

    def run(self, fatal: int | None = None, **settings: Any) -> Fragile:
        """Run the tap; `fatal` is the number of the row before which it is killed."""
        messages = Fragile(fatal)
        try:
            self.tap(messages, **settings).run()
        finally:
            self.state = messages.states[-1] if messages.states else self.state
            self.given += len(messages.records)
            for row in messages.records:
                self.rows[row["date"], row["id"]] = row
        return messages

    @property
    def truth(self) -> list[str]:
        """The ids on the list now, the latest first."""
        world = self.sandbox.world
        if self.stream == "list_members":
            return world.lists.members(TEA_PEOPLE)
        if self.stream == "followers":
            return world.follows.followers(OWNER.user_id)
        return world.follows.following(SECOND_USER.user_id)

    def change(self, user_id: str, *, joins: bool = True) -> None:
        """Let somebody come onto the list, or leave it, now."""
        world = self.sandbox.world
        if self.stream == "list_members":
            (world.lists.add if joins else world.lists.remove)(TEA_PEOPLE, user_id)
            return
        change = world.follows.add if joins else world.follows.remove
        sides = (user_id, OWNER.user_id), (SECOND_USER.user_id, user_id)
        change(*sides[self.stream == "following"])

    def by_day(self) -> dict[str, set[str]]:
        """The ids of each snapshot."""
        days = defaultdict(set)
        for date, user_id in self.rows:
            days[date].add(user_id)
        return dict(days)

    def ends(self, date: str) -> set[str | None]:
        """What the rows of a snapshot say of its end."""
        return {row["snapshot_end"] for (day, _), row in self.rows.items() if day == date}

    @property
    def bought(self) -> int:
        return self.sandbox.bill.total.gross_objects
