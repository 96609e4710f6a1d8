"""Limits beside the window's: per second, per day, and those of money and Posts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.credentials import OWNER, SECOND_USER

if TYPE_CHECKING:
    from test_sandbox.asking import Ask, Asking, Start

    from sandbox import Sandbox

START = datetime(2026, 3, 31, 12, 0, 0, 500_000, tzinfo=UTC)
FROZEN: dict[str, Any] = {"clock_start": START, "clock_ticking": False}
USERS = "tweet.read users.read"


def statuses(ask: Ask, ids: list[str], **params: str) -> list[int]:
    return [ask("/2/users", ids=user_id, **params).status_code for user_id in ids]


def test_a_limit_per_second_refuses_while_requests_remain(start: Start, asking: Asking) -> None:
    sandbox = start(**FROZEN, limits={"/2/users:app:second": 2})
    app = asking.app(sandbox)
    assert statuses(app, ["12", "12", "12"]) == [200, 200, 429]
    refused = app("/2/users", ids="12")
    assert refused.headers["x-rate-limit-remaining"] == "298"
    assert not [name for name in refused.headers if "24hour" in name]

    sandbox.clock.advance(0.5)
    assert statuses(app, ["12", "12", "12"]) == [200, 200, 429]
    assert asking.user(sandbox)("/2/users", ids="12").status_code == 200


def daily(response: requests.Response, pool: str) -> tuple[int, int, int]:
    """Limit, requests left, and the seconds from the start's whole second to the reset."""
    limit, left, reset = (
        int(response.headers[f"x-{pool}-limit-24hour-{name}"])
        for name in ("limit", "remaining", "reset")
    )
    return limit, left, reset - int(START.timestamp())


def test_a_users_day_is_the_same_however_they_authenticate(start: Start, asking: Asking) -> None:
    sandbox = start(**FROZEN, limits={"/2/users/me:user:day": 2})
    signed, granted = asking.user(sandbox), asking.granted(sandbox, USERS)
    other = asking.user(sandbox, SECOND_USER)
    answers = [ask("/2/users/me") for ask in (signed, granted, signed, other)]

    assert [answer.status_code for answer in answers] == [200, 200, 429, 200]
    assert daily(answers[2], "user") == (2, 0, 86400)
    assert answers[2].headers["x-rate-limit-remaining"] == "73"
    assert "x-app-limit-24hour-limit" not in answers[0].headers
    sandbox.clock.advance(86399)
    assert signed("/2/users/me").status_code == 429
    sandbox.clock.advance(0.5)
    assert signed("/2/users/me").status_code == 200


def test_the_apps_day_counts_whoever_it_asks_for(start: Start, asking: Asking) -> None:
    sandbox = start(**FROZEN, limits={"/2/users:app:day": 3})
    asks = [asking.app(sandbox), asking.user(sandbox), asking.granted(sandbox, USERS)]
    answers = [ask("/2/users", ids="12") for ask in (*asks, asks[0])]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [daily(answer, "app")[1] for answer in answers] == [2, 1, 0, 0]


def test_what_one_limit_refuses_no_other_counts(start: Start, asking: Asking) -> None:
    sandbox = start(**FROZEN, limits={"/2/users:app:second": 1, "/2/users:app:day": 9})
    app = asking.app(sandbox)
    assert statuses(app, ["12"] * 4) == [200, 429, 429, 429]
    assert daily(app("/2/users", ids="12"), "app")[:2] == (9, 8)


@pytest.mark.parametrize("span", ["window", "second", "day"])
def test_each_kind_can_be_set_at_once(start: Start, asking: Asking, span: str) -> None:
    sandbox = start(**FROZEN)
    body = {"path": "/2/users", "pool": "app", "limit": 0, "span": span}
    requests.post(f"{sandbox.url}/sandbox/limits", json=body, timeout=10)
    assert statuses(asking.app(sandbox), ["12"]) == [429]


def test_there_is_no_limit_for_another_span(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="no span year"):
        sandbox.limits.set("/2/users", "app", 1, "year")


def test_credits_count_down_and_may_go_below_zero_once(start: Start, asking: Asking) -> None:
    sandbox = start(credits_usd=0.025)
    app = asking.app(sandbox)
    named = ["12", OWNER.user_id, SECOND_USER.user_id]

    assert statuses(app, [named[0], named[0], *named[1:]]) == [200, 200, 200, 200]
    assert sandbox.account.as_json()["balance_usd"] == -0.005
    refused = app("/2/users", ids="12")
    assert refused.status_code == 402
    assert refused.json()["title"] == "CreditsDepleted"
    assert refused.headers["x-rate-limit-remaining"] == "295"
    requests.post(f"{sandbox.url}/sandbox/account", json={"balance_usd": 1}, timeout=10)
    assert statuses(app, ["12"]) == [200]


def test_a_balance_of_nothing_is_refused_from_the_start(start: Start, asking: Asking) -> None:
    assert statuses(asking.app(start(credits_usd=0)), ["12"]) == [402]


def test_a_spending_cap_holds_until_the_month_ends(start: Start, asking: Asking) -> None:
    sandbox = start(**FROZEN, spend_cap_usd=0.01)
    app = asking.app(sandbox)
    assert statuses(app, ["12", "12"]) == [200, 403]
    assert app("/2/users", ids="12").json()["title"] == "SpendCapReached"
    sandbox.clock.advance(12 * 3600)
    assert statuses(app, ["12", "12"]) == [200, 403]


def test_a_cap_on_posts_refuses_with_healthy_headers(start: Start, asking: Asking) -> None:
    sandbox = start(**FROZEN, post_cap=1)
    app = asking.app(sandbox)
    pinned = [
        user_id
        for user_id in sandbox.world.sample_ids(60, status="found")
        if "pinned_tweet_id" in (user := sandbox.world.user(user_id))
        and sandbox.world.post(user["pinned_tweet_id"])
        and not user["protected"]
    ]
    assert statuses(app, ["12", pinned[0]]) == [200, 200]
    assert statuses(app, pinned[:2], expansions="pinned_tweet_id") == [200, 429]
    refused = app("/2/users", ids="12")
    assert (refused.status_code, refused.json()["title"]) == (429, "UsageCapExceeded")
    assert refused.headers["x-rate-limit-remaining"] != "0"
    sandbox.clock.advance(12 * 3600)
    assert statuses(app, ["12"]) == [200]


def test_the_account_can_be_read_and_set(sandbox: Sandbox, app: Ask) -> None:
    url = f"{sandbox.url}/sandbox/account"
    app("/2/users", ids="12")
    changed = {"balance_usd": 5, "spend_cap_usd": 7.5, "post_cap": 9}
    assert requests.post(url, json=changed, timeout=10).status_code == 200
    assert requests.get(url, timeout=10).json() == {
        **changed,
        "cycle": {"net_usd": 0.01, "posts": 0},
    }
    assert requests.post(url, json={"gold": 1}, timeout=10).status_code == 400
    sandbox.reset()
    assert requests.get(url, timeout=10).json() == {
        "balance_usd": None,
        "spend_cap_usd": None,
        "post_cap": 3_000_000,
        "cycle": {"net_usd": 0, "posts": 0},
    }
