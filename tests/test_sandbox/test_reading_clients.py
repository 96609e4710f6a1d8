"""tweepy, twarc and X's own SDK read mentions, searches, counts, followers, lists and usage alike.

Each gets the ids that the world holds, in their order; twarc is skipped where it is not installed.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import tweepy
from test_sandbox.reading import ids
from test_sandbox.routes import routed
from test_sandbox.test_clients import tweepy_client
from test_sandbox.test_search import found
from test_sandbox.test_xdk import reader

from sandbox import Sandbox
from sandbox.credentials import CITY, OWNER
from sandbox.lists import TEA_PEOPLE

if TYPE_CHECKING:
    from test_sandbox.asking import Asking, Start

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
QUERY = '(kettle OR "new stock" OR #tea) -is:retweet'
Ids = dict[str, list[str]]
Read = Callable[[Sandbox, ExitStack], Ids]


def by_tweepy(sandbox: Sandbox, stack: ExitStack) -> Ids:
    client = tweepy_client(sandbox, stack, bearer_token=sandbox.tokens.app_only())

    def read(method: Any, *asked: Any, **params: Any) -> list[str]:
        pages = tweepy.Paginator(method, *asked, **params)
        return [str(each.id) for page in pages for each in page.data or []]

    return {
        "mentions": read(client.get_users_mentions, OWNER.user_id, max_results=100),
        "search": read(client.search_recent_tweets, QUERY, max_results=10),
        "followers": read(client.get_users_followers, OWNER.user_id, max_results=1000),
        "following": read(client.get_users_following, OWNER.user_id, max_results=100),
        "members": read(client.get_list_members, TEA_PEOPLE, max_results=100),
    }


def by_twarc(sandbox: Sandbox, stack: ExitStack) -> Ids:
    pytest.importorskip("twarc")
    from test_sandbox.test_twarc import client as twarc_client

    client = twarc_client(sandbox, stack, bearer_token=sandbox.tokens.app_only())

    def read(pages: Any) -> list[str]:
        return [each["id"] for page in pages for each in page["data"]]

    return {
        "mentions": read(client.mentions(OWNER.user_id)),
        "search": read(client.search_recent(QUERY)),
        "followers": read(client.followers(OWNER.user_id, user_id=OWNER.user_id)),
        "following": read(client.following(OWNER.user_id, user_id=OWNER.user_id, max_results=100)),
        "members": read(client.list_members(TEA_PEOPLE)),
    }


def by_xdk(sandbox: Sandbox, stack: ExitStack) -> Ids:
    client = reader(sandbox, stack, bearer_token=sandbox.tokens.app_only())

    def read(pages: Any) -> list[str]:
        return [each.id for page in pages for each in page.data or []]

    return {
        "mentions": read(client.users.get_mentions(OWNER.user_id, max_results=100)),
        "search": read(client.posts.search_recent(QUERY, max_results=10)),
        "followers": read(client.users.get_followers(OWNER.user_id, max_results=1000)),
        "following": read(client.users.get_following(OWNER.user_id, max_results=100)),
        "members": read(client.lists.get_members(TEA_PEOPLE, max_results=100)),
    }


@pytest.fixture
def world(start: Start) -> Sandbox:
    return start(
        clock_start=NOW,
        clock_ticking=False,
        problem_base="https://api.x.com/2/problems/",
    )


@pytest.mark.parametrize("read", [by_tweepy, by_twarc, by_xdk], ids=["tweepy", "twarc", "xdk"])
def test_other_peoples_clients_get_the_ids_of_the_world_in_their_order(
    world: Sandbox, stack: ExitStack, asking: Asking, read: Read
) -> None:
    got = read(world, stack)
    follows = world.world.follows
    assert got == {
        "mentions": _mentions(world),
        "search": ids(found(asking.app(world), QUERY)),
        "followers": follows.followers(OWNER.user_id),
        "following": follows.following(OWNER.user_id),
        "members": world.world.lists.members(TEA_PEOPLE),
    }
    assert {name: len(each) > 20 for name, each in got.items()} == dict.fromkeys(got, True)


def _mentions(sandbox: Sandbox) -> list[str]:
    world = sandbox.world
    seen = []
    hidden: dict[str, bool] = {}
    for post in world.square.mentioning(OWNER.user_id):
        author = post.author_id
        if author not in hidden:
            hidden[author] = world.status(author) != "found" or world.is_protected(author)
        if not hidden[author]:
            seen.append(str(world.timelines.newest(post)))
        if len(seen) == 800:
            return seen
    return seen


def test_other_peoples_clients_get_the_same_counts(
    world: Sandbox, stack: ExitStack, asking: Asking
) -> None:
    token = world.tokens.app_only()
    truth = len(found(asking.app(world), QUERY))
    by_tweepy = tweepy_client(world, stack, bearer_token=token).get_recent_tweets_count(
        QUERY, granularity="day"
    )
    assert by_tweepy.meta["total_tweet_count"] == truth
    assert sum(bucket["tweet_count"] for bucket in by_tweepy.data) == truth
    (page,) = reader(world, stack, bearer_token=token).posts.get_counts_recent(
        QUERY, granularity="day", search_count_fields="start,end,post_count"
    )
    assert page.model_dump()["meta"]["total_post_count"] == truth
    assert sum(bucket.post_count for bucket in page.data) == truth
    twarc = pytest.importorskip("twarc")
    client = twarc.Twarc2(bearer_token=token, metadata=False)
    routed(world, stack, client.client)
    (page,) = client.counts_recent(QUERY, granularity="day")
    assert page["meta"]["total_tweet_count"] == truth


def test_xs_own_sdk_reads_usage(start: Start, stack: ExitStack) -> None:
    sandbox = start(clock_start=NOW, clock_ticking=False, vocabulary="post")
    client = reader(sandbox, stack, bearer_token=sandbox.tokens.app_only())
    next(iter(client.users.get_posts(CITY.user_id, max_results=20)))
    usage = client.usage.get(
        days=2, usage_fields=["daily_project_usage", "project_usage", "project_cap"]
    ).model_dump()["data"]
    assert (usage["project_usage"], usage["project_cap"]) == ("20", "3000000")
    assert [day["usage"] for day in usage["daily_project_usage"]["usage"]] == ["0", "20"]
