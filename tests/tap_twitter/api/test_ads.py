"""The Ads API: what its refusals mean, how it is asked, and whose limits count."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests
from support.organic import WORLD, OrganicRuns

from sandbox.ads.accounts import NORTHWIND
from tap_twitter.api.ads_errors import CODES, classify_error
from tap_twitter.api.endpoints.ads import ADS_TWEETS
from tap_twitter.api.limit_table import Pool
from tap_twitter.api.rate_limits import RateLimits
from tap_twitter.errors import (
    AccessError,
    AccountError,
    AppAccessError,
    AuthError,
    GatewayError,
    InvalidRequestError,
    RateLimitError,
    TapError,
    TransientError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return WORLD


def answer(status: int, body: Any, kind: str = "application/json") -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    response.headers["content-type"] = kind
    return response


def judged(status: int, body: Any) -> TapError:
    return classify_error(answer(status, body), body, "check the settings of 'auth'")


@pytest.mark.parametrize(
    ("status", "code", "error", "hint"),
    [
        (401, "UNAUTHORIZED_ACCESS", AuthError, "check the settings of 'auth'"),
        (403, "ACCOUNT_NOT_FOUND", AccountError, "organic.accounts"),
        (403, "UNAUTHORIZED_CLIENT_APPLICATION", AppAccessError, "request Ads API access"),
        (403, "ACTION_NOT_ALLOWED", AccessError, "role"),
        (403, "CURRENT_USER_SUSPENDED", AccessError, "sign in"),
        (400, "FEATURE_NOT_AVAILABLE", AccessError, "feature"),
        (400, "INVALID_ACCOUNT_SERVICE_LEVEL", AccessError, "service level"),
        (404, "ROUTE_NOT_FOUND", TapError, "api.ads_url"),
        (404, "CARD_NOT_FOUND", TapError, "no such entity"),
        (408, "CANCELLED_REQUEST", TransientError, ""),
        (423, "LOCK_ACQUISITION_TIMEOUT", TransientError, ""),
        (429, "TOO_MANY_REQUESTS", RateLimitError, "limit"),
        (500, "INTERNAL_ERROR", TransientError, ""),
        (503, "OVER_CAPACITY", TransientError, ""),
    ],
)
def test_what_a_code_means(status: int, code: str, error: type[TapError], hint: str) -> None:
    found = judged(status, {"errors": [{"code": code, "message": "secret"}], "request": {}})
    assert type(found) is error
    assert hint in str(found)
    assert f"HTTP {status}" in str(found)
    assert "secret" not in str(found)


def test_every_code_has_a_text_that_can_be_filled_in() -> None:
    for _, text in CODES.values():
        assert "{" not in text.format(hint="x")


def test_an_invalid_request_names_the_parameters() -> None:
    errors = [
        {"code": "INVALID_PARAMETER", "message": "a", "parameter": "start_time", "value": "x"},
        {"code": "INVALID_PARAMETER", "message": "b", "parameter": "placement"},
        {"code": "INVALID_TIME_WINDOW", "message": "c", "parameter": ""},
    ]
    found = judged(400, {"errors": errors})
    assert isinstance(found, InvalidRequestError)
    assert str(found).endswith("(HTTP 400: placement, start_time).")
    assert found.refusals["placement"] == "b"


def test_a_refusal_of_organic_stats_names_the_stream_that_takes_their_place() -> None:
    errors = [{"code": "INVALID_PARAMETER", "message": "a", "parameter": "entity"}]
    found = judged(400, {"errors": errors})
    assert isinstance(found, InvalidRequestError)
    assert "select 'tweet_analytics'" in str(found)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, RateLimitError),
        (500, None, TransientError),
        (401, {"errors": "no"}, AuthError),
        (400, {"errors": [None, 5, {"parameter": 7}]}, InvalidRequestError),
        (403, [], AccessError),
    ],
)
def test_answers_of_older_gateways(status: int, body: Any, error: type[TapError]) -> None:
    assert isinstance(judged(status, body), error)


def test_a_page_of_a_firewall_is_not_x() -> None:
    response = answer(403, "<html>Cloudflare</html>", "text/html")
    response.headers["server"] = "cloudflare"
    assert isinstance(classify_error(response, None, ""), GatewayError)


def test_commas_and_colons_are_quoted(sandbox: Sandbox, tmp_path: Path) -> None:
    runs = OrganicRuns(sandbox, tmp_path)
    tap = runs.tap("tweet")
    sent: list[str] = []

    def observe(_: str, response: requests.Response) -> None:
        sent.append(str(response.request.url))

    stream = next(each for each in tap.x_streams if each.name == "tweet")
    stream.requester._observe = observe
    stream.run.ads_accounts.look_up(stream.requester, stream.run.ads_accounts.users)
    account = stream.run.ads_accounts.found[NORTHWIND.id].asker
    params = {"tweet_type": "PUBLISHED", "tweet_ids": "1,2", "name": "a:b"}
    assert stream.requester.fetch(ADS_TWEETS, params, lambda body: body["data"], account) == []
    assert "tweet_ids=1%2C2&name=a%3Ab" in urlsplit(sent[-1]).query


class Clock:
    def now(self) -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC)

    def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


def headers(**remaining: int) -> dict[str, str]:
    reset = str(int(Clock().now().timestamp()) + 600)
    return {
        name: value
        for prefix, left in remaining.items()
        for name, value in (
            (f"x-{prefix.replace('_', '-')}-remaining", str(left)),
            (f"x-{prefix.replace('_', '-')}-reset", reset),
        )
    }


@pytest.mark.parametrize(
    ("told", "same_account", "other_account", "other_asker"),
    [
        ({"rate_limit": 0}, False, False, True),
        ({"account_rate_limit": 0}, False, True, False),
        ({"rate_limit": 0, "account_rate_limit": 5}, True, True, True),
        ({"rate_limit": 5, "account_rate_limit": 0}, False, True, False),
    ],
    ids=["user", "account", "account-has-room", "account-has-none"],
)
def test_whose_window_an_answer_tells_of(
    told: dict[str, int], same_account: bool, other_account: bool, other_asker: bool
) -> None:
    limits = RateLimits(Clock(), 3600, logging.getLogger("test"))
    limits.note(Pool("GET /a", "me", "1"), headers(**told))
    assert limits.may_send(Pool("GET /a", "me", "1"), 0) is same_account
    assert limits.may_send(Pool("GET /a", "me", "2"), 0) is other_account
    assert limits.may_send(Pool("GET /a", "you", "1"), 0) is other_asker
