from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.credentials import OWNER, SECOND_USER

if TYPE_CHECKING:
    from test_sandbox.asking import Ask, Asking, Start

    from sandbox import Sandbox

BASE = "https://api.twitter.com/2/problems/"


def by_id(response: Any) -> dict[str, dict[str, Any]]:
    return {user["id"]: user for user in response.json().get("data", [])}


def user_with(sandbox: Sandbox, *fields: str, protected: bool = False) -> str:
    """An id whose user has the fields."""
    return next(
        user_id
        for user_id in sandbox.world.sample_ids(2000, status="found")
        if (user := sandbox.world.user(user_id)).keys() >= set(fields)
        and user["protected"] is protected
    )


def test_only_the_default_fields_come_unasked(app: Ask) -> None:
    assert app("/2/users", ids="12").json() == {
        "data": [{"id": "12", "name": "The Founder", "username": "founder"}]
    }


def test_fields_come_as_asked_and_absent_ones_leave_no_key(sandbox: Sandbox, app: Ask) -> None:
    ids = sandbox.world.sample_ids(100, status="found")
    users = by_id(app("/2/users", ids=",".join(ids), user_fields="location,protected"))

    assert set(users) == set(ids)
    for user_id, user in users.items():
        full = sandbox.world.user(user_id)
        expected = {"id", "name", "username", "protected"} | ({"location"} & full.keys())
        assert user == {key: full[key] for key in expected}


def test_answers_do_not_keep_the_order_asked_but_repeat_it(sandbox: Sandbox, app: Ask) -> None:
    ids = sandbox.world.sample_ids(50, status="found")
    orders = [list(by_id(app("/2/users", ids=",".join(ids)))) for _ in range(2)]

    assert orders[0] == orders[1]
    assert orders[0] != ids


MISSING = {
    "not_found": ("Not Found Error", "resource-not-found", "Could not find user with {p}: [{v}]."),
    "suspended": ("Forbidden", "resource-not-found", "User has been suspended: [{v}]."),
    "protected": (
        "Authorization Error",
        "not-authorized-for-resource",
        "Sorry, you are not authorized to see the user with {p}: [{v}].",
    ),
}


@pytest.mark.parametrize("parameter", ["ids", "usernames"])
@pytest.mark.parametrize("status", MISSING)
def test_who_is_missing_is_named_beside_who_is_not(
    sandbox: Sandbox, app: Ask, status: Any, parameter: str
) -> None:
    user_id = sandbox.world.sample_ids(1, status=status)[0]
    title, kind, detail = MISSING[status]
    path, value, known = {
        "ids": ("/2/users", user_id, "12"),
        "usernames": ("/2/users/by", sandbox.world.handle(user_id), "founder"),
    }[parameter]
    answer = app(path, **{parameter: f"{value},{known}"})

    assert answer.status_code == 200
    assert [user["id"] for user in answer.json()["data"]] == ["12"]
    error = answer.json()["errors"][0]
    assert error.pop("section", "data") == "data"
    assert error == {
        "value": value,
        "detail": detail.format(p=parameter, v=value),
        "title": title,
        "resource_type": "user",
        "parameter": parameter,
        "resource_id": value,
        "type": BASE + kind,
    }


def test_an_answer_about_missing_users_alone_has_no_data(sandbox: Sandbox, app: Ask) -> None:
    ids = sandbox.world.sample_ids(3, status="suspended")
    answer = app("/2/users", ids=",".join(ids))

    assert answer.status_code == 200
    assert answer.json().keys() == {"errors"}
    assert len(answer.json()["errors"]) == 3


@pytest.mark.parametrize("user_id", ["0", "007", "9999999999999999999", "9223372036854775807"])
def test_ids_that_nobody_can_have_are_not_found(app: Ask, user_id: str) -> None:
    answer = app("/2/users", ids=user_id).json()
    assert [error["value"] for error in answer["errors"]] == [user_id]


def test_handles_are_found_in_any_case_and_answered_in_their_own(app: Ask) -> None:
    answer = app("/2/users/by", usernames="NORTHWINDTEA,U_1").json()
    assert {user["username"] for user in answer["data"]} == {"NorthwindTea", "u_1"}


