"""Stats: days of the account's time zone, sums, what is null, and what a day still gains."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from test_sandbox.ads.conftest import NOW, STATS, AskAds, codes, metrics, organic, stats

from sandbox.ads.accounts import ELSEWHERE, FOUNDERS, HARBOUR, NORTHWIND, PLATFORM

if TYPE_CHECKING:
    from sandbox import Sandbox
    from sandbox.ads.accounts import AdsAccount

SUMMER_AND_WINTER = [
    pytest.param(NORTHWIND, "2026-10-30", "2026-11-02", 4, 5, 73, id="New York falls back"),
    pytest.param(NORTHWIND, "2026-03-07", "2026-03-10", 5, 4, 71, id="New York springs forward"),
    pytest.param(HARBOUR, "2026-10-30", "2026-11-02", 7, 8, 73, id="Los Angeles falls back"),
    pytest.param(FOUNDERS, "2026-10-24", "2026-10-27", -1, 0, 73, id="London falls back"),
    pytest.param(PLATFORM, "2026-10-30", "2026-11-02", -5.5, -5.5, 72, id="Kolkata never changes"),
    pytest.param(ELSEWHERE, "2026-10-03", "2026-10-06", -10.5, -11, 71.5, id="Lord Howe, half an hour"),
    pytest.param(ELSEWHERE, "2026-04-04", "2026-04-07", -11, -10.5, 72.5, id="Lord Howe falls back"),
]  # fmt: skip


def hour(day: str, offset: float) -> str:
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(hours=offset)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("account", "start", "end", "before", "after", "length"), SUMMER_AND_WINTER
)
def test_days_are_those_of_the_account_across_changes_of_the_clock(
    sandbox: Sandbox,
    ask: AskAds,
    account: AdsAccount,
    start: str,
    end: str,
    before: float,
    after: float,
    length: float,
) -> None:
    moment = datetime.fromisoformat(start).replace(tzinfo=UTC)
    post = str(sandbox.world.timelines.add(account.user_id, "Hello", at=moment))
    daily = stats(ask, account, entity_ids=post, start_time=start, end_time=end)
    echo = daily["request"]["params"]
    assert (echo["start_time"], echo["end_time"]) == (hour(start, before), hour(end, after))
    assert daily["time_series_length"] == 3
    span = datetime.fromisoformat(echo["end_time"]) - datetime.fromisoformat(echo["start_time"])
    assert span == timedelta(hours=length)

    truth = [
        sandbox.ads.daily(account.id, post, date.fromisoformat(start) + timedelta(days=n))
        for n in range(3)
    ]
    named = {"entity_ids": post, "start_time": start, "end_time": end}
    hourly = metrics(stats(ask, account, **named, granularity="HOUR"))
    total = metrics(stats(ask, account, **named, granularity="TOTAL"))
    assert truth[0]["impressions"] > 100
    for name, series in metrics(daily).items():
        expected = [day.get(name, 0) for day in truth]
        assert (series or [0, 0, 0]) == expected, name
        assert sum(hourly[name] or []) == sum(total[name] or []) == sum(expected), name


def test_days_may_begin_by_the_offset_of_today(sandbox: Sandbox, ask: AskAds) -> None:
    sandbox.ads.set(day_offset="today")
    span = {"start_time": "2026-10-30", "end_time": "2026-11-02"}
    echo = stats(ask, NORTHWIND, entity_ids="1", **span)["request"]["params"]
    assert (echo["start_time"], echo["end_time"]) == (hour("2026-10-30", 5), hour("2026-11-02", 5))


@pytest.mark.parametrize(
    ("text", "granularity"),
    [
        ("2026-11-02T05:00:00Z", "DAY"),
        ("2026-11-02T00:00:00-0500", "DAY"),
        ("2026-11-02T00:00:00-05:00", "DAY"),
        ("2026-11-01T23:00:00-06", "DAY"),
        ("2026-11-02T07:00:00Z", "HOUR"),
    ],
)
def test_times_are_taken_with_any_offset(ask: AskAds, text: str, granularity: str) -> None:
    span = {"start_time": text, "end_time": "2026-11-03", "granularity": granularity}
    assert stats(ask, NORTHWIND, entity_ids="1", **span)["time_series_length"] > 0


def test_what_never_happened_is_null_and_what_others_own_is_left_out(
    sandbox: Sandbox, ask: AskAds
) -> None:
    at = datetime(2026, 11, 10, 15, tzinfo=UTC)
    mine = str(sandbox.world.timelines.add(NORTHWIND.user_id, "No links here", at=at))
    foreign = str(sandbox.world.timelines.add(HARBOUR.user_id, "Not yours", at=at))
    span = {"start_time": "2026-11-09", "end_time": "2026-11-12"}
    body = stats(ask, NORTHWIND, entity_ids=f"{mine},{foreign},12", **span)
    assert [each["id"] for each in body["data"]] == [mine]
    found = metrics(body)
    assert len(found) == 25
    assert found["url_clicks"] is found["video_total_views"] is None
    impressions = found["impressions"]
    assert impressions is not None
    assert impressions[0] == 0 < impressions[1]
    quiet = stats(ask, NORTHWIND, entity_ids=mine, start_time="2026-11-01", end_time="2026-11-03")
    assert set(metrics(quiet).values()) == {None}


def test_a_day_grows_until_it_is_final(sandbox: Sandbox, ask: AskAds) -> None:
    post = str(sandbox.world.timelines.add(NORTHWIND.user_id, "Now", at=NOW))
    seen = []
    for _ in range(4):
        span = {"start_time": "2026-11-20", "end_time": "2026-11-21"}
        seen.append(
            (metrics(stats(ask, NORTHWIND, entity_ids=post, **span))["impressions"] or [0])[0]
        )
        sandbox.clock.advance(21 * 3600)
    assert seen[0] < seen[1] < seen[2] == seen[3]


def test_old_posts_still_earn_something(sandbox: Sandbox, ask: AskAds) -> None:
    old = [post["tweet_id"] for post in organic(ask, FOUNDERS)][-20:]
    span = {"start_time": "2026-11-01", "end_time": "2026-11-08"}
    body = stats(ask, FOUNDERS, entity_ids=",".join(old), **span)
    assert any(metrics(body, n)["impressions"] for n in range(20))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"entity_ids": ",".join(map(str, range(1, 22)))}, [("INVALID_PARAMETER", "entity_ids")]),
        ({"end_time": "2026-11-10"}, [("INVALID_TIME_WINDOW", "")]),
        ({"end_time": "2026-11-01"}, [("INVALID_TIME_WINDOW", "")]),
        (
            {"start_time": "2026-11-01T06:00:00Z", "end_time": "2026-11-03T06:00:00Z"},
            [("INVALID_TIME_WINDOW", "")] * 2,
        ),
        ({"start_time": "2026-11-02T05:30:00Z", "granularity": "HOUR"}, [("INVALID_TIME_WINDOW", "")]),
        ({"start_time": "yesterday"}, [("INVALID_PARAMETER", "start_time")]),
        ({"start_time": "2026-11-02T05:00:00"}, [("INVALID_PARAMETER", "start_time")]),
        ({"metric_groups": "ENGAGEMENT,BILLING"}, [("INVALID_PARAMETER", "metric_groups")]),
        ({"metric_groups": "MEDIA"}, [("INVALID_PARAMETER", "metric_groups")]),
        ({"placement": "PUBLISHER_NETWORK"}, [("INVALID_PARAMETER", "placement")]),
        ({"placement": "ALL_ON_TWITTER,TREND"}, [("INVALID_PARAMETER", "placement")]),
        ({"granularity": "WEEK"}, [("INVALID_PARAMETER", "granularity")]),
        ({"entity": "MEDIA_CREATIVE"}, [("INVALID_PARAMETER", "entity")]),
        ({"entity_ids": None, "placement": None}, [("MISSING_PARAMETER", "entity_ids"), ("MISSING_PARAMETER", "placement")]),
    ],
    ids=lambda value: "&".join(f"{k}={str(v)[:25]}" for k, v in value.items()) if isinstance(value, dict) else "",
)  # fmt: skip
def test_stats_are_refused(
    ask: AskAds, changes: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    params = {"entity_ids": "1", "start_time": "2026-11-02", "end_time": "2026-11-04"}
    answer = ask(f"stats/accounts/{NORTHWIND.id}", **{**STATS, **params, **changes})
    assert (answer.status_code, codes(answer)) == (400, expected)
