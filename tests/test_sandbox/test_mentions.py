"""`GET /2/users/{id}/mentions` against the rules of X's pages, and against who mentions whom."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from test_sandbox.reading import ids, pages, whole

from sandbox.credentials import CITY, FOUNDER, NEWS, OWNER, SECOND_USER

if TYPE_CHECKING:
    from test_sandbox.asking import Ask, Asking, Start

    from sandbox import Sandbox

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
MINE = f"/2/users/{OWNER.user_id}/mentions"
BOOKS = f"/2/users/{SECOND_USER.user_id}/mentions"


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return {"clock_start": NOW, "clock_ticking": False, "mentions_by_reposts": False}


def mentioned(post: dict[str, Any]) -> set[str]:
    whole_post = post.get("note_tweet", post)
    return {each["id"] for each in whole_post.get("entities", {}).get("mentions", [])}


def test_mentions_are_what_others_said_with_the_handle_newest_first_800_at_most(
    sandbox: Sandbox, app: Ask
) -> None:
    found = whole(app, MINE, max_results="100", tweet_fields="author_id,entities,note_tweet")
    assert len(found) == 800
    assert ids(found) == sorted(ids(found), key=int, reverse=True)
    assert all(OWNER.user_id in mentioned(post) for post in found)
    assert OWNER.user_id not in {post["author_id"] for post in found}
    assert {NEWS.user_id, CITY.user_id, FOUNDER.user_id} < {post["author_id"] for post in found}
    beyond = app(MINE, until_id=found[-1]["id"])
    assert (beyond.status_code, beyond.json()) == (200, {"meta": {"result_count": 0}})


def test_nobody_who_mentions_is_missing(sandbox: Sandbox, app: Ask) -> None:
    """Of the newest posts of all, those that mention an account are its mentions."""
    public = islice(sandbox.world.square.posts(), 400)
    seen = (sandbox.world.post(str(sandbox.world.timelines.newest(post))) for post in public)
    hidden = {each for each in sandbox.world.authors.public() if _is_hidden(sandbox, each)}
    expected = [
        post["id"]
        for post in seen
        if post
        and OWNER.user_id in mentioned(post)
        and not post["text"].startswith("RT @")
        and post["author_id"] not in {OWNER.user_id, *hidden}
    ]
    assert expected
    assert ids(whole(app, MINE, since_id=str(int(expected[-1]) - 1))) == expected


def _is_hidden(sandbox: Sandbox, user_id: str) -> bool:
    return sandbox.world.status(user_id) != "found" or sandbox.world.is_protected(user_id)


def test_a_first_page_has_ten_posts_with_default_fields(app: Ask) -> None:
    body = app(MINE).json()
    assert [post.keys() for post in body["data"]] == [{"id", "text", "edit_history_tweet_ids"}] * 10
    assert body["meta"].keys() == {"result_count", "newest_id", "oldest_id", "next_token"}


def test_what_is_said_now_is_found_also_between_two_pages(sandbox: Sandbox, app: Ask) -> None:
    before = ids(whole(app, BOOKS, max_results="100"))
    reading = pages(app, BOOKS, max_results="100")
    read = ids(next(reading)["data"])
    sandbox.clock.advance(60)
    timelines = sandbox.world.timelines
    new = str(timelines.add(CITY.user_id, "Read on, @Harbour_Books and @nobody_at_all! #books"))
    reply = str(timelines.add(FOUNDER.user_id, "Yes.", "replied_to", int(before[0])))
    for page in reading:
        read += ids(page.get("data", []))
    # the 800 newest: the new one takes the place of the oldest
    assert read == before[:-1]
    answer = app(BOOKS, since_id=before[0], tweet_fields="entities").json()
    assert ids(answer["data"]) == [new]
    entities = answer["data"][0]["entities"]
    assert [each["username"] for each in entities["mentions"]] == ["Harbour_Books"]
    assert [each["tag"] for each in entities["hashtags"]] == ["books"]
    author = sandbox.world.post(before[0])["author_id"]  # type: ignore[index]
    assert reply in ids(app(f"/2/users/{author}/mentions").json()["data"])

    edited = str(timelines.edit(int(new), "Read on, all of you!"))
    assert "data" not in app(BOOKS, since_id=before[0]).json()
    assert sandbox.world.post(edited) is not None


def test_bounds_by_id_and_time(app: Ask) -> None:
    truth = whole(app, MINE, max_results="100", tweet_fields="created_at")[:60]
    newer, older = truth[10], truth[40]
    between = ids(truth[11:40])
    by_id = {"since_id": older["id"], "until_id": newer["id"]}
    by_time = {"start_time": older["created_at"], "end_time": newer["created_at"]}
    assert ids(whole(app, MINE, **by_id)) == between
    assert ids(whole(app, MINE, **by_time)) == [*between, older["id"]]
    assert ids(whole(app, MINE, **by_id, start_time="2010-11-06T00:00:00Z")) == between


@pytest.mark.parametrize("reposts", [False, True], ids=["no-mention", "a-mention"])
def test_whether_a_repost_mentions_is_an_option(
    start: Start, asking: Asking, *, reposts: bool
) -> None:
    sandbox = start(clock_start=NOW, clock_ticking=False, mentions_by_reposts=reposts)
    found = whole(asking.app(sandbox), MINE, max_results="100")
    assert any(post["text"].startswith("RT @") for post in found) is reposts


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"max_results": "4"}, "value [4] is not between 5 and 100"),
        ({"exclude": "replies"}, "[exclude] is not one of [max_results,"),
        ({"since_id": "9", "until_id": "8"}, "'since_id' must be before 'until_id'"),
        ({"pagination_token": "7140dibdnow9c7"}, "is not valid"),
    ],
    ids=["too-few", "no-exclude", "reversed", "token"],
)
def test_parameters_that_x_refuses(app: Ask, params: dict[str, str], message: str) -> None:
    answer = app(MINE, **params)
    assert answer.status_code == 400
    assert message in answer.json()["errors"][0]["message"]


def test_a_token_of_the_timeline_leads_to_no_mentions(app: Ask) -> None:
    token = app(f"/2/users/{OWNER.user_id}/tweets").json()["meta"]["next_token"]
    assert app(MINE, pagination_token=token).status_code == 400


def test_the_mentions_of_an_account_that_is_not_shown(sandbox: Sandbox, app: Ask) -> None:
    sandbox.world.set_status(SECOND_USER.user_id, "suspended")
    assert app(BOOKS).json().keys() == {"errors"}
    assert sandbox.bill.total.net_usd == 0


@pytest.mark.parametrize(
    ("reader", "path", "kind"),
    [("owner", MINE, "OwnedRead"), ("app", MINE, "Post"), ("owner", BOOKS, "Post")],
    ids=["own", "own-by-app-token", "of-another"],
)
def test_the_apps_owner_reads_their_own_mentions_for_less(
    sandbox: Sandbox, owner: Ask, app: Ask, reader: str, path: str, kind: str
) -> None:
    {"owner": owner, "app": app}[reader](path, max_results="20")
    bill = sandbox.bill.as_json()["resources"]
    assert {name: tally["net_objects"] for name, tally in bill.items()} == {kind: 20}


def test_each_pool_has_its_own_limit(app: Ask, owner: Ask) -> None:
    limits = [ask(MINE).headers["x-rate-limit-limit"] for ask in (app, owner)]
    assert limits == ["450", "300"]
