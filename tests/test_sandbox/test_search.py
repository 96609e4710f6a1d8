"""`GET /2/tweets/search/recent`: what is found, how far back, and what X refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from test_sandbox.reading import ids

from sandbox import moments
from sandbox.credentials import CITY, NEWS, OWNER, SECOND_USER
from sandbox.x.search_query import QueryError, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from test_sandbox.asking import Ask, Asking, Start

    from sandbox import Sandbox

NOW = datetime(2026, 3, 10, 15, 0, 50, 444_000, tzinfo=UTC)
WEEK = timedelta(days=7)
PATH = "/2/tweets/search/recent"
EVERYTHING = "kettle OR stock OR rain OR visita OR gebacken OR お茶の時間です OR has:mentions"


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return {"clock_start": NOW, "clock_ticking": False}


def found(ask: Ask, query: str, **params: str) -> list[dict[str, Any]]:
    """All posts of all pages."""
    posts: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        answer = ask(PATH, query=query, max_results="100", **params, **token)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        posts += page.get("data", [])
        if "next_token" not in page["meta"]:
            return posts
        token = {"next_token": page["meta"]["next_token"]}


def in_reach(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Every public post of the time that is searched, newest first."""
    now = sandbox.clock.now()
    reach: list[dict[str, Any]] = []
    hidden: dict[str, bool] = {}
    for publication in sandbox.world.square.posts():
        newest = sandbox.world.timelines.newest(publication)
        if moments.snowflake_time(newest) < now - WEEK:
            return reach
        author = publication.author_id
        if author not in hidden:
            is_found = sandbox.world.status(author) == "found"
            hidden[author] = not is_found or sandbox.world.is_protected(author)
        if moments.snowflake_time(newest) < now - timedelta(seconds=30) and not hidden[author]:
            reach.append(sandbox.world.post(str(newest)) or {})
    raise AssertionError


def kind(post: dict[str, Any]) -> str:
    return str(post.get("referenced_tweets", [{"type": "original"}])[0]["type"])


def text(post: dict[str, Any]) -> str:
    return str(post.get("note_tweet", post)["text"]).lower()


def entities(post: dict[str, Any], name: str) -> list[Any]:
    found: list[Any] = post.get("note_tweet", post).get("entities", {}).get(name, [])
    return found


def own(post: dict[str, Any]) -> bool:
    return kind(post) != "retweeted"


FINDS: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
    "word": ("KETTLE", lambda p: own(p) and "kettle" in text(p)),
    "phrase": ('"new stock"', lambda p: own(p) and "new stock" in text(p)),
    "two-words": ("stock today", lambda p: own(p) and "new stock today" in text(p)),
    "either": ("kettle OR stock", lambda p: own(p) and ("kettle" in text(p) or "stock" in text(p))),
    "and-binds-closer": (
        "rain OR kettle -has:hashtags",
        lambda p: own(p)
        and ("rain" in text(p) or ("kettle" in text(p) and not entities(p, "hashtags"))),
    ),
    "group": (
        "(rain OR kettle) -has:hashtags",
        lambda p: own(p)
        and ("rain" in text(p) or "kettle" in text(p))
        and not entities(p, "hashtags"),
    ),
    "from": ("from:platformnews", lambda p: p["author_id"] == NEWS.user_id),
    "from-id": (f"from:{NEWS.user_id}", lambda p: p["author_id"] == NEWS.user_id),
    "no-reposts": (
        "from:PlatformNews -is:retweet",
        lambda p: p["author_id"] == NEWS.user_id and own(p),
    ),
    "to": (
        "to:NorthwindTea",
        lambda p: p.get("in_reply_to_user_id") == OWNER.user_id,
    ),
    "reposts-of": (
        "retweets_of:NorthwindTea",
        lambda p: kind(p) == "retweeted" and text(p).startswith("rt @northwindtea"),
    ),
    "mention": (
        "@northwindtea",
        lambda p: OWNER.user_id in {each["id"] for each in entities(p, "mentions")},
    ),
    "tag": (
        "#TEA",
        lambda p: own(p) and "tea" in {each["tag"].lower() for each in entities(p, "hashtags")},
    ),
    "links": ("has:links from:PlatformNews", lambda p: (
        p["author_id"] == NEWS.user_id and bool(entities(p, "urls"))
    )),
    "media": ("rain OR kettle OR stock has:media", lambda p: own(p) and (
        "rain" in text(p) or "kettle" in text(p)
        or ("stock" in text(p) and bool(p.get("attachments", {}).get("media_keys")))
    )),
    "language": ("visita lang:pt", lambda p: own(p) and "visita" in text(p) and p["lang"] == "pt"),
}  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), FINDS.values(), ids=FINDS)
def test_operators_find_what_they_say(
    sandbox: Sandbox, app: Ask, query: str, expected: Callable[[dict[str, Any]], bool]
) -> None:
    truth = [post["id"] for post in in_reach(sandbox) if expected(post)]
    assert truth
    assert ids(found(app, query)) == truth


