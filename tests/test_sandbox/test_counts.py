"""`GET /2/tweets/counts/recent`: counts are what a search would find, at the price of a request."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from test_sandbox.test_search import EVERYTHING, found

from sandbox import moments
from sandbox.credentials import NEWS

if TYPE_CHECKING:
    from test_sandbox.asking import Ask, Asking, Start

    from sandbox import Sandbox

NOW = datetime(2026, 3, 10, 15, 20, 50, tzinfo=UTC)
PATH = "/2/tweets/counts/recent"


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return {"clock_start": NOW, "clock_ticking": False}


@pytest.mark.parametrize(
    ("granularity", "cut", "buckets"),
    [("minute", 16, 10_081), ("hour", 13, 169), ("day", 10, 8)],
)
def test_counts_are_those_of_the_search(app: Ask, granularity: str, cut: int, buckets: int) -> None:
    posts = found(app, EVERYTHING, tweet_fields="created_at")
    body = app(PATH, query=EVERYTHING, granularity=granularity).json()
    assert body["meta"] == {"total_tweet_count": len(posts)}
    expected = Counter(post["created_at"][:cut] for post in posts)
    counted = {b["start"][:cut]: b["tweet_count"] for b in body["data"] if b["tweet_count"]}
    assert counted == expected
    assert len(body["data"]) == buckets
    assert all(before["end"] == after["start"] for before, after in pairwise(body["data"]))
    # the first and the last are parts of whole ones
    assert body["data"][0]["start"] == "2026-03-03T15:20:50.000Z"
    assert body["data"][-1]["end"] == "2026-03-10T15:20:20.000Z"


def test_an_hour_is_the_granularity_unless_another_is_asked_for(app: Ask) -> None:
    bounds = {"start_time": "2026-03-10T10:00:00Z", "end_time": "2026-03-10T12:30:00Z"}
    starts = [bucket["start"] for bucket in app(PATH, query="rain", **bounds).json()["data"]]
    assert starts == [f"2026-03-10T{hour}:00:00.000Z" for hour in (10, 11, 12)]


def test_what_is_not_found_is_counted_as_none_and_paid_for(sandbox: Sandbox, app: Ask) -> None:
    for _ in range(2):
        body = app(PATH, query="platypus", granularity="day").json()
        assert [bucket["tweet_count"] for bucket in body["data"]] == [0] * 8
    bill = sandbox.bill.as_json()["resources"]
    assert bill.keys() == {"CountsRequest"}
    assert (bill["CountsRequest"]["net_objects"], bill["CountsRequest"]["net_usd"]) == (2, 0.01)
    assert sandbox.bill.posts_on(NOW.date()) == 0


def test_fields_and_words(app: Ask) -> None:
    old = app(PATH, query="rain", granularity="day", search_count_fields="start,tweet_count").json()
    new = app(PATH, query="rain", granularity="day", search_count_fields="start,post_count").json()
    assert {frozenset(bucket) for bucket in old["data"]} == {frozenset({"start", "tweet_count"})}
    assert new["meta"] == {"total_post_count": old["meta"]["total_tweet_count"]}
    assert [b["post_count"] for b in new["data"]] == [b["tweet_count"] for b in old["data"]]


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "since-id": (
        {"since_id": "20"},
        "'since_id' must be a tweet id created after 2026-03-03T15:20Z",
    ),
    "start": ({"start_time": "2026-03-01T00:00:00Z"}, "must be on or after 2026-03-03T15:20Z"),
    "granularity": ({"granularity": "week"}, "is not one of [minute,hour,day]"),
    "token": ({"next_token": "abc"}, "The `next_token` query parameter value [abc] is not valid"),
    "pages": ({"max_results": "10"}, "[max_results] is not one of [query,"),
    "query": ({"query": "is:reply"}, "cannot be used as a standalone operator"),
}


@pytest.mark.parametrize(("params", "message"), REFUSED.values(), ids=REFUSED)
def test_what_x_refuses(sandbox: Sandbox, app: Ask, params: dict[str, str], message: str) -> None:
    answer = app(PATH, **{"query": "rain", **params})
    assert answer.status_code == 400
    assert message in answer.json()["errors"][0]["message"]
    assert sandbox.bill.total.net_usd == 0


@pytest.mark.parametrize(("vocabulary", "by_grant"), [("tweet", 403), ("post", 200), ("both", 200)])
def test_users_are_admitted_by_oauth2_since_the_later_spec(
    start: Start, asking: Asking, vocabulary: str, by_grant: int
) -> None:
    sandbox = start(clock_start=NOW, vocabulary=vocabulary)
    assert asking.granted(sandbox, "users.read")(PATH, query="rain").status_code == by_grant
    refused = asking.user(sandbox)(PATH, query="rain")
    assert refused.status_code == 403
    taken = {
        403: "OAuth 2.0 Application-Only",
        200: "OAuth 2.0 Application-Only, OAuth 2.0 User Context",
    }
    assert refused.json()["detail"] == (
        "Authenticating with OAuth 1.0a User Context is forbidden for this endpoint.  Supported "
        f"authentication types are [{taken[by_grant]}]."
    )


def test_since_id_begins_the_first_bucket(app: Ask) -> None:
    posts = found(app, f"from:{NEWS.user_id}")
    since = posts[4]["id"]
    body = app(PATH, query=f"from:{NEWS.user_id}", since_id=since).json()
    assert body["meta"]["total_tweet_count"] == 4
    assert body["data"][0]["start"] == moments.stamp(moments.snowflake_time(int(since)))
    assert app(PATH, query="rain").headers["x-rate-limit-limit"] == "300"
