"""Our streams have the ids that tweepy, twarc and X's own SDK get of the same world, in their order."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from support.harness import Messages, selecting, tap_config
from support.sandbox_clock import SandboxClock
from test_sandbox.test_clients import tweepy_client
from test_sandbox.test_reading_clients import NOW, QUERY, by_twarc, by_tweepy, by_xdk
from test_sandbox.test_xdk import reader

from sandbox import running
from sandbox.credentials import CITY, OWNER
from sandbox.lists import TEA_PEOPLE
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from test_sandbox.test_reading_clients import Ids, Read

    from sandbox import Sandbox

STREAMS = {
    "mentions": "mentions",
    "recent_search": "search",
    "followers": "followers",
    "following": "following",
    "list_members": "members",
}
"""By stream, what the other clients' reads are called."""


@pytest.fixture(scope="module")
def world() -> Iterator[Sandbox]:
    base = "https://api.x.com/2/problems/"
    with running(clock_start=NOW, clock_ticking=False, problem_base=base) as sandbox:
        yield sandbox


def read_streams(world: Sandbox, store: Path, names: list[str]) -> dict[str, list[dict[str, Any]]]:
    """The rows of our streams, as they are written."""
    config = tap_config(world, store, auth={"bearer_token": world.tokens.app_only()})
    config |= {
        "accounts": [{"id": OWNER.user_id}],
        "queries": [{"name": "ours", "query": QUERY}],
        "list_members": {"lists": [TEA_PEOPLE]},
        "budget": {"max_cost_usd": 1000},
    }
    messages = Messages()
    tap = TapTwitter(config=config, catalog=selecting(config, names), message_writer=messages)
    tap.run_context.clock = SandboxClock(world)
    tap.run()
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for each in messages.all:
        if each["type"] == "RECORD":
            found[each["stream"]].append(each["record"])
    return found


@pytest.fixture(scope="module")
def rows(
    world: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[dict[str, Any]]]:
    return read_streams(world, tmp_path_factory.mktemp("store"), [*STREAMS, "tweet_counts"])


@pytest.fixture
def stack(caplog: pytest.LogCaptureFixture) -> Iterator[ExitStack]:
    for client in ("tweepy", "twarc"):  # they log tokens and texts
        caplog.set_level(logging.INFO, logger=client)
    with ExitStack() as opened:
        yield opened


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(by_tweepy, id="tweepy"),
        # in `make test`, tests of the sandbox hold that they get what tweepy gets
        pytest.param(by_twarc, id="twarc", marks=pytest.mark.torture),
        pytest.param(by_xdk, id="xdk", marks=pytest.mark.torture),
    ],
)
def test_ids_and_order_are_those_of_other_clients(
    world: Sandbox, rows: dict[str, list[dict[str, Any]]], stack: ExitStack, read: Read
) -> None:
    theirs: Ids = read(world, stack)
    ours = {theirs: [row["id"] for row in rows[stream]] for stream, theirs in STREAMS.items()}
    assert ours == theirs
    assert all(len(each) > 20 for each in ours.values())


def test_counts_are_those_of_other_clients(
    world: Sandbox, rows: dict[str, list[dict[str, Any]]], stack: ExitStack
) -> None:
    client = tweepy_client(world, stack, bearer_token=world.tokens.app_only())
    hours = client.get_recent_tweets_count(QUERY, granularity="hour").data
    ours = {row["start"]: row["tweet_count"] for row in rows["tweet_counts"]}
    assert ours == {each["start"]: each["tweet_count"] for each in hours[-len(ours) :]}
    assert sum(ours.values()) > 20


@pytest.mark.torture
def test_usage_is_that_of_x_s_own_sdk(tmp_path: Path, stack: ExitStack) -> None:
    with running(clock_start=NOW, clock_ticking=False, vocabulary="post") as sandbox:
        client = reader(sandbox, stack, bearer_token=sandbox.tokens.app_only())
        next(iter(client.users.get_posts(CITY.user_id, max_results=20)))
        [*_, today] = read_streams(sandbox, tmp_path, ["usage"])["usage"]
        usage = client.usage.get(days=7, usage_fields=["daily_project_usage"]).model_dump()
    *_, theirs = usage["data"]["daily_project_usage"]["usage"]
    assert (today["date"], str(today["posts"])) == (theirs["date"][:10], theirs["usage"])
    assert today["posts"] == 20