def test_a_search_goes_back_seven_days_and_stops_half_a_minute_ago(
    sandbox: Sandbox, app: Ask
) -> None:
    new = str(sandbox.world.timelines.add(CITY.user_id, "Umbrellas for all. #umbrella"))
    assert app(PATH, query="#umbrella").json() == {"meta": {"result_count": 0}}
    sandbox.clock.advance(31)
    assert ids(found(app, "umbrellas -from:founder")) == [new]
    sandbox.clock.advance(WEEK.total_seconds() - 32)
    assert ids(found(app, "#umbrella")) == [new]
    sandbox.clock.advance(2)
    assert found(app, "#umbrella") == []


def test_a_first_page_has_ten_posts_and_pages_are_led_to_by_either_name(app: Ask) -> None:
    first = app(PATH, query=EVERYTHING).json()
    assert first["meta"].keys() == {"result_count", "newest_id", "oldest_id", "next_token"}
    assert first["meta"]["result_count"] == 10
    token = first["meta"]["next_token"]
    second = [
        app(PATH, query=EVERYTHING, **{name: token}).json()
        for name in ("next_token", "pagination_token")
    ]
    assert second[0] == second[1]
    assert int(second[0]["data"][0]["id"]) < int(first["data"][-1]["id"])
    assert "previous_token" not in second[0]["meta"]
    asked = {"query": EVERYTHING, "post_fields": "lang"}
    later = app(PATH, next_token=app(PATH, **asked).json()["meta"]["next_token"], **asked).json()
    assert "previous_token" in later["meta"]


def test_a_token_holds_for_the_same_question_alone_and_does_not_expire(
    start: Start, asking: Asking
) -> None:
    sandbox = start(clock_start=NOW, clock_ticking=False, page_token_seconds=60)
    app = asking.app(sandbox)
    token = app(PATH, query=EVERYTHING).json()["meta"]["next_token"]
    sandbox.clock.advance(3600)
    assert app(PATH, query=EVERYTHING, next_token=token).status_code == 200
    assert app(PATH, query="kettle", next_token=token).status_code == 400
    since = str(moments.snowflake(NOW - timedelta(days=3), 0))
    assert app(PATH, query=EVERYTHING, next_token=token, since_id=since).status_code == 400
    sandbox.pages.kill()
    assert app(PATH, query=EVERYTHING, next_token=token).status_code == 400


def test_relevancy_is_an_order_of_its_own(app: Ask) -> None:
    by_time, by_relevance = (
        ids(found(app, EVERYTHING, sort_order=order)) for order in ("recency", "relevancy")
    )
    assert by_time != by_relevance
    assert sorted(by_time) == sorted(by_relevance)


