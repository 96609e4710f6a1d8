"""Deletions over runs that are stopped anywhere: what is marked, and what must not be."""

from __future__ import annotations

import random
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from support.organic import WORLD, OrganicRuns

from sandbox.ads.accounts import FOUNDERS, HARBOUR, NORTHWIND, PLATFORM
from sandbox.credentials import OWNER, SECOND_USER

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox

ACCOUNTS = (NORTHWIND, FOUNDERS, HARBOUR)


class MarkedRuns(OrganicRuns):
    """Runs of `tweet` into a table that retires rows of older versions, as targets do.

    Attributes:
        marked: The posts that are marked as deleted.
    """

    def __init__(self, sandbox: Sandbox, folder: Path, draw: random.Random) -> None:
        super().__init__(sandbox, folder)
        self.marked: set[str] = set()
        self._draw = draw
        self._versions: dict[str, int] = {}

    def stopped(self, *accounts: str, is_killed: bool, **settings: Any) -> None:
        """A run; if it is killed, its messages are lost from a random one on."""
        state = deepcopy(self.state)
        self.run("tweet", *accounts, **settings)
        sent = self.messages.all
        kept = sent[: self._draw.randrange(len(sent))] if is_killed else sent
        self.state = next(
            (each["value"] for each in reversed(kept) if each["type"] == "STATE"), state
        )
        for message in kept:
            if message["type"] == "RECORD":
                self._versions[message["record"]["id"]] = message["version"]
                self.marked.discard(message["record"]["id"])
            elif message["type"] == "ACTIVATE_VERSION":
                self.marked |= {
                    post for post, version in self._versions.items() if version < message["version"]
                }

    @property
    def stored(self) -> set[str]:
        """All posts in the table."""
        return set(self._versions)


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return WORLD


def live(sandbox: Sandbox, accounts: tuple[Any, ...]) -> set[str]:
    posts = sandbox.ads.posts
    return {
        str(post.id)
        for account in accounts
        for post in posts.organic(account, account.user_id, answers=True, since_account=True)
    }


def campaign(sandbox: Sandbox, folder: Path, seed: int, accounts: tuple[Any, ...]) -> None:
    """Posts come and go while runs are stopped by budgets and kills; then two runs are complete."""
    draw, timelines = random.Random(seed), sandbox.world.timelines
    runs, made = MarkedRuns(sandbox, folder, draw), []
    ids = [each.id for each in accounts]
    for _ in range(6):
        made += [
            timelines.add(draw.choice([OWNER, SECOND_USER]).user_id, f"{draw.random()}")
            for _ in range(3)
        ]
        for post in draw.sample(made, min(2, len(made))):
            made.remove(post)
            timelines.delete(post)
        budget = draw.choice([{}, {"budget": {"max_requests": draw.randint(1, 5)}}])
        runs.stopped(*ids, is_killed=draw.random() < 0.5, **budget)
        sandbox.clock.advance(60)
        assert not runs.marked & live(sandbox, accounts), seed
    for _ in range(2):
        runs.stopped(*ids, is_killed=False)
        sandbox.clock.advance(60)
    there = live(sandbox, accounts)
    assert (runs.stored - runs.marked, runs.marked) == (there, runs.stored - there), seed


def test_stopped_runs_mark_what_is_gone_and_nothing_else(sandbox: Sandbox, tmp_path: Path) -> None:
    campaign(sandbox, tmp_path, 1, ACCOUNTS)


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(12))
def test_any_stops_mark_what_is_gone_and_nothing_else(
    sandbox: Sandbox, tmp_path: Path, seed: int
) -> None:
    campaign(sandbox, tmp_path, seed, (*ACCOUNTS, PLATFORM))
