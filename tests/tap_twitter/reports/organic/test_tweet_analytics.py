"""Daily numbers by X API v2: rows and days, budgets, and posts of others."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from support.organic import OF_TWEETS, OrganicRuns

from sandbox import moments
from sandbox.ads.accounts import HARBOUR
from sandbox.credentials import OWNER
from sandbox.x import analytics

if TYPE_CHECKING:
    from sandbox import Sandbox
    from sandbox.ads.accounts import AdsAccount

NAME = "tweet_analytics"
DAY = timedelta(days=1)


@pytest.fixture
def account(sandbox: Sandbox) -> AdsAccount:
    """An ads account that knows the posts of some days alone."""
    return sandbox.ads.add_account(
        OWNER.user_id, "America/New_York", created_at=sandbox.clock.now() - 25 * DAY
    )


def check(runs: OrganicRuns, account: AdsAccount, first: date) -> None:
    """Hold the table against the sandbox's world, row for row."""
    sandbox = runs.sandbox
    today = sandbox.clock.now().date()
    ids = [
        each.id
        for each in sandbox.ads.posts.organic(
            account, account.user_id, answers=True, since_account=True
        )
    ]
    expected = {
        (str(post_id), day.isoformat()): analytics.daily(sandbox, post_id, day)
        for post_id in ids
        for day in (first + n * DAY for n in range((today - first).days))
        if day >= moments.snowflake_time(post_id).astimezone(UTC).date()
    }
    found: dict[Any, Any] = {
        key: {
            name: value for name, value in row.items() if name not in {"account_id", "id", "date"}
        }
        for key, row in runs.tables[NAME].items()
    }
    assert found == expected
    assert any(sum(numbers.values()) for numbers in found.values())


def analytics_requests(sandbox: Sandbox) -> list[dict[str, str]]:
    return [each.params for each in sandbox.requests if each.path == "/2/tweets/analytics"]


def test_rows_of_the_first_sync_and_of_a_later_one(
    sandbox: Sandbox, runs: OrganicRuns, account: AdsAccount
) -> None:
    runs.run(NAME, account.id)
    check(runs, account, date(2025, 12, 1))
    (request,) = analytics_requests(sandbox)
    assert request["start_time"] == "2026-01-30T00:00:00Z"
    runs.tables = {}
    sandbox.clock.advance(86400)
    runs.run(f"{NAME} {' '.join(OF_TWEETS)}", account.id)
    check(runs, account, date(2026, 3, 1) - 15 * DAY)
    assert len(analytics_requests(sandbox)) == 2
    assert len(runs.asked("/tweets")) == 2


def test_a_budget_cuts_a_request_and_the_next_run_resumes(
    sandbox: Sandbox, runs: OrganicRuns, account: AdsAccount
) -> None:
    runs.run(NAME, account.id, budget={"max_cost_usd": 0.1})
    assert sandbox.bill.total.gross_usd == Decimal("0.100")
    runs.run(NAME, account.id)
    check(runs, account, date(2025, 12, 1))
    first, second = (each["ids"].split(",") for each in analytics_requests(sandbox))
    assert len(first) == 20
    assert not set(first) & set(second)


def test_posts_of_others_have_no_rows_and_a_warning_counts_them(
    runs: OrganicRuns, caplog: pytest.LogCaptureFixture
) -> None:
    runs.run(NAME, HARBOUR.id)
    assert not runs.rows(NAME)
    assert f"posts of ads account '{HARBOUR.id}': they have no rows" in caplog.text


@pytest.mark.parametrize("name", [NAME, "organic_tweet_report"])
def test_the_plan_names_the_first_requests(
    runs: OrganicRuns, account: AdsAccount, name: str
) -> None:
    tap = runs.tap(name, organic={"sync_mode": "SpecificAccounts", "accounts": [account.id]})
    plan = tap.plan()
    assert (plan.total.requests, plan.total.objects, plan.total.open_ended) == (2, 2, True)
    assert not list(runs.sandbox.requests)


def test_the_connection_test_tells_whether_x_gives_organic_stats(
    sandbox: Sandbox, runs: OrganicRuns, account: AdsAccount
) -> None:
    organic = {"sync_mode": "SpecificAccounts", "accounts": [account.id]}
    verdicts = []
    for served in ("both", "none"):
        sandbox.ads.set(organic_stats=served)
        test = runs.tap(f"{NAME} organic_tweet_report", organic=organic).test()
        test.run()
        verdicts.append({
            check.streams[0].name: (check.result, check.need)
            for check in test.checks
            if check.subject and check.subject.name == account.id
        })  # fmt: skip
    assert verdicts[0] == {NAME: ("ok", ""), "organic_tweet_report": ("ok", "")}
    result, need = verdicts[1]["organic_tweet_report"]
    assert (result, verdicts[1][NAME]) == ("failed", ("ok", ""))
    assert "select 'tweet_analytics'" in need