def test_bounds_by_id_and_time(sandbox: Sandbox, app: Ask) -> None:
    truth = found(app, EVERYTHING, tweet_fields="created_at")
    newer, older = truth[10], truth[40]
    between = ids(truth[11:40])
    assert ids(found(app, EVERYTHING, since_id=older["id"], until_id=newer["id"])) == between
    by_time = {"start_time": older["created_at"], "end_time": newer["created_at"]}
    assert ids(found(app, EVERYTHING, **by_time)) == [*between, older["id"]]


SMALLEST = moments.snowflake_at(round((NOW - WEEK).timestamp() * 1000), 0)
ID = str(SMALLEST + 5)
REFUSED = {
    "since-id": (
        {"since_id": str(SMALLEST - 1)},
        "'since_id' must be a tweet id created after 2026-03-03T15:00Z. Please use a 'since_id' that "
        f"is larger than {SMALLEST}",
    ),
    "until-id": ({"until_id": "20"}, f"a 'until_id' that is larger than {SMALLEST}"),
    "start-time": (
        {"start_time": "2026-03-03T14:59:59Z"},
        "Invalid 'start_time':'2026-03-03T14:59Z'. 'start_time' must be on or after "
        "2026-03-03T15:00Z",
    ),
    "end-time-now": (
        {"end_time": "2026-03-10T15:00:41Z"},
        "'end_time' must be a minimum of 10 seconds prior to the request time.",
    ),
    "start-time-now": (
        {"start_time": "2026-03-10T15:00:41Z"},
        "'start_time' must be a minimum of 10 seconds prior to the request time.",
    ),
    "id-and-time": (
        {"since_id": ID, "start_time": "2026-03-05T00:00:00Z"},
        "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'.",
    ),
    "id-and-other-time": (
        {"since_id": ID, "end_time": "2026-03-05T00:00:00Z"},
        "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'.",
    ),
    "two-tokens": ({"next_token": "a", "pagination_token": "a"}, "Only one of 'next_token'"),
    "no-token": ({"next_token": "a"}, "The `next_token` query parameter value [a] is not valid"),
    "reversed": ({"since_id": ID, "until_id": ID}, "'since_id' must be before 'until_id'"),
    "too-few": ({"max_results": "9"}, "value [9] is not between 10 and 100"),
    "too-many": ({"max_results": "101"}, "value [101] is not between 10 and 100"),
    "order": ({"sort_order": "popular"}, "is not one of [recency,relevancy]"),
    "two-orders": ({"sort_order": "recency,relevancy"}, "is not one of [recency,relevancy]"),
}


@pytest.mark.parametrize(("params", "message"), REFUSED.values(), ids=REFUSED)
def test_parameters_that_x_refuses(app: Ask, params: dict[str, str], message: str) -> None:
    answer = app(PATH, query="kettle", **params)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert message in error["message"]
    assert set(error["parameters"]) == set(params)


def test_the_id_that_a_refusal_names_is_the_smallest_that_works(app: Ask) -> None:
    refusal = app(PATH, query="kettle", since_id="20").json()["errors"][0]["message"]
    named = refusal.rpartition(" ")[2]
    assert app(PATH, query="kettle", since_id=named).status_code == 200
    assert app(PATH, query="kettle", since_id=str(int(named) - 1)).status_code == 400
    assert ids(found(app, "kettle", since_id=named)) == ids(found(app, "kettle"))


def test_the_first_minute_that_a_refusal_names_works(app: Ask) -> None:
    assert app(PATH, query="kettle", start_time="2026-03-03T15:00:00Z").status_code == 200
    assert app(PATH, query="kettle", end_time="2026-03-10T15:00:40Z").status_code == 200