@pytest.mark.parametrize("token", [OWNER, SECOND_USER], ids=["owner", "second"])
def test_me_is_whose_token_it_is(sandbox: Sandbox, asking: Asking, token: Any) -> None:
    answer = asking.user(sandbox, token)("/2/users/me")
    assert answer.json()["data"]["id"] == token.user_id
    assert answer.headers["x-access-level"] == token.access_level


def test_me_needs_a_user(app: Ask) -> None:
    answer = app("/2/users/me")
    assert answer.status_code == 403
    assert answer.json() == {
        "title": "Unsupported Authentication",
        "detail": "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.  "
        "Supported authentication types are [OAuth 1.0a User Context, OAuth 2.0 User Context].",
        "type": BASE + "unsupported-authentication",
        "status": 403,
    }


PERSONAL = "receives_your_dm,subscription,connection_status,confirmed_email,subscription_type"


def test_an_app_sees_nothing_personal(sandbox: Sandbox, app: Ask) -> None:
    user_id = user_with(sandbox, "connection_status")
    assert by_id(app("/2/users", ids=user_id, user_fields=PERSONAL))[user_id].keys() == {
        "id",
        "name",
        "username",
    }


def test_a_user_sees_how_others_stand_to_them(sandbox: Sandbox, owner: Ask) -> None:
    user_id = user_with(sandbox, "connection_status")
    seen = by_id(owner("/2/users", ids=user_id, user_fields=PERSONAL))[user_id]
    assert seen.keys() >= {"receives_your_dm", "subscription", "connection_status"}
    assert seen.keys().isdisjoint({"confirmed_email", "subscription_type"})


def test_only_oneself_sees_ones_address(owner: Ask) -> None:
    seen = owner("/2/users/me", user_fields=PERSONAL).json()["data"]
    assert seen["confirmed_email"] == "northwindtea@mail.example"
    assert "connection_status" not in seen


def test_a_pinned_post_can_be_included(sandbox: Sandbox, app: Ask) -> None:
    user_id = next(
        user_id
        for user_id in sandbox.world.sample_ids(500, status="found")
        if (user := sandbox.world.user(user_id)).get("pinned_tweet_id")
        and not user["protected"]
        and sandbox.world.post(user["pinned_tweet_id"])
    )
    asked = {"expansions": "pinned_tweet_id", "tweet_fields": "author_id,created_at"}
    answer = app("/2/users", ids=user_id, **asked).json()

    pinned = answer["data"][0]["pinned_tweet_id"]
    post = answer["includes"]["tweets"][0]
    assert post.keys() == {"id", "text", "edit_history_tweet_ids", "author_id", "created_at"}
    assert (post["id"], post["author_id"]) == (pinned, user_id)


@pytest.mark.parametrize(
    ("protected", "title", "detail"),
    [
        (False, "Not Found Error", "Could not find tweet with pinned_tweet_id: [{}]."),
        (
            True,
            "Authorization Error",
            "Sorry, you are not authorized to see the Tweet with pinned_tweet_id: [{}].",
        ),
    ],
    ids=["deleted", "protected"],
)
def test_an_included_post_that_is_missing_is_named(
    sandbox: Sandbox, app: Ask, protected: bool, title: str, detail: str
) -> None:
    user_id, pinned = next(
        (user_id, user["pinned_tweet_id"])
        for user_id in sandbox.world.sample_ids(5000, status="found")
        if (user := sandbox.world.user(user_id)).get("pinned_tweet_id")
        and user["protected"] is protected
        and (sandbox.world.post(user["pinned_tweet_id"]) is None) is not protected
    )
    answer = app("/2/users", ids=user_id, expansions="pinned_tweet_id").json()

    assert answer["data"][0]["pinned_tweet_id"] == pinned
    assert "includes" not in answer
    assert answer["errors"][0]["title"] == title
    assert answer["errors"][0]["detail"] == detail.format(pinned)


