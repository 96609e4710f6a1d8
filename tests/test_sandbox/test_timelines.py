"""`GET /2/users/{id}/tweets` against the rules of X's pages, and against what the world holds."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from test_sandbox.reading import ids, pages, whole

from sandbox.credentials import CITY, NEWS, OWNER, SECOND_USER

if TYPE_CHECKING:
    from test_sandbox.asking import Ask, Asking, Start

    from sandbox import Sandbox

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)
FROZEN: dict[str, Any] = {"clock_start": NOW, "clock_ticking": False}
MINE = f"/2/users/{OWNER.user_id}/tweets"
BOOKS = f"/2/users/{SECOND_USER.user_id}/tweets"
NEWS_PATH = f"/2/users/{NEWS.user_id}/tweets"


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return FROZEN


def test_a_first_page_has_ten_posts_with_default_fields_newest_first(
    sandbox: Sandbox, app: Ask
) -> None:
    body = app(MINE).json()
    newest = list(islice(sandbox.world.timeline(OWNER.user_id), 10))
    keys = ("id", "text", "edit_history_tweet_ids")
    expected = [{key: post[key] for key in keys if key in post} for post in newest]
    assert body["data"] == expected
    assert ids(expected) == sorted(ids(expected), key=int, reverse=True)
    assert body["meta"] == {
        "result_count": 10,
        "newest_id": expected[0]["id"],
        "oldest_id": expected[-1]["id"],
        "next_token": body["meta"]["next_token"],
    }


def test_all_pages_together_are_the_timeline(sandbox: Sandbox, app: Ask) -> None:
    found = whole(app, BOOKS, max_results="100", tweet_fields="text,created_at,public_metrics,lang")
    truth = list(sandbox.world.timeline(SECOND_USER.user_id))
    assert len(found) > 500
    for post, whole_post in zip(found, truth, strict=True):
        assert post == {key: whole_post[key] for key in post}


def test_tokens_lead_back_as_well(app: Ask) -> None:
    first, second, third = islice(pages(app, BOOKS, max_results="7"), 3)
    back = app(BOOKS, max_results="7", pagination_token=third["meta"]["previous_token"]).json()
    assert ids(back["data"]) == ids(second["data"])
    back = app(BOOKS, max_results="7", pagination_token=second["meta"]["previous_token"]).json()
    assert ids(back["data"]) == ids(first["data"])
    assert "previous_token" not in back["meta"]
    assert "previous_token" not in first["meta"]


def test_what_arrives_between_two_pages_moves_nothing(sandbox: Sandbox, app: Ask) -> None:
    before = ids(list(sandbox.world.timeline(SECOND_USER.user_id)))
    sandbox.faults.add("time_passes", nth=3, seconds=30.0)
    reading = pages(app, BOOKS, max_results="100")
    read = ids(next(reading)["data"])
    sandbox.clock.advance(1)
    new = sandbox.world.timelines.add(SECOND_USER.user_id, "A new book.")
    for page in reading:
        read += ids(page.get("data", []))
    assert read == before
    assert ids(app(BOOKS, since_id=before[0]).json()["data"]) == [str(new)]


@pytest.mark.parametrize(
    ("params", "depth"),
    [
        ({}, 3200),
        ({"exclude": "replies"}, 800),
        ({"exclude": "retweets"}, 3200),
        ({"exclude": "replies,retweets"}, 800),
    ],
    ids=["all", "no-replies", "no-reposts", "neither"],
)
def test_a_timeline_ends_at_xs_depth(
    sandbox: Sandbox, app: Ask, params: dict[str, str], depth: int
) -> None:
    truth = list(sandbox.world.timelines.of(NEWS.user_id))
    assert len(truth) > 3200
    excluded = params.get("exclude", "")
    reach = truth[:3200]
    if "replies" in excluded:
        reach = [post for post in reach if post.kind != "replied_to"][:depth]
    if "retweets" in excluded:
        reach = [post for post in reach if post.kind != "retweeted"]
    read = ids(whole(app, NEWS_PATH, max_results="100", **params))
    assert read == [str(sandbox.world.timelines.newest(post)) for post in reach]

    beyond = app(NEWS_PATH, until_id=read[-1], **params)
    assert (beyond.status_code, beyond.json()) == (200, {"meta": {"result_count": 0}})


def test_bounds_by_id_and_time(sandbox: Sandbox, app: Ask) -> None:
    truth = list(islice(sandbox.world.timeline(OWNER.user_id), 60))
    newer, older = truth[10], truth[40]

    def read(**bounds: str) -> list[str]:
        return ids(whole(app, MINE, max_results="100", **bounds))

    between = ids(truth[11:40])
    assert read(since_id=older["id"], until_id=newer["id"]) == between
    moments = {"start_time": older["created_at"], "end_time": newer["created_at"]}
    # whole seconds: the start is included, the end is not
    assert read(**moments) == [*between, older["id"]]
    assert (
        read(since_id=older["id"], start_time="2010-11-06T00:00:00Z", until_id=newer["id"])
        == between
    )
    late = "2026-03-10T14:00:00Z"
    assert read(until_id=newer["id"], end_time=late, since_id=older["id"]) == between


REFUSED = {
    "too-few": ({"max_results": "4"}, "value [4] is not between 5 and 100"),
    "too-many": ({"max_results": "101"}, "value [101] is not between 5 and 100"),
    "no-number": ({"max_results": "ten"}, "value [ten] is not between 5 and 100"),
    "excluded": ({"exclude": "quotes"}, "value [quotes] is not one of [replies,retweets]"),
    "id": ({"since_id": "x"}, "value [x] does not match"),
    "token": ({"pagination_token": "7140dibdnow9c7"}, "value [7140dibdnow9c7] is not valid"),
    "no-time": ({"start_time": "2026-01-01"}, "is not a valid RFC3339"),
    "no-day": ({"start_time": "2026-02-30T00:00:00Z"}, "is not a valid RFC3339"),
    "too-early": ({"start_time": "2010-11-05T23:59:59Z"}, "is before 2010-11-06"),
    "ids-reversed": ({"since_id": "9", "until_id": "9"}, "'since_id' must be before 'until_id'"),
    "times-reversed": (
        {"start_time": "2026-01-02T00:00:00Z", "end_time": "2026-01-01T00:00:00Z"},
        "'start_time' must be before 'end_time'",
    ),
    "unknown": ({"next_token": "x"}, "[next_token] is not one of [max_results,"),
}


@pytest.mark.parametrize(("params", "message"), REFUSED.values(), ids=REFUSED)
def test_parameters_that_x_refuses(app: Ask, params: dict[str, str], message: str) -> None:
    answer = app(MINE, **params)
    assert answer.status_code == 400
    assert message in answer.json()["errors"][0]["message"]
    assert set(answer.json()["errors"][0]["parameters"]) == set(params)


@pytest.mark.parametrize("user_id", ["x", "12345678901234567890", "1-2"])
def test_a_path_that_holds_no_id_is_refused(app: Ask, user_id: str) -> None:
    answer = app(f"/2/users/{user_id}/tweets")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameters"] == {"id": [user_id]}


def test_a_token_is_good_for_its_own_list_alone(sandbox: Sandbox, app: Ask, asking: Asking) -> None:
    token = app(MINE).json()["meta"]["next_token"]
    assert app(MINE, pagination_token=token).status_code == 200
    assert app(BOOKS, pagination_token=token).status_code == 400
    sandbox.pages.kill()
    assert app(MINE, pagination_token=token).status_code == 400


def test_a_token_can_have_a_life_of_its_own(start: Start, asking: Asking) -> None:
    sandbox = start(**FROZEN, page_token_seconds=60)
    app = asking.app(sandbox)
    token = app(MINE).json()["meta"]["next_token"]
    sandbox.clock.advance(59)
    assert app(MINE, pagination_token=token).status_code == 200
    sandbox.clock.advance(1)
    assert app(MINE, pagination_token=token).status_code == 400


def test_a_token_outlives_a_restart(start: Start, asking: Asking) -> None:
    first, again = start(**FROZEN), start(**FROZEN)
    token = asking.app(first)(MINE).json()["meta"]["next_token"]
    answers = [asking.app(each)(MINE, pagination_token=token).json() for each in (first, again)]
    assert answers[0]["data"] == answers[1]["data"]


STATUS = {
    "not_found": ("Not Found Error", "Could not find user with id: [{}]."),
    "suspended": ("Forbidden", "User has been suspended: [{}]."),
    "protected": (
        "Authorization Error",
        "Sorry, you are not authorized to see the user with id: [{}].",
    ),
}


@pytest.mark.parametrize("status", STATUS)
def test_a_timeline_that_is_not_shown_says_why(sandbox: Sandbox, app: Ask, status: Any) -> None:
    sandbox.world.set_status(SECOND_USER.user_id, status)
    answer = app(BOOKS)
    assert (answer.status_code, answer.json().keys()) == (200, {"errors"})
    (error,) = answer.json()["errors"]
    title, detail = STATUS[status]
    assert (error["title"], error["detail"]) == (title, detail.format(SECOND_USER.user_id))
    assert sandbox.bill.total.net_usd == 0


def test_a_protected_account_reads_itself(sandbox: Sandbox, asking: Asking) -> None:
    sandbox.world.set_status(CITY.user_id, "protected")
    path = f"/2/users/{CITY.user_id}/tweets"
    assert "data" in asking.user(sandbox, CITY)(path).json()
    assert "data" not in asking.user(sandbox, OWNER)(path).json()


def test_who_protects_their_posts_alone_is_found_but_not_read(sandbox: Sandbox, app: Ask) -> None:
    user_id = next(
        each
        for each in sandbox.world.sample_ids(3000, "found")
        if sandbox.world.user(each)["protected"]
        and "most_recent_tweet_id" in sandbox.world.user(each)
    )
    assert "data" in app("/2/users", ids=user_id).json()
    assert app(f"/2/users/{user_id}/tweets").json().keys() == {"errors"}
    newest = sandbox.world.user(user_id)["most_recent_tweet_id"]
    assert app("/2/tweets", ids=newest).json()["errors"][0]["title"] == "Authorization Error"


EXPANDED = ",".join(
    (
        "author_id,referenced_tweets.id,referenced_tweets.id.author_id,in_reply_to_user_id",
        "attachments.media_keys,attachments.poll_ids,geo.place_id,entities.mentions.username",
    )
)


def test_expansions_lead_to_everything_that_a_page_refers_to(sandbox: Sandbox, app: Ask) -> None:
    asked = {"expansions": EXPANDED, "tweet_fields": "referenced_tweets,attachments,entities"}
    for page in islice(pages(app, NEWS_PATH, max_results="100", **asked), 8):
        includes = page["includes"]
        here = {post["id"] for post in includes["tweets"]}
        missing = {error["value"] for error in page.get("errors", [])}
        for post in page["data"]:
            wanted = {reference["id"] for reference in post.get("referenced_tweets", [])}
            assert wanted <= here | missing
            carried = post.get("attachments", {})
            assert set(carried.get("media_keys", [])) <= {m["media_key"] for m in includes["media"]}
            assert set(carried.get("poll_ids", [])) <= {poll["id"] for poll in includes["polls"]}
        authors = {user["id"] for user in includes["users"]}
        assert NEWS.user_id in authors
        assert {sandbox.world.post(post_id)["author_id"] for post_id in here} <= authors  # type: ignore[index]


def test_a_repost_is_cut_and_its_original_is_whole(sandbox: Sandbox, app: Ask) -> None:
    asked = {
        "expansions": "referenced_tweets.id",
        "tweet_fields": "referenced_tweets,public_metrics,note_tweet",
    }
    cut = 0
    for page in pages(app, NEWS_PATH, max_results="100", **asked):
        originals = {post["id"]: post for post in page["includes"]["tweets"]}
        for post in page.get("data", []):
            (reference, *_) = post.get("referenced_tweets", [{"type": ""}])
            if reference["type"] != "retweeted":
                continue
            original = originals[reference["id"]]
            text = original.get("note_tweet", original)["text"]
            full = (
                f"RT @{sandbox.world.handle(sandbox.world.authors.of(int(original['id'])))}: {text}"
            )
            assert post["text"] == (full if len(full) <= 140 else f"{full[:139]}…")
            counted = post["public_metrics"].pop("retweet_count")
            assert counted == original["public_metrics"]["retweet_count"]
            assert set(post["public_metrics"].values()) == {0}
            cut += len(full) > 140
    assert cut > 5


def test_both_vocabularies_say_the_same(sandbox: Sandbox, app: Ask) -> None:
    old = app(
        MINE,
        max_results="50",
        tweet_fields="author_id,referenced_tweets,public_metrics,note_tweet,in_reply_to_user_id",
        expansions="author_id,referenced_tweets.id,in_reply_to_user_id",
    ).json()
    new = app(
        MINE,
        max_results="50",
        post_fields="public_metrics,note_post",
        expansions="author_id,referenced_posts,in_reply_to_user_id",
    ).json()
    renamed = {
        "referenced_posts": "referenced_tweets",
        "edit_history_post_ids": "edit_history_tweet_ids",
        "note_post": "note_tweet",
    }
    counts = {"repost_count": "retweet_count"}
    for before, after in zip(old["data"], new["data"], strict=True):
        changed = {renamed.get(key, key): value for key, value in after.items()}
        changed["public_metrics"] = {
            counts.get(key, key): value for key, value in after["public_metrics"].items()
        }
        assert changed == before
    assert new["includes"]["posts"]
    assert "tweets" not in new["includes"]


@pytest.mark.parametrize(
    ("reader", "path", "kind"),
    [
        ("owner", MINE, "OwnedRead"),
        ("app", MINE, "Post"),
        ("owner", BOOKS, "Post"),
        ("second", BOOKS, "Post"),
    ],
    ids=["own", "own-by-app-token", "of-another", "own-of-no-owner"],
)
def test_the_apps_owner_reads_their_own_posts_for_less(
    sandbox: Sandbox, asking: Asking, reader: str, path: str, kind: str
) -> None:
    ask = {
        "owner": asking.user(sandbox),
        "second": asking.user(sandbox, SECOND_USER),
        "app": asking.app(sandbox),
    }[reader]
    ask(path, max_results="20")
    bill = sandbox.bill.as_json()["resources"]
    assert {name: tally["net_objects"] for name, tally in bill.items()} == {kind: 20}
    assert bill[kind]["net_usd"] == pytest.approx({"OwnedRead": 0.02, "Post": 0.1}[kind])


def test_a_post_is_charged_once_a_day_whatever_its_price(sandbox: Sandbox, asking: Asking) -> None:
    owner = asking.user(sandbox)
    mine = ids(owner(MINE, max_results="10").json()["data"])
    owner("/2/tweets", ids=",".join(mine))
    assert float(sandbox.bill.total.net_usd) == pytest.approx(0.01)
    assert float(sandbox.bill.total.gross_usd) == pytest.approx(0.06)