NO_SENSE = {
    "operator": (
        "judell point_radius:here",
        "Reference to invalid operator 'point_radius'. Operator is not available in current product "
        "or product packaging. Please refer to complete available operator list at "
        "http://t.co/operators. (at position 8)",
    ),
    "since": ("kettle since:2026-03-01", "Reference to invalid operator 'since'."),
    "has": ("tea has:polls", "Reference to invalid operator 'has:polls'."),
    "alone": ("has:media", "is/has/lang cannot be used as a standalone operator (at position 1)"),
    "negative": ("-tea", "Rules must contain a non-negation term (at position 1), Rules must"),
    "stopword": ("the", "Rules must contain at least one positive, non-stopword clause"),
    "bracket": ("[tea]", "no viable alternative at input '[' (at position 1)"),
    "quote": ('"tea', "no viable alternative at input '\"' (at position 1)"),
    "open": ("(tea OR coffee", "missing ')' at '<EOF>' (at position 15)"),
    "closed": ("tea OR coffee)", "missing EOF at ')' (at position 14)"),
    "nothing": ("tea OR", "no viable alternative at input ''"),
    "and": (
        "tea and coffee",
        "Ambiguous use of and as a keyword. Use a space to logically join two clauses, or "
        '"and" to find occurrences of and in text (at position 5)',
    ),
    "or": ("tea or coffee", "Ambiguous use of or as a keyword. Use OR to logically"),
}


@pytest.mark.parametrize(("query", "message"), NO_SENSE.values(), ids=NO_SENSE)
def test_queries_that_x_refuses(query: str, message: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse(query)
    assert str(refused.value).startswith("There were errors processing your request: ")
    assert message in str(refused.value)


def test_a_query_is_refused_in_xs_form(app: Ask, sandbox: Sandbox) -> None:
    answer = app(PATH, query="has:media")
    assert answer.status_code == 400
    assert answer.json()["title"] == "Invalid Request"
    assert answer.json()["errors"][0]["parameters"] == {"query": ["has:media"]}
    assert (
        app(PATH).json()["errors"][0]["message"] == "The `query` query parameter can not be empty"
    )
    assert app(PATH, query="").status_code == 400
    assert sandbox.bill.total.requests == 0


@pytest.mark.parametrize(("longest", "length", "status"), [
    (512, 512, 200), (512, 513, 400), (4096, 4096, 200), (4096, 4097, 400),
])  # fmt: skip
def test_queries_have_a_length_by_contract(
    start: Start, asking: Asking, longest: int, length: int, status: int
) -> None:
    ask = asking.app(start(clock_start=NOW, query_length=longest))
    assert ask(PATH, query="a" * length).status_code == status


def test_whether_words_find_reposts_is_an_option(start: Start, asking: Asking) -> None:
    sandbox = start(clock_start=NOW, clock_ticking=False, reposts_by_keyword=True)
    posts = found(asking.app(sandbox), "kettle")
    assert any(post["text"].startswith("RT @") for post in posts)
    assert ids(posts) == [post["id"] for post in in_reach(sandbox) if "kettle" in text(post)]


def test_protected_authors_are_not_found(sandbox: Sandbox, app: Ask) -> None:
    assert found(app, "from:PlatformNews")
    sandbox.world.set_status(NEWS.user_id, "protected")
    assert found(app, "from:PlatformNews") == []


def test_posts_are_charged_whoever_asks(sandbox: Sandbox, owner: Ask) -> None:
    owner(PATH, query="from:PlatformNews", max_results="10")
    assert sandbox.bill.as_json()["resources"].keys() == {"Post"}
    assert float(sandbox.bill.total.net_usd) == pytest.approx(0.05)


@pytest.mark.parametrize(("kind", "limit"), [("app", "450"), ("user", "300")], ids=["app", "user"])
def test_each_pool_has_its_own_limit(
    sandbox: Sandbox, asking: Asking, kind: str, limit: str
) -> None:
    ask = asking.app(sandbox) if kind == "app" else asking.user(sandbox, SECOND_USER)
    assert ask(PATH, query="tea").headers["x-rate-limit-limit"] == limit
