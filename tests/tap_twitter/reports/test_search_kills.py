"""Kills of a search on every page: the next run has the rest, for a page at most."""

from __future__ import annotations

import logging
import random
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from support.searches import SANDBOX, by_tweepy, search, searching
from support.timelines import KilledError

from sandbox.credentials import FOUNDER, OWNER

if TYPE_CHECKING:
    from pathlib import Path

    from support.timelines import Runs

    from sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return SANDBOX


@pytest.fixture
def runs(sandbox: Sandbox, tmp_path: Path) -> Runs:
    return searching(sandbox, tmp_path)


def many_pages(sandbox: Sandbox) -> list[str]:
    """The posts that the query finds, on four pages, newest first."""
    for number in range(300):
        sandbox.world.timelines.add(FOUNDER.user_id, f"Stock of kettle {number}")
    sandbox.clock.advance(60)
    with ExitStack() as stack:
        return by_tweepy(sandbox, stack, max_results=100)


def kill_and_resume(sandbox: Sandbox, runs: Runs, fatal: int) -> None:
    """Kill a run before a row; the next one has the rest, for a page at most."""
    truth = many_pages(sandbox)
    assert len(truth) > 300
    sandbox.bill.reset()
    with pytest.raises(KilledError):
        search(runs, fatal=fatal)
    new = str(sandbox.world.timelines.add(OWNER.user_id, "A new kettle"))
    sandbox.clock.advance(60)
    search(runs)
    assert runs.rows.keys() == {*truth, new}
    assert runs.posts_bought <= len(truth) + 1 + 100
    assert len(runs.given) <= runs.posts_bought


@pytest.mark.parametrize("fatal", random.Random(14).sample(range(100, 300), 2))
def test_a_kill_between_pages_buys_no_more_than_a_page_twice(
    sandbox: Sandbox, runs: Runs, caplog: pytest.LogCaptureFixture, fatal: int
) -> None:
    caplog.set_level(logging.INFO, logger="tweepy")
    kill_and_resume(sandbox, runs, fatal)


@pytest.mark.torture
@pytest.mark.parametrize("page", range(4))
@pytest.mark.parametrize("row", [0, 1, 50, 99])
def test_kills_around_every_page_buy_no_more_than_a_page_twice(
    sandbox: Sandbox, runs: Runs, caplog: pytest.LogCaptureFixture, page: int, row: int
) -> None:
    caplog.set_level(logging.INFO, logger="tweepy")
    kill_and_resume(sandbox, runs, 100 * page + row)
