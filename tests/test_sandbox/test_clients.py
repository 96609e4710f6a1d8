"""Independent clients against the sandbox: what they accept does not depend on our own."""

from __future__ import annotations

import time
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
import requests
import tweepy
from oauthlib.oauth1 import Client
from requests_oauthlib import OAuth1
from test_sandbox.routes import routed

from sandbox import moments
from sandbox.credentials import APP, OWNER

if TYPE_CHECKING:
    from contextlib import ExitStack

    from test_sandbox.asking import Start

    from sandbox import Sandbox

USER_KEYS = {
    "consumer_key": APP.consumer_key,
    "consumer_secret": APP.consumer_secret,
    "access_token": OWNER.access_token,
    "access_token_secret": OWNER.access_token_secret,
}


def tweepy_client(sandbox: Sandbox, stack: ExitStack, **settings: Any) -> tweepy.Client:
    client = tweepy.Client(**settings)
    routed(sandbox, stack, client.session)
    return client


def test_tweepy_reads_users_with_the_apps_token(sandbox: Sandbox, stack: ExitStack) -> None:
    client = tweepy_client(sandbox, stack, bearer_token=sandbox.tokens.app_only())
    gone = sandbox.world.sample_ids(1, status="suspended")[0]
    answer = client.get_users(ids=["12", gone], user_fields=["created_at", "public_metrics"])

    (user,) = answer.data
    assert user.username == "founder"
    assert user.public_metrics == sandbox.world.user("12")["public_metrics"]
    assert user.created_at.isoformat().startswith("2006-03-21")
    assert [error["value"] for error in answer.errors] == [gone]


def test_tweepy_reads_users_and_itself_with_signatures(sandbox: Sandbox, stack: ExitStack) -> None:
    client = tweepy_client(sandbox, stack, **USER_KEYS)
    assert client.get_me().data.id == int(OWNER.user_id)
    answer = client.get_users(
        usernames=["founder", "NorthwindTea"],
        user_auth=True,
        expansions="pinned_tweet_id",
        tweet_fields=["created_at", "public_metrics"],
    )
    assert {user.username for user in answer.data} == {"founder", "NorthwindTea"}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"consumer_secret": "wrong"}, tweepy.Unauthorized),
        ({"access_token_secret": "wrong"}, tweepy.Unauthorized),
    ],
    ids=["consumer-secret", "token-secret"],
)
def test_tweepy_is_refused_with_a_wrong_secret(
    sandbox: Sandbox, stack: ExitStack, change: dict[str, str], error: type[Exception]
) -> None:
    client = tweepy_client(sandbox, stack, **{**USER_KEYS, **change})
    with pytest.raises(error):
        client.get_me()


def test_tweepy_reads_a_timeline_page_by_page(start: Start, stack: ExitStack) -> None:
    sandbox = start(clock_ticking=False)
    client = tweepy_client(sandbox, stack, **USER_KEYS)
    paginator = tweepy.Paginator(
        client.get_users_tweets,
        OWNER.user_id,
        max_results=50,
        exclude=["replies"],
        tweet_fields=["created_at", "organic_metrics", "referenced_tweets"],
        expansions=["author_id", "referenced_tweets.id"],
        user_auth=True,
    )
    read = list(paginator.flatten())
    month = sandbox.clock.now() - timedelta(days=30)
    truth = {
        post["id"]: post
        for post in islice(sandbox.world.timeline(OWNER.user_id), 200)
        if post["created_at"] >= month.isoformat() and "in_reply_to_user_id" not in post
    }
    assert [str(post.id) for post in read] == list(truth)
    for post in read:
        expected = truth[str(post.id)]
        assert post.text == expected["text"]
        assert post.organic_metrics == expected.get("organic_metrics")
        assert post.author_id == int(OWNER.user_id)


