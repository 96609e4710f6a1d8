"""`GET /2/tweets/analytics`: buckets add up, and only authors are given any."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.credentials import NEWS, OWNER

if TYPE_CHECKING:
    from test_sandbox.asking import Ask

    from sandbox import Sandbox

NOW = datetime(2026, 3, 10, 15, 20, 50, tzinfo=UTC)
PATH = "/2/tweets/analytics"
SPAN = {"start_time": "2026-03-07T00:00:00Z", "end_time": "2026-03-10T00:00:00Z"}


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return {"clock_start": NOW, "clock_ticking": False}


def published(sandbox: Sandbox, author_id: str = OWNER.user_id) -> str:
    at = datetime(2026, 3, 7, 9, 30, tzinfo=UTC)
    return str(sandbox.world.timelines.add(author_id, "Hello", at=at))


def test_buckets_of_all_granularities_add_up(sandbox: Sandbox, owner: Ask) -> None:
    post = published(sandbox)
    sums: dict[str, dict[str, int]] = {}
    for granularity, count in (("hourly", 72), ("daily", 3), ("weekly", 1), ("total", 1)):
        body = owner(PATH, ids=post, granularity=granularity, **SPAN).json()
        (entry,) = body["data"]
        buckets = entry["timestamped_metrics"]
        assert (entry["id"], len(buckets)) == (post, count)
        assert buckets[0]["timestamp"] == "2026-03-07T00:00:00.000Z"
        sums[granularity] = {
            name: sum(each["metrics"][name] for each in buckets) for name in buckets[0]["metrics"]
        }
    assert sums["daily"]["impressions"] > 100
    assert sums["total"] == sums["daily"]
    for name in ("impressions", "likes", "replies", "url_clicks"):
        assert sums["hourly"][name] == sums["daily"][name], name


def test_posts_of_others_are_missing(sandbox: Sandbox, owner: Ask) -> None:
    mine, theirs = published(sandbox), published(sandbox, NEWS.user_id)
    body = owner(PATH, ids=f"{mine},{theirs},1", granularity="daily", **SPAN).json()
    assert [each["id"] for each in body["data"]] == [mine]
    assert {each["value"] for each in body["errors"]} == {theirs, "1"}
    assert sandbox.bill.total.gross_objects == 1


def test_fields_select_metrics(sandbox: Sandbox, owner: Ask) -> None:
    fields = "id,timestamped_metrics,likes"
    body = owner(PATH, ids=published(sandbox), analytics_fields=fields, **SPAN).json()
    (bucket,) = body["data"][0]["timestamped_metrics"]
    assert set(bucket["metrics"]) == {"likes"}


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"ids": ",".join(map(str, range(1, 102)))}, "ids"),
        ({"ids": "x"}, "ids"),
        ({"granularity": "monthly"}, "granularity"),
        ({"start_time": "2026-03-07"}, "start_time"),
        ({"end_time": "2026-03-07T00:00:00Z"}, "end_time"),
        ({"analytics_fields": "loves"}, "analytics.fields"),
    ],
    ids=["101 ids", "no id", "a month", "a date", "no time", "no field"],
)
def test_requests_are_refused(owner: Ask, changes: dict[str, str], parameter: str) -> None:
    answer = owner(PATH, **{"ids": "1", **SPAN, **changes})
    assert answer.status_code == 400
    named = {name for error in answer.json()["errors"] for name in error["parameters"]}
    assert named == {parameter}


def test_only_users_may_ask(app: Ask) -> None:
    assert app(PATH, ids="1", **SPAN).status_code == 403
