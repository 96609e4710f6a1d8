from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from test_sandbox.asking import Ask, Asking, Start

    from sandbox import Sandbox

MANY = ",".join(str(number) for number in range(1, 102))

REFUSED = {
    "no-ids": ("/2/users", "", "The `ids` query parameter can not be empty"),
    "empty-ids": ("/2/users", "ids=", "The `ids` query parameter can not be empty"),
    "101-ids": (
        "/2/users",
        f"ids={MANY}",
        "The number of values in the `ids` query parameter list [101] is not between 1 and 100",
    ),
    "letters-in-id": (
        "/2/users",
        "ids=12,ab",
        "The `ids` query parameter value [ab] does not match ^[0-9]{1,19}$",
    ),
    "20-digits": (
        "/2/users",
        "ids=12345678901234567890",
        "The `ids` query parameter value [12345678901234567890] does not match ^[0-9]{1,19}$",
    ),
    "space-after-comma": (
        "/2/users",
        "ids=12,%2013",
        "The `ids` query parameter value [ 13] does not match ^[0-9]{1,19}$",
    ),
    "id-twice": ("/2/users", "ids=12,12", "The `ids` query parameter value [12] is duplicated"),
    "key-twice": (
        "/2/users",
        "ids=12&ids=13",
        "The `ids` query parameter was given 2 times: join its values by commas",
    ),
    "long-handle": (
        "/2/users/by",
        "usernames=abcdefghijklmnop",
        "The `usernames` query parameter value [abcdefghijklmnop] does not match "
        "^[A-Za-z0-9_]{1,15}$",
    ),
    "ids-among-handles": (
        "/2/users/by",
        "usernames=a&ids=12",
        "The query parameter [ids] is not one of [usernames,user.fields,tweet.fields,expansions]",
    ),
    "fields-of-media": (
        "/2/users",
        "ids=12&media.fields=url",
        "The query parameter [media.fields] is not one of "
        "[ids,user.fields,tweet.fields,expansions]",
    ),
    "unknown-expansion": (
        "/2/users",
        "ids=12&expansions=author_id",
        "The `expansions` query parameter value [author_id] is not one of "
        "[affiliation.user_id,most_recent_tweet_id,pinned_tweet_id]",
    ),
    "both-vocabularies": (
        "/2/users",
        "ids=12&tweet.fields=text&post.fields=text",
        "The query parameter [post.fields] is not one of [ids,user.fields,tweet.fields,expansions]",
    ),
    "tweet-word-beside-post-fields": (
        "/2/users",
        "ids=12&post.fields=text&expansions=pinned_tweet_id",
        "The `expansions` query parameter value [pinned_tweet_id] is not one of "
        "[affiliation,most_recent_post_id,pinned_post_id]",
    ),
}


@pytest.mark.parametrize(("path", "query", "message"), REFUSED.values(), ids=REFUSED)
def test_a_bad_parameter_is_refused_by_name(
    sandbox: Sandbox, app: Ask, path: str, query: str, message: str
) -> None:
    answer = app(f"{path}?{query}")

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert [error["message"] for error in body.pop("errors")] == [message]
    assert body == {
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.twitter.com/2/problems/invalid-request",
    }
    assert sandbox.bill.total.requests == 0


def test_every_fault_of_a_request_is_named_at_once(app: Ask) -> None:
    answer = app("/2/users?ids=x&user.fields=shoe_size&colour=red").json()
    named = [name for error in answer["errors"] for name in error["parameters"]]
    assert sorted(named) == ["colour", "ids", "user.fields"]


def test_a_message_about_a_field_lists_those_there_are(app: Ask) -> None:
    (error,) = app("/2/users?ids=12&user.fields=shoe_size").json()["errors"]
    assert error["parameters"] == {"user.fields": ["shoe_size"]}
    assert "[shoe_size] is not one of [affiliation,confirmed_email," in error["message"]


@pytest.mark.parametrize(
    ("vocabulary", "asked"),
    [
        ("tweet", {"post_fields": "text"}),
        ("tweet", {"expansions": "pinned_post_id"}),
        ("post", {"tweet_fields": "text"}),
        ("post", {"user_fields": "pinned_tweet_id"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "&".join(value),
)
def test_a_server_of_one_vocabulary_refuses_the_other(
    start: Start, asking: Asking, vocabulary: str, asked: dict[str, str]
) -> None:
    app = asking.app(start(vocabulary=vocabulary))
    assert app("/2/users", ids="12", **asked).status_code == 400


def test_unknown_fields_can_be_passed_over_instead(start: Start, asking: Asking) -> None:
    app = asking.app(start(vocabulary="post", unknown_fields="ignore"))
    answer = app("/2/users", ids="12", user_fields="protected,pinned_tweet_id")
    assert answer.json()["data"][0].keys() == {"id", "name", "username", "protected"}


def test_unknown_parameters_are_refused_all_the_same(start: Start, asking: Asking) -> None:
    app = asking.app(start(unknown_fields="ignore"))
    assert app("/2/users", ids="12", colour="red").status_code == 400


@pytest.mark.parametrize("path", ["/2/nowhere", "/", "/2/users/12"])
def test_unknown_paths_are_not_found(app: Ask, path: str) -> None:
    answer = app(path)
    assert answer.status_code == 404
    assert answer.json() == {
        "title": "Not Found",
        "type": "about:blank",
        "status": 404,
        "detail": "Not Found",
    }
