"""`/2/usage/tweets` and `/2/usage/credits`: the sandbox's own bill, as X would tell it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.credentials import APP, OWNER

if TYPE_CHECKING:
    from test_sandbox.asking import Ask, Asking, Start

    from sandbox import Sandbox

NOW = datetime(2026, 3, 30, 15, tzinfo=UTC)
PATH = "/2/usage/tweets"
CREDITS = "/2/usage/credits"
DAY = 86_400
DAILY = "daily_project_usage,daily_client_app_usage,project_usage"


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return {"clock_start": NOW, "clock_ticking": False}


def daily(body: dict[str, Any]) -> dict[str, int]:
    usage = body["data"]["daily_project_usage"]["usage"]
    return {day["date"][:10]: int(day["usage"]) for day in usage}


def test_usage_is_what_the_bill_says_day_by_day(sandbox: Sandbox, app: Ask) -> None:
    timeline = f"/2/users/{OWNER.user_id}/tweets"
    app(timeline, max_results="20")
    app(timeline, max_results="30")
    app("/2/users", ids="12")
    sandbox.clock.advance(2 * DAY)
    app(timeline, max_results="10")
    body = app(PATH, **{"usage.fields": DAILY}).json()
    assert daily(body) == {
        "2026-03-26": 0,
        "2026-03-27": 0,
        "2026-03-28": 0,
        "2026-03-29": 0,
        "2026-03-30": 30,
        "2026-03-31": 0,
        "2026-04-01": 10,
    }
    assert body["data"]["project_usage"] == 10, "of the cycle alone, which began with the month"
    (of_app,) = body["data"]["daily_client_app_usage"]
    assert of_app == {
        "client_app_id": APP.id,
        "usage": body["data"]["daily_project_usage"]["usage"],
        "usage_result_count": 7,
    }


def test_asking_costs_nothing_and_counts_nothing(sandbox: Sandbox, app: Ask) -> None:
    for _ in range(2):
        assert app(PATH).json()["data"] == {
            "project_id": "1466",
            "project_cap": 3_000_000,
            "project_usage": 0,
            "cap_reset_day": 2,
        }
    assert sandbox.bill.total.net_usd == 0


@pytest.mark.parametrize(("days", "count"), [("1", 1), ("90", 90)])
def test_days_that_can_be_asked_for(app: Ask, days: str, count: int) -> None:
    body = app(PATH, days=days, **{"usage.fields": "daily_project_usage"}).json()
    assert body["data"].keys() == {"daily_project_usage"}
    assert len(daily(body)) == count
    assert max(daily(body)) == "2026-03-30"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"days": "0"}, "value [0] is not between 1 and 90"),
        ({"days": "91"}, "value [91] is not between 1 and 90"),
        ({"usage.fields": "money"}, "value [money] is not one of [cap_reset_day,"),
        ({"expansions": "author_id"}, "[expansions] is not one of [days,usage.fields]"),
    ],
    ids=["none", "too-many", "field", "expansion"],
)
def test_parameters_that_x_refuses(app: Ask, params: dict[str, str], message: str) -> None:
    answer = app(PATH, **params)
    assert answer.status_code == 400
    assert message in answer.json()["errors"][0]["message"]


def test_the_later_spec_has_numbers_as_text(start: Start, asking: Asking) -> None:
    app = asking.app(start(clock_start=NOW, vocabulary="post"))
    data = app(PATH, **{"usage.fields": f"{DAILY},project_cap"}).json()["data"]
    assert (data["project_cap"], data["project_usage"]) == ("3000000", "0")
    assert data["daily_project_usage"]["project_id"] == "1466"
    assert {day["usage"] for day in data["daily_project_usage"]["usage"]} == {"0"}


def test_other_shapes_are_options(start: Start, asking: Asking) -> None:
    sandbox = start(clock_start=NOW, usage_shape="introduction", cap_reset_day="day_of_month")
    app = asking.app(sandbox)
    data = app(PATH, **{"usage.fields": f"{DAILY},cap_reset_day"}).json()["data"]
    assert data["cap_reset_day"] == 1
    assert data["daily_project_usage"]["usage"][0].keys() == {"date", "tweets_consumed"}


def test_only_the_app_may_ask(sandbox: Sandbox, owner: Ask, app: Ask, asking: Asking) -> None:
    for ask in (owner, asking.granted(sandbox, "tweet.read users.read")):
        answer = ask(PATH)
        assert answer.status_code == 403
        assert answer.json()["title"] == "Unsupported Authentication"
        assert answer.json()["detail"].endswith("types are [OAuth 2.0 Application-Only].")
    assert app(PATH).headers["x-rate-limit-limit"] == "50"


def test_credits_are_the_balance(start: Start, asking: Asking) -> None:
    sandbox = start(clock_start=NOW, clock_ticking=False, credits_usd=5)
    app = asking.app(sandbox)
    app("/2/users", ids="12")
    expected = {
        "total_balance": 4.99,
        "prepaid_balance": 4.99,
        "free_balance": 0.0,
        "free_grants": [],
    }
    for ask in (app, asking.granted(sandbox, "users.read")):
        assert ask(CREDITS).json() == {"data": expected}
    assert asking.user(sandbox)(CREDITS).status_code == 403


def test_an_app_without_prepaid_credits_has_none_to_show(app: Ask) -> None:
    answer = app(CREDITS)
    assert answer.status_code == 404
    assert answer.headers["x-rate-limit-limit"] == "30"
