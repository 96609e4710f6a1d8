"""The sandbox's Engagement API, asked as any client would."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

import pytest
import requests
from requests_oauthlib import OAuth1Session

from sandbox import Sandbox, moments
from sandbox.credentials import APP, NEWS, OWNER
from sandbox.routing import SandboxAdapter
from sandbox.x.engagement_counts import counted
from sandbox.x.engagement_request import FOURS, OWNER_TYPES, PUBLIC_TYPES, TIMED_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import ExitStack

    from sandbox.credentials import UserToken

NOW = datetime(2026, 7, 15, 12, 24, tzinfo=UTC)
BY_TYPE = {"g": {"group_by": ["engagement.type"]}}
BY_HOUR = {"g": {"group_by": FOURS[0]}}


class Post(Protocol):
    """Posts JSON to an endpoint; the members are laid over a request that X takes."""

    def __call__(self, endpoint: str, **members: Any) -> requests.Response: ...


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return {"clock_start": NOW, "clock_ticking": False}


def ids_of(sandbox: Sandbox, token: UserToken, count: int) -> list[str]:
    return [post["id"] for post in islice(sandbox.world.timeline(token.user_id), count)]


def session_of(token: UserToken) -> requests.Session:
    session: requests.Session = OAuth1Session(
        APP.consumer_key, APP.consumer_secret, token.access_token, token.access_token_secret
    )
    return session


def poster(sandbox: Sandbox, session: requests.Session, **usual: Any) -> Post:
    def post(endpoint: str, **members: Any) -> requests.Response:
        body = {"engagement_types": ["replies", "favorites"], "groupings": BY_TYPE, **usual}
        asked = {name: value for name, value in (body | members).items() if value is not None}
        url = f"{sandbox.url}/insights/engagement/{endpoint}"
        return session.post(url, json=asked, timeout=10)

    return post


@pytest.fixture
def owner(sandbox: Sandbox, stack: ExitStack) -> Post:
    session = stack.enter_context(session_of(OWNER))
    return poster(sandbox, session, tweet_ids=ids_of(sandbox, OWNER, 3))


@pytest.fixture
def app(sandbox: Sandbox, stack: ExitStack) -> Post:
    session = stack.enter_context(requests.Session())
    session.headers["Authorization"] = f"Bearer {sandbox.tokens.app_only()}"
    return poster(sandbox, session, tweet_ids=ids_of(sandbox, OWNER, 3))


def leaves(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for inner in node.values():
            yield from leaves(inner)
    else:
        yield node


def summed(node: Any) -> int:
    return sum(map(int, leaves(node)))


SPAN = {"start": "2026-06-20T00:00:00Z", "end": "2026-07-15T12:00:00Z"}


def test_hours_add_up_to_days_and_days_to_all(owner: Post) -> None:
    groupings = {
        "hours": {"group_by": FOURS[0]},
        "days": {"group_by": ["tweet.id", "engagement.type", "engagement.day"]},
        "all": {"group_by": ["tweet.id", "engagement.type"]},
    }
    body = owner("historical", **SPAN, groupings=groupings).json()
    for tweet, types in body["all"].items():
        for kind, count in types.items():
            days = body["days"][tweet][kind]
            hours = body["hours"][tweet][kind]
            assert {day: str(summed(hours[day])) for day in hours} == days
            assert summed(days) == int(count)
    assert summed(body["all"]) > 0


def test_counts_are_texts_and_empty_hours_are_there(owner: Post) -> None:
    body = owner("historical", **SPAN, groupings=BY_HOUR).json()
    assert all(isinstance(leaf, str) for leaf in leaves(body["g"]))
    for types in body["g"].values():
        for days in types.values():
            assert [len(hours) for hours in days.values()] == [24] * 25 + [12]
    assert "0" in leaves(body["g"])


@pytest.mark.parametrize(
    ("order", "path"),
    [
        (["engagement.type"], ["replies"]),
        (["engagement.type", "tweet.id"], ["replies", "{id}"]),
        (["engagement.hour"], ["2026-07-14", "03"]),
        (["engagement.hour", "tweet.id"], ["2026-07-14", "03", "{id}"]),
        (["engagement.day", "tweet.id"], ["2026-07-14", "{id}"]),
        (FOURS[1], ["replies", "{id}", "2026-07-14", "03"]),
    ],
    ids=str,
)
def test_the_order_of_a_grouping_is_its_nesting(
    sandbox: Sandbox, owner: Post, order: list[str], path: list[str]
) -> None:
    node = owner("historical", **SPAN, groupings={"g": {"group_by": order}}).json()["g"]
    (tweet, *_) = ids_of(sandbox, OWNER, 1)
    for name in path:
        node = node[name.format(id=tweet)]
    assert int(node) >= 0


@pytest.mark.parametrize(
    ("first", "last", "echo"),
    [
        ("2026-07-01", "2026-07-03", ("2026-07-01T00:00:00Z", "2026-07-03T00:00:00Z")),
        (
            "2026-07-01T12:24:00Z",
            "2026-07-02T08:37:00Z",
            ("2026-07-01T12:00:00Z", "2026-07-02T09:00:00Z"),
        ),
        (
            "2026-07-01T12:00:00Z",
            "2026-07-15T12:24:00Z",
            ("2026-07-01T12:00:00Z", "2026-07-15T13:00:00Z"),
        ),
        (
            "2026-06-17",
            "2026-07-15",
            ("2026-06-17T00:00:00Z", "2026-07-15T00:00:00Z"),
        ),
    ],
    ids=["dates", "off the hour", "until now", "28 days"],
)
def test_a_span_is_widened_to_whole_hours(
    owner: Post, first: str, last: str, echo: tuple[str, str]
) -> None:
    body = owner("historical", start=first, end=last).json()
    assert (body["start"], body["end"]) == echo


def test_without_a_span_there_are_the_four_weeks_before_now(owner: Post) -> None:
    body = owner("historical").json()
    assert (body["start"], body["end"]) == ("2026-06-17T12:00:00Z", "2026-07-15T12:00:00Z")


def test_28hr_gives_the_hours_in_which_the_last_28_lie(owner: Post) -> None:
    body = owner("28hr", groupings=BY_HOUR).json()
    assert (body["start"], body["end"]) == ("2026-07-14T08:00:00Z", "2026-07-15T13:00:00Z")
    for types in body["g"].values():
        assert all(sum(map(len, days.values())) == 29 for days in types.values())


def test_the_present_hour_grows(sandbox: Sandbox, owner: Post) -> None:
    sandbox.clock.set(NOW.replace(minute=0))
    new = sandbox.world.timelines.add(OWNER.user_id, "Hello.")
    sandbox.clock.advance(1200)
    types = ["impressions"]
    early = summed(owner("28hr", tweet_ids=[str(new)], engagement_types=types).json()["g"])
    sandbox.clock.advance(1800)
    late = summed(owner("28hr", tweet_ids=[str(new)], engagement_types=types).json()["g"])
    assert early < late


def test_totals_are_the_sum_of_all_hours(sandbox: Sandbox, owner: Post) -> None:
    totals = owner("totals").json()["g"]
    body = owner("historical", start="2026-06-20", end="2026-07-15T12:24:00Z").json()
    assert summed(totals) == summed(body["g"]) > 0


REFUSED = [
    ("historical", {**SPAN, "tweet_ids": []}, "tweet_ids"),
    ("historical", {**SPAN, "tweet_ids": ["x"]}, "tweet_ids"),
    ("historical", {**SPAN, "tweet_ids": [str(n) for n in range(1, 27)]}, "No more than 25"),
    ("28hr", {"tweet_ids": [str(n) for n in range(1, 27)]}, "No more than 25"),
    ("totals", {"tweet_ids": [str(n) for n in range(1, 252)]}, "No more than 250"),
    ("historical", {**SPAN, "engagement_types": ["likes"]}, "Unsupported engagement types"),
    ("historical", {**SPAN, "engagement_types": ["quote_tweets"]}, "Unsupported engagement types"),
    ("totals", {"engagement_types": ["url_clicks"]}, "Unsupported engagement types"),
    ("historical", {**SPAN, "engagement_types": None}, "engagement_types"),
    ("historical", {**SPAN, "groupings": None}, "groupings"),
    ("historical", {**SPAN, "groupings": {"g": {"group_by": []}}}, "group_by"),
    ("historical", {**SPAN, "groupings": {"g": {"group_by": ["Tweet.id"]}}}, "Unsupported"),
    ("historical", {**SPAN, "groupings": {"g": {"group_by": ["tweet.id"] * 2}}}, "repeated"),
    ("historical", {**SPAN, "groupings": {"g": {"group_by": FOURS[0][::-1]}}}, "four values"),
    (
        "historical",
        {**SPAN, "groupings": {"g": {"group_by": FOURS[0]}, "h": {"group_by": FOURS[1]}}},
        "Only one grouping of four",
    ),
    ("historical", {**SPAN, "groupings": dict.fromkeys("abcd", BY_TYPE["g"])}, "No more than 3"),
    ("totals", {"groupings": {"g": {"group_by": ["engagement.day"]}}}, "Unsupported"),
    ("28hr", SPAN, "Unknown members"),
    ("totals", SPAN, "Unknown members"),
    ("historical", {**SPAN, "colour": "red"}, "Unknown members"),
    ("historical", {**SPAN, "end": None}, "start and end"),
    ("historical", {**SPAN, "start": "2026-06-20T00:00:00"}, "start and end"),
    ("historical", {**SPAN, "start": "2026-02-30"}, "calendar"),
    ("historical", {**SPAN, "start": SPAN["end"]}, "start must be before end"),
    ("historical", {**SPAN, "end": "2026-07-15T12:25:00Z"}, "future"),
    ("historical", {**SPAN, "start": "2026-06-17T11:59:00Z"}, "No more than 4 weeks"),
    ("historical", {"start": "2014-08-31", "end": "2014-09-02"}, "2014-09-01"),
]


@pytest.mark.parametrize(
    ("endpoint", "members", "text"),
    REFUSED,
    ids=[f"{endpoint} {text} {index}" for index, (endpoint, _, text) in enumerate(REFUSED)],
)
def test_what_breaks_a_rule_is_refused(
    owner: Post, endpoint: str, members: dict[str, Any], text: str
) -> None:
    answer = owner(endpoint, **members)
    assert answer.status_code == 400
    assert any(text in error for error in answer.json()["errors"])


def test_answers_are_gzip_and_nothing_else(sandbox: Sandbox, owner: Post, stack: ExitStack) -> None:
    assert owner("totals").headers["content-encoding"] == "gzip"
    assert owner("totals", colour="red").headers["content-encoding"] == "gzip"
    session = stack.enter_context(session_of(OWNER))
    session.headers["Accept-Encoding"] = "identity"
    assert poster(sandbox, session)("totals").status_code == 406


def test_forms_and_broken_json_are_refused(sandbox: Sandbox, stack: ExitStack) -> None:
    session = stack.enter_context(session_of(OWNER))
    url = f"{sandbox.url}/insights/engagement/totals"
    as_json = {"Content-Type": "application/json"}
    assert session.post(url, data=b"{", headers=as_json, timeout=10).status_code == 400
    as_text = {"Content-Type": "text/plain"}
    answer = session.post(url, data=json.dumps({}).encode(), headers=as_text, timeout=10)
    assert answer.json() == {"errors": ["Content-Type must be application/json"]}


def test_owners_see_all_and_others_what_is_public(sandbox: Sandbox, owner: Post, app: Post) -> None:
    assert owner("totals", engagement_types=sorted(OWNER_TYPES)).status_code == 200
    assert owner("historical", **SPAN, engagement_types=sorted(TIMED_TYPES)).status_code == 200
    assert app("totals", engagement_types=sorted(PUBLIC_TYPES)).status_code == 200
    assert app("totals", engagement_types=["impressions"]).status_code == 403
    assert app("historical", **SPAN).status_code == 403
    assert app("28hr").status_code == 403


@pytest.mark.parametrize("endpoint", ["totals", "28hr", "historical"])
def test_posts_of_others_are_named(sandbox: Sandbox, owner: Post, endpoint: str) -> None:
    (foreign,) = ids_of(sandbox, NEWS, 1)
    answer = owner(endpoint, tweet_ids=[*ids_of(sandbox, OWNER, 2), foreign])
    assert answer.status_code == 403
    assert answer.json() == {"errors": [f"Forbidden to access tweets: {foreign}"]}


def test_deleted_posts_are_listed_beside_the_others(sandbox: Sandbox, owner: Post) -> None:
    kept, deleted, _ = ids_of(sandbox, OWNER, 3)
    sandbox.world.timelines.delete(int(deleted))
    groupings = {"g": {"group_by": ["tweet.id"]}}
    body = owner("totals", tweet_ids=[kept, deleted], groupings=groupings).json()
    assert body["unavailable_tweet_ids"] == [deleted]
    assert body["errors"] == ["1 Tweet ID(s) are unavailable"]
    assert set(body["g"]) == {kept}


def test_protected_posts_are_refused_even_to_their_owner(
    sandbox: Sandbox, owner: Post, app: Post
) -> None:
    sandbox.world.set_status(OWNER.user_id, "protected")
    answer = owner("totals")
    assert (answer.status_code, answer.json()) == (400, {"errors": ["Tweet ID(s) are unavailable"]})
    assert len(app("totals").json()["unavailable_tweet_ids"]) == 3


@pytest.mark.parametrize("status", [400, 200])
def test_old_posts_have_no_total_impressions(sandbox: Sandbox, owner: Post, status: int) -> None:
    sandbox.engagement.old_posts_status = status
    posts = ids_of(sandbox, OWNER, 3)
    sandbox.clock.advance(timedelta(days=91).total_seconds())
    answer = owner("totals", tweet_ids=posts, engagement_types=["impressions", "replies"])
    assert answer.status_code == status
    assert answer.json()["unsupported_for_impressions_engagements_tweet_ids"] == posts
    assert "g" not in answer.json()
    assert owner("totals", tweet_ids=posts, engagement_types=["replies"]).status_code == 200


def test_very_old_posts_have_no_video_views(sandbox: Sandbox, owner: Post) -> None:
    posts = ids_of(sandbox, OWNER, 1)
    sandbox.clock.advance(timedelta(days=1801).total_seconds())
    groupings = {"g": {"group_by": FOURS[0][:2]}}
    types = ["video_views", "replies"]
    body = owner("totals", tweet_ids=posts, engagement_types=types, groupings=groupings).json()
    assert body["unsupported_for_video_views_tweet_ids"] == posts
    assert body["g"][posts[0]]["video_views"] == "0"


def test_a_minute_has_so_many_requests(sandbox: Sandbox, owner: Post) -> None:
    sandbox.engagement.per_minute = 2
    left = [owner("totals").headers["x-per-minute-remaining"] for _ in range(2)]
    assert left == ["1", "0"]
    refused = owner("totals")
    assert (refused.status_code, refused.headers["x-per-minute-limit"]) == (429, "2")
    assert owner("28hr").status_code == 200
    sandbox.clock.advance(60)
    assert owner("totals").status_code == 200


def test_an_app_without_a_contract_gets_nothing(sandbox: Sandbox, owner: Post) -> None:
    sandbox.engagement.allowed = False
    assert owner("totals").status_code == 403


def test_a_token_that_does_not_work_is_said_in_the_apis_own_form(
    sandbox: Sandbox, owner: Post
) -> None:
    sandbox.revoke(OWNER.access_token)
    answer = owner("totals")
    assert answer.status_code == 401
    assert answer.json()["errors"][0].startswith("Your account could not be authenticated. Reason")


@pytest.mark.parametrize(
    ("host", "status"),
    [("data-api.x.com", 200), ("data-api.twitter.com", 200), ("api.x.com", 404)],
)
def test_it_has_hosts_of_its_own(
    sandbox: Sandbox, stack: ExitStack, host: str, status: int
) -> None:
    session = stack.enter_context(session_of(OWNER))
    session.mount(f"https://{host}", SandboxAdapter(sandbox.url))
    body = {
        "tweet_ids": ids_of(sandbox, OWNER, 1),
        "engagement_types": ["replies"],
        "groupings": BY_TYPE,
    }
    url = f"https://{host}/insights/engagement/totals"
    assert session.post(url, json=body, timeout=10).status_code == status


def test_likes_before_september_2015_were_not_counted_by_the_hour(sandbox: Sandbox) -> None:
    born = datetime(2015, 9, 10, tzinfo=UTC)
    post = str(moments.snowflake(born, 1))
    hours = [born + timedelta(hours=n) for n in range(120)]
    likes = [counted(post, "favorites", hour, NOW) for hour in hours]
    views = [counted(post, "impressions", hour, NOW) for hour in hours]
    assert not any(likes)
    assert any(views)
