"""X's own Python SDK against the sandbox's Ads API, at X's own addresses."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests_oauthlib
import twitter_ads.http
from twitter_ads.analytics import Analytics
from twitter_ads.client import Client
from twitter_ads.creative import Card, MediaLibrary, Tweets
from twitter_ads.enum import ENTITY, GRANULARITY, METRIC_GROUP
from twitter_ads.error import BadRequest, Forbidden, RateLimit, ServiceUnavailable
from twitter_ads.http import Request

from sandbox import running
from sandbox.ads.accounts import (
    ELSEWHERE,
    FOUNDERS,
    HARBOUR,
    NORTHWIND,
    PLATFORM,
    STRANGERS,
)
from sandbox.ads.admission import HOSTS
from sandbox.credentials import APP, OWNER
from sandbox.routing import SandboxAdapter

if TYPE_CHECKING:
    from contextlib import ExitStack

    from sandbox import Sandbox

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
GROUPS = [METRIC_GROUP.ENGAGEMENT, METRIC_GROUP.VIDEO]


def connect(
    sandbox: Sandbox, stack: ExitStack, monkeypatch: pytest.MonkeyPatch, **options: Any
) -> Client:
    def session(*args: Any, **settings: Any) -> requests_oauthlib.OAuth1Session:
        made = stack.enter_context(requests_oauthlib.OAuth1Session(*args, **settings))
        for host in HOSTS:
            made.mount(f"https://{host}", SandboxAdapter(sandbox.url))
        return made

    monkeypatch.setattr(twitter_ads.http, "OAuth1Session", session)
    keys = (APP.consumer_key, APP.consumer_secret, OWNER.access_token, OWNER.access_token_secret)
    return Client(*keys, options=options)


@pytest.fixture
def client(sandbox: Sandbox, stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> Client:
    return connect(sandbox, stack, monkeypatch)


def ids_of(account: Any, **params: Any) -> list[str]:
    tweets = Tweets.all(account, tweet_type="PUBLISHED", timeline_type="ORGANIC", **params)
    return [tweet["tweet_id"] for tweet in tweets]


def test_the_sdk_lists_the_accounts_that_a_user_sees(client: Client) -> None:
    seen = client.accounts()
    assert seen.rate_limit_limit == "5"
    seen = list(seen)
    assert {account.id: account.timezone for account in seen} == {
        each.id: each.timezone for each in (NORTHWIND, HARBOUR, FOUNDERS, PLATFORM, ELSEWHERE)
    }
    assert client.accounts(NORTHWIND.id).industry_type == "RETAIL"
    with pytest.raises(Forbidden) as refused:
        client.accounts(STRANGERS.id)
    assert refused.value.details[0]["code"] == "ACCOUNT_NOT_FOUND"


def test_the_sdk_reads_everything_that_an_account_has(client: Client, sandbox: Sandbox) -> None:
    account = client.accounts(NORTHWIND.id)
    users = {user.user_id: user.promotable_user_type for user in account.promotable_users()}
    assert users == {NORTHWIND.user_id: "FULL", NORTHWIND.others[0]: "RETWEETS_ONLY"}

    cards = list(account.cards(count=5))
    assert len({card.id for card in cards}) == len(cards) > 10
    assert Card.load(account, cards[0].id).card_uri == f"card://{cards[0].id}"
    media = list(MediaLibrary.all(account))
    assert len({each.media_key for each in media}) == len(media) > 20
    assert next(each for each in media if each.media_type == "VIDEO").duration > 0

    statuses = {post.scheduled_status for post in account.scheduled_tweets()}
    assert statuses >= {"SUCCESS", "FAILED"}
    read = ids_of(account, count=150)
    timelines = sandbox.world.timelines
    published = {str(timelines.newest(post)) for post in timelines.of(NORTHWIND.user_id)}
    assert set(read) < published
    assert len(read) > 300


def test_the_sdk_reads_stats_at_once(client: Client, sandbox: Sandbox) -> None:
    account = client.accounts(HARBOUR.id)
    ids = ids_of(account, count=20)[:20]
    span = {
        "start_time": datetime(2026, 11, 10, tzinfo=UTC),
        "end_time": datetime(2026, 11, 13, tzinfo=UTC),
    }
    found = Analytics.all_stats(
        account, ids, GROUPS, entity=ENTITY.ORGANIC_TWEET, granularity=GRANULARITY.DAY, **span
    )
    days = [date(2026, 11, 10) + timedelta(days=n) for n in range(3)]
    assert [each["id"] for each in found] == ids
    for each in found:
        truth = [sandbox.ads.daily(HARBOUR.id, each["id"], day) for day in days]
        for name, series in each["id_data"][0]["metrics"].items():
            assert (series or [0, 0, 0]) == [day.get(name, 0) for day in truth]

    with pytest.raises(BadRequest) as refused:
        Analytics.all_stats(
            account, [*ids, "1"], GROUPS, entity="ORGANIC_TWEET", granularity="DAY", **span
        )
    assert refused.value.details[0]["parameter"] == "entity_ids"


def test_the_sdk_reads_stats_by_a_job(client: Client) -> None:
    account = client.accounts(FOUNDERS.id)
    ids = ids_of(account)[:20]
    span = {
        "start_time": datetime(2026, 8, 22, tzinfo=UTC),
        "end_time": datetime(2026, 11, 20, tzinfo=UTC),
    }
    job = Analytics.queue_async_stats_job(
        account, ids, GROUPS, entity=ENTITY.ORGANIC_TWEET, granularity=GRANULARITY.DAY, **span
    )
    assert (job.status, job.url) == ("QUEUED", None)
    polls = [Analytics.async_stats_job_result(account, job_ids=[job.id]).first for _ in range(2)]
    assert [poll.status for poll in polls] == ["PROCESSING", "SUCCESS"]
    body = Analytics.async_stats_job_data(account, polls[1].url)
    assert body["time_series_length"] == 90
    assert {each["id"] for each in body["data"]} == set(ids)


@pytest.mark.parametrize("is_sandbox", [False, True], ids=["live", "sandbox"])
def test_the_sdk_asks_both_hosts(client: Client, *, is_sandbox: bool) -> None:
    client.sandbox = is_sandbox
    account = client.accounts(HARBOUR.id)
    first = ids_of(account)[10]
    span = {
        "start_time": datetime(2026, 11, 1, tzinfo=UTC),
        "end_time": datetime(2026, 11, 8, tzinfo=UTC),
    }
    found = Analytics.all_stats(account, [first], GROUPS, entity="ORGANIC_TWEET", **span)
    impressions = found[0]["id_data"][0]["metrics"]["impressions"]
    assert (impressions is None) is is_sandbox


def test_the_sdk_waits_for_the_next_window(
    stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = stack.enter_context(running())
    client = connect(sandbox, stack, monkeypatch, handle_rate_limit=True)
    sandbox.ads.limits.set("accounts", 1)
    waits: list[float] = []

    class Clock:
        """The time of the client alone: threads of the sandbox sleep, too."""

        time = time.time

        @staticmethod
        def sleep(seconds: float) -> None:
            waits.append(seconds)
            sandbox.clock.advance(seconds)

    monkeypatch.setattr(twitter_ads.http, "time", Clock)
    client.accounts()
    assert client.accounts().first is not None
    assert [900 <= wait <= 905 for wait in waits] == [True]
    client.options["handle_rate_limit"] = False
    with pytest.raises(RateLimit) as refused:
        client.accounts()
    assert int(refused.value.reset_at) > sandbox.clock.timestamp()


@pytest.mark.parametrize("seconds", [0, 7], ids=["without", "with"])
def test_the_sdk_learns_when_to_retry(client: Client, sandbox: Sandbox, seconds: int) -> None:
    sandbox.faults.add("ads_refused", code="OVER_CAPACITY", retry_after=seconds)
    with pytest.raises(ServiceUnavailable) as refused:
        Request(client, "get", "/11/accounts").perform()
    assert refused.value.retry_after == (str(seconds) if seconds else None)
    assert refused.value.details[0]["code"] == "OVER_CAPACITY"