def test_tweepy_reads_messages_page_by_page(start: Start, stack: ExitStack) -> None:
    sandbox = start(clock_ticking=False, limit_scale=10)
    client = tweepy_client(sandbox, stack, **USER_KEYS)
    paginator = tweepy.Paginator(
        client.get_direct_message_events,
        dm_event_fields=["sender_id", "created_at", "dm_conversation_id", "participant_ids"],
        expansions=["sender_id"],
        user_auth=True,
    )
    read = list(paginator.flatten(limit=450))
    truth = list(islice(sandbox.world.mailbox(OWNER.user_id), 450))
    assert [str(event.id) for event in read] == [event["id"] for event in truth]
    for event, expected in zip(read, truth, strict=True):
        assert event.event_type == expected["event_type"]
        assert event.text == expected.get("text")
        assert str(event.sender_id) == expected.get("sender_id", "None")
        assert moments.stamp(event.created_at) == expected["created_at"]


def test_tweepy_reads_one_conversation(start: Start, stack: ExitStack) -> None:
    sandbox = start(clock_ticking=False)
    client = tweepy_client(sandbox, stack, **USER_KEYS)
    events = sandbox.world.messages.of(OWNER.user_id)
    group = next(event.conversation for event in events if event.conversation.is_group)
    answer = client.get_direct_message_events(dm_conversation_id=group.id, user_auth=True)
    assert [event.id for event in answer.data] == [
        event.id for event in events if event.conversation == group
    ][:100]


def test_tweepy_recognises_each_refusal(sandbox: Sandbox, stack: ExitStack) -> None:
    client = tweepy_client(sandbox, stack, bearer_token=sandbox.tokens.app_only())
    with pytest.raises(tweepy.BadRequest, match="is not one of"):
        client.get_users(ids=["12"], user_fields=["shoe_size"])
    with pytest.raises(tweepy.Forbidden, match=r"OAuth 2\.0 Application-Only is forbidden"):
        client.get_me(user_auth=False)
    sandbox.faults.add("rate_limited")
    with pytest.raises(tweepy.TooManyRequests) as limited:
        client.get_users(ids=["12"])
    assert limited.value.reset_time == pytest.approx(time.time() + 900, abs=5)


def test_tweepy_waits_for_the_window_and_goes_on(start: Start, stack: ExitStack) -> None:
    sandbox = start(window_seconds=1, limits={"/2/users:app": 1})
    settings: dict[str, Any] = {"bearer_token": sandbox.tokens.app_only()}
    client = tweepy_client(sandbox, stack, wait_on_rate_limit=True, **settings)
    answers = [client.get_users(ids=["12"]) for _ in range(2)]
    assert [answer.data[0].id for answer in answers] == [12, 12]
    assert [entry.status for entry in sandbox.requests] == [200, 429, 200]


@pytest.mark.parametrize("host", ["api.x.com", "api.twitter.com"])
def test_requests_oauthlib_can_sign_either_of_xs_hosts(
    sandbox: Sandbox, stack: ExitStack, host: str
) -> None:
    session = routed(sandbox, stack, requests.Session())
    session.auth = OAuth1(*USER_KEYS.values())
    assert session.get(f"https://{host}/2/users/me", timeout=10).status_code == 200


@pytest.mark.parametrize(
    ("claim", "status"),
    [
        ({"Host": "api.x.com", "X-Forwarded-Proto": "https"}, 200),
        ({"Host": "api.twitter.com", "X-Forwarded-Proto": "https"}, 401),
        ({"Host": "api.x.com"}, 401),
        ({}, 401),
    ],
    ids=["signed", "other-host", "other-scheme", "the-sandbox-itself"],
)
def test_a_signature_holds_for_the_url_that_was_signed_alone(
    sandbox: Sandbox, claim: dict[str, str], status: int
) -> None:
    _, signed, _ = Client(*USER_KEYS.values()).sign("https://api.x.com/2/users/me")
    answer = requests.get(f"{sandbox.url}/2/users/me", headers={**signed, **claim}, timeout=10)
    assert answer.status_code == status


def test_the_sandbox_is_also_called_localhost(sandbox: Sandbox) -> None:
    url = sandbox.url.replace("127.0.0.1", "localhost")
    signature = OAuth1(*USER_KEYS.values())
    assert requests.get(f"{url}/2/users/me", auth=signature, timeout=10).status_code == 200


def test_hosts_that_are_not_xs_are_sent_away(sandbox: Sandbox) -> None:
    answer = requests.get(f"{sandbox.url}/2/users/me", headers={"Host": "example.com"}, timeout=10)
    assert answer.status_code == 421
    assert "not example.com" in answer.json()["detail"]
