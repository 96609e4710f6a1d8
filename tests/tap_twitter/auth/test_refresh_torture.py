"""Refreshes that are killed, and runs that share a login.

Whether a login is lost is read off the sandbox: it is, where X no longer takes the refresh token
that the store holds. That may come from nothing but a kill between X's exchange and the storing, and
the next run has to say so.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.credentials import OWNER
from sandbox.grants import ACCESS_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.granting import Grants

    from tap_twitter.auth.token_store import Login

    Batch = list[dict[str, Any]]

TOKEN = "/2/oauth2/token"

LATENCY_SECONDS = 0.01
MAX_LIFE_SECONDS = 0.08
"""About what a run takes on a machine with nothing else to do."""

LINES = 240
"""Somewhat more than a run goes through of the modules under test."""

LOST = "Login 'brand' is lost: a refresh that started at "
RECONNECT = "connect the account again: tap-twitter-accounts connect brand."


@dataclass
class Campaign:
    """Rounds of one login: its token ends, runs refresh it, and the first of them may be killed."""

    grants: Grants
    path: Path
    processes: Callable[[Batch], Batch]
    random: random.Random
    ahead_seconds: float = 0.0
    seen: Counter[str] = field(default_factory=Counter)

    def round(self) -> None:
        """End the access token, kill a run, and see what the next ones make of what it left."""
        before = self.grants.connect() if self.is_lost else self.grants.stored()
        self.end(before)
        exchanges = self.exchanges
        victim, *others = self.run(self.kill, *[{}] * self.random.choice([0, 0, 3]))
        self.await_x()
        where = self.place(before, self.exchanges - exchanges)
        self.seen[where if victim["was_killed"] else "survived"] += 1
        if where == "window":
            assert victim["was_killed"]
        self.check(others, is_lost=where == "window")

        exchanges = self.exchanges
        self.check(self.run(*[{}] * 4), is_lost=where == "window")
        assert self.exchanges - exchanges == (where == "before")

    def await_x(self) -> None:
        """Wait until X is done with what a process asked that is gone: a later request takes as long."""
        answer = self.grants.session.post(f"{self.grants.sandbox.url}{TOKEN}", timeout=10)
        assert answer.status_code == 401

    def end(self, login: Login) -> None:
        """Let the access token expire, or X refuse it before its time."""
        if self.random.random() < 0.5:
            self.ahead_seconds += ACCESS_SECONDS
            self.grants.expire()
        else:
            self.grants.sandbox.revoke(login.access_token)

    @property
    def kill(self) -> dict[str, float]:
        """When to kill a run: at a line of ours, or at any moment."""
        if self.random.random() < 0.7:
            return {"die_at": self.random.randint(1, LINES)}
        return {"die_after": self.random.uniform(0, MAX_LIFE_SECONDS)}

    @property
    def is_lost(self) -> bool:
        """Whether X takes the stored refresh token no longer, or nothing is stored yet."""
        login = self.grants.store.get("brand")
        return not (login and self.grants.sandbox.grants.client_of(login.refresh_token or ""))

    @property
    def exchanges(self) -> int:
        """How many refresh tokens X has exchanged so far."""
        asked = self.grants.sandbox.requests
        return sum(entry.path == TOKEN and entry.status == 200 for entry in asked)

    def place(self, before: Login, exchanged: int) -> str:
        """Where in the refresh a run was stopped, by X's word and the store's."""
        assert exchanged <= 1
        if not exchanged:
            assert not self.is_lost
            return "before"
        stored = self.grants.stored()
        if stored.refresh_token != before.refresh_token:
            assert not self.is_lost
            assert stored.refreshing_since is None
            return "after"
        assert self.is_lost
        assert stored.refreshing_since is not None
        return "window"

    def run(self, *kills: dict[str, float]) -> Batch:
        """Runs side by side that ask X for the user of the login."""
        given = {
            "path": str(self.path),
            "name": "brand",
            "url": self.grants.sandbox.url,
            "ahead_seconds": self.ahead_seconds,
        }
        return self.processes([{"do": "ask", "with": given, **kill} for kill in kills])

    @staticmethod
    def check(ends: Batch, *, is_lost: bool) -> None:
        """All of these runs did what they were asked for, or all tell that the login is lost."""
        for end in ends:
            assert end["status"] == 0
            if is_lost:
                assert end["said"].startswith(LOST)
                assert end["said"].endswith(RECONNECT)
            else:
                assert end["said"] == OWNER.user_id


@pytest.mark.parametrize(
    ("rounds", "seed"),
    [
        (20, 1),
        pytest.param(200, 2, marks=[pytest.mark.torture, pytest.mark.timeout(600)]),
    ],
)
def test_a_login_is_lost_by_a_kill_in_the_window_alone(
    grants: Grants,
    tmp_path: Path,
    processes: Callable[[Batch], Batch],
    rounds: int,
    seed: int,
) -> None:
    path = tmp_path / "private" / "tokens.json"
    campaign = Campaign(grants, path, processes, random.Random(seed))
    grants.sandbox.faults.add("delay", path=TOKEN, count=None, seconds=LATENCY_SECONDS)
    for _ in range(rounds):
        campaign.round()
    for place in ("before", "window", "after"):
        assert campaign.seen[place] >= rounds / 20, campaign.seen


def test_of_runs_side_by_side_one_refreshes(
    grants: Grants, tmp_path: Path, processes: Callable[[Batch], Batch]
) -> None:
    path = tmp_path / "private" / "tokens.json"
    campaign = Campaign(grants, path, processes, random.Random(3))
    for done in range(1, 6):
        campaign.end(grants.connect() if campaign.is_lost else grants.stored())
        campaign.check(campaign.run(*[{}] * 4), is_lost=False)
        assert campaign.exchanges == done
