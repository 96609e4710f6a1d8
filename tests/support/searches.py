"""Runs of searches, and what tweepy finds of the same world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tweepy
from test_sandbox.test_clients import tweepy_client

from sandbox.credentials import FOUNDER
from support.timelines import NOON, Runs

if TYPE_CHECKING:
    from contextlib import ExitStack
    from pathlib import Path

    from sandbox import Sandbox

SANDBOX: dict[str, Any] = {"clock_start": NOON, "clock_ticking": False}
QUERY = "(kettle OR tea OR stock) -is:retweet"
TEA = {"name": "tea", "query": QUERY}
DAY, WEEK = 86_400, 7 * 86_400


def searching(sandbox: Sandbox, folder: Path) -> Runs:
    """Runs in a world in which the query finds some posts."""
    for number in range(40):
        sandbox.world.timelines.add(FOUNDER.user_id, f"Kettle {number}")
    sandbox.clock.advance(60)
    return Runs(sandbox, folder)


def search(runs: Runs, *queries: dict[str, str], **settings: Any) -> Any:
    return runs.run(streams=("recent_search",), queries=list(queries or [TEA]), **settings)


def by_tweepy(sandbox: Sandbox, stack: ExitStack, max_results: int = 10) -> list[str]:
    client = tweepy_client(sandbox, stack, bearer_token=sandbox.tokens.app_only())
    pages = tweepy.Paginator(client.search_recent_tweets, QUERY, max_results=max_results)
    return [str(each.id) for page in pages for each in page.data or []]