def test_affiliates_can_be_included(sandbox: Sandbox, app: Ask) -> None:
    user_id = user_with(sandbox, "affiliation")
    answer = app("/2/users", ids=user_id, expansions="affiliation.user_id").json()
    assert [user["id"] for user in answer["includes"]["users"]] == answer["data"][0]["affiliation"][
        "user_id"
    ]


def test_a_suspended_affiliate_is_named_among_the_errors(sandbox: Sandbox, app: Ask) -> None:
    user_id = user_with(sandbox, "affiliation")
    (employer,) = sandbox.world.user(user_id)["affiliation"]["user_id"]
    sandbox.world.set_status(employer, "suspended")
    answer = app("/2/users", ids=user_id, expansions="affiliation.user_id").json()
    assert "includes" not in answer
    assert answer["errors"][0]["detail"] == f"User has been suspended: [{employer}]."


@pytest.mark.parametrize(
    ("status", "expected"),
    [("suspended", 403), ("not_found", 401), ("protected", 200)],
)
def test_a_token_works_as_far_as_its_account_does(
    sandbox: Sandbox, owner: Ask, app: Ask, status: Any, expected: int
) -> None:
    sandbox.world.set_status(OWNER.user_id, status)
    assert owner("/2/users/me").status_code == expected
    assert "data" not in app("/2/users", ids=OWNER.user_id).json()


def test_counters_grow_with_the_clock(sandbox: Sandbox, app: Ask) -> None:
    ask = {"ids": OWNER.user_id, "user_fields": "public_metrics"}
    before = app("/2/users", **ask).json()["data"][0]["public_metrics"]
    sandbox.clock.advance(30 * 86400)
    after = app("/2/users", **ask).json()["data"][0]["public_metrics"]

    assert all(after[name] >= before[name] for name in before)
    assert after != before


@pytest.mark.parametrize(
    ("asked", "post_count", "pinned"),
    [
        ({"user_fields": "public_metrics"}, "tweet_count", None),
        ({"user_fields": "public_metrics,pinned_tweet_id"}, "tweet_count", "pinned_tweet_id"),
        ({"user_fields": "public_metrics", "tweet_fields": "text"}, "tweet_count", None),
        ({"user_fields": "public_metrics", "post_fields": "text"}, "post_count", None),
        ({"user_fields": "public_metrics,subscribes_to_you"}, "post_count", None),
        (
            {"user_fields": "public_metrics", "expansions": "pinned_post_id"},
            "post_count",
            "pinned_post_id",
        ),
    ],
    ids=["nothing", "tweet-word", "tweet.fields", "post.fields", "post-word", "post-expansion"],
)
def test_the_vocabulary_of_the_question_is_that_of_the_answer(
    sandbox: Sandbox, app: Ask, asked: dict[str, str], post_count: str, pinned: str | None
) -> None:
    user_id = user_with(sandbox, "pinned_tweet_id")
    user = by_id(app("/2/users", ids=user_id, **asked))[user_id]

    assert {"tweet_count", "post_count"} & user["public_metrics"].keys() == {post_count}
    assert {key for key in user if key.startswith("pinned")} == ({pinned} if pinned else set())


def test_included_posts_are_called_posts_in_the_post_vocabulary(sandbox: Sandbox, app: Ask) -> None:
    ids = ",".join(sandbox.world.sample_ids(50, status="found"))
    answer = app("/2/users", ids=ids, expansions="pinned_post_id", post_fields="public_metrics")
    posts = answer.json()["includes"]["posts"]
    assert all("edit_history_post_ids" in post for post in posts)
    assert all("repost_count" in post["public_metrics"] for post in posts)


def test_what_nobody_asks_for_decides_the_default(start: Start, asking: Asking) -> None:
    app = asking.app(start(default_vocabulary="post"))
    user = app("/2/users", ids="12", user_fields="public_metrics").json()["data"][0]
    assert "post_count" in user["public_metrics"]


def test_a_mixed_server_counts_tweets_in_the_post_vocabulary(start: Start, asking: Asking) -> None:
    app = asking.app(start(mixed_metrics=True))
    asked = {"user_fields": "public_metrics", "post_fields": "text"}
    user = app("/2/users", ids="12", **asked).json()["data"][0]
    assert "tweet_count" in user["public_metrics"]
