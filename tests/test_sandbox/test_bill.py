from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.x.bill import PRICES, Bill, Resource

if TYPE_CHECKING:
    from test_sandbox.asking import Ask, Asking, Start

    from sandbox import Sandbox

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_user_costs_a_cent_once_a_day_whatever_the_endpoint(start: Start, asking: Asking) -> None:
    sandbox = start(clock_start=NOON, clock_ticking=False)
    app = asking.app(sandbox)
    app("/2/users", ids="12")
    app("/2/users/by", usernames="founder")
    sandbox.clock.advance(12 * 3600 - 1)
    app("/2/users", ids="12")
    same_day = sandbox.bill.total.net_usd
    sandbox.clock.advance(1)
    app("/2/users", ids="12", user_fields="description,public_metrics")

    assert same_day == Decimal("0.010")
    assert sandbox.bill.as_json() == {
        "total": tally(requests=4, gross=4, net=2),
        "resources": {"User": tally(requests=4, gross=4, net=2)},
        "endpoints": {
            "GET /2/users": tally(requests=3, gross=3, net=2),
            "GET /2/users/by": tally(requests=1, gross=1, net=0),
        },
        "days": {
            "2026-03-01": tally(requests=3, gross=3, net=1),
            "2026-03-02": tally(requests=1, gross=1, net=1),
        },
    }


def tally(*, requests: int, gross: int, net: int) -> dict[str, float]:
    return {
        "requests": requests,
        "gross_objects": gross,
        "net_objects": net,
        "gross_usd": gross / 100,
        "net_usd": net / 100,
    }


def test_missing_users_and_failed_requests_are_free(sandbox: Sandbox, app: Ask) -> None:
    app("/2/users", ids=",".join(sandbox.world.sample_ids(5, status="not_found")))
    app("/2/users", ids="x")
    assert sandbox.bill.total.gross_objects == 0
    assert sandbox.bill.total.requests == 1


@pytest.mark.parametrize("bill_includes", [True, False], ids=["billed", "free"])
def test_included_posts_are_charged_or_not(
    start: Start, asking: Asking, bill_includes: bool
) -> None:
    sandbox = start(bill_includes=bill_includes)
    ids = ",".join(sandbox.world.sample_ids(50, status="found"))
    answer = asking.app(sandbox)("/2/users", ids=ids, expansions="pinned_tweet_id").json()
    posts = len(answer["includes"]["tweets"])

    expected = Decimal("0.5") + (posts * Decimal("0.005") if bill_includes else 0)
    assert posts > 0
    assert sandbox.bill.total.net_usd == expected


resources = st.builds(Resource, st.sampled_from(sorted(PRICES)), st.sampled_from("abc"))
answers = st.lists(st.tuples(st.integers(0, 90_000), st.lists(resources, max_size=6)))


@settings(deadline=None)
@given(answers)
def test_the_bill_is_what_a_ledger_of_days_adds_up_to(
    given_answers: list[tuple[int, list[Resource]]],
) -> None:
    clock = Clock(NOON, ticking=False)
    bill = Bill(clock)
    ledger = set()
    for seconds, objects in given_answers:
        clock.advance(seconds)
        bill.charge("GET /x", objects)
        ledger |= {(clock.now().date(), resource) for resource in objects}

    assert bill.total.net_usd == sum(PRICES[resource.type] for _, resource in ledger)
    assert bill.total.net_objects == len(ledger)
    assert bill.total.gross_objects == sum(len(objects) for _, objects in given_answers)
    for parts in (bill.resources, bill.endpoints, bill.days):
        assert sum(part.net_objects for part in parts.values()) == len(ledger)


def test_only_two_days_are_remembered() -> None:
    clock = Clock(NOON, ticking=False)
    bill = Bill(clock)
    for _ in range(10):
        bill.charge("GET /x", [Resource("User", "1")])
        clock.advance(timedelta(days=1).total_seconds())
    assert len(bill._charged) == 2
