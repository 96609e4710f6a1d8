"""The report: rows and days, requests, jobs, what resumes, and what X refuses."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.harness import Messages
from support.organic import OF_TWEETS, OrganicRuns

from sandbox import moments
from sandbox.ads.accounts import NORTHWIND, PLATFORM
from sandbox.credentials import OWNER
from singer_plugin import UserError
from tap_twitter.api.endpoints.ads import STATS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sandbox import Sandbox
    from sandbox.ads.accounts import AdsAccount

REPORT = "organic_tweet_report"
TORTURE = pytest.mark.torture
DAY = timedelta(days=1)


def posts_of(sandbox: Sandbox, account: AdsAccount) -> list[int]:
    found = sandbox.ads.posts.organic(account, account.user_id, answers=True, since_account=True)
    return [each.id for each in found]


def today(sandbox: Sandbox, account: AdsAccount) -> date:
    return sandbox.clock.now().astimezone(ZoneInfo(account.timezone)).date()


def midnight(account: AdsAccount, day: date) -> str:
    moment = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(account.timezone))
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def published(account: AdsAccount, post_id: int) -> date:
    return moments.snowflake_time(post_id).astimezone(ZoneInfo(account.timezone)).date()


def truth(
    sandbox: Sandbox, account: AdsAccount, first: date, end: date
) -> Iterator[tuple[tuple[Any, ...], dict[str, int]]]:
    """The rows that the days have, by their keys: the numbers that are not zero, in X's words."""
    for post_id in posts_of(sandbox, account):
        for day in (first + n * DAY for n in range((end - first).days)):
            if day >= published(account, post_id):
                key = (account.id, midnight(account, day), str(post_id), "ALL_ON_TWITTER")
                yield key, sandbox.ads.daily(account.id, str(post_id), day)


X_NAMES = {
    "video_15_s_views": "video_15s_views",
    "video_3_s_100_pct_views": "video_3s100pct_views",
    "video_6_s_views": "video_6s_views",
}


def numbers(row: dict[str, Any]) -> dict[str, int]:
    metrics = {X_NAMES.get(name, name): value for name, value in list(row.items())[4:]}
    assert all(type(value) is int for value in metrics.values())
    return {name: value for name, value in metrics.items() if value}


def check(runs: OrganicRuns, account: AdsAccount, first: date) -> None:
    """Hold the table against the sandbox's world, row for row."""
    end = today(runs.sandbox, account)
    table = runs.tables[REPORT]
    mine = {key: numbers(row) for key, row in table.items() if key[0] == account.id}
    assert mine == dict(truth(runs.sandbox, account, first, end))


def bookmark(runs: OrganicRuns, account: AdsAccount) -> dict[str, Any]:
    assert runs.state is not None
    (found,) = (
        each["cursor"]
        for each in runs.state["bookmarks"][REPORT]["partitions"]
        if each["context"]["ads_account_id"] == account.id
    )
    return found  # type: ignore[no-any-return]


def asked(sandbox: Sandbox, method: str, part: str) -> list[dict[str, str]]:
    """The parameters of the requests that X has answered."""
    return [
        each.params
        for each in sandbox.requests
        if each.method == method and f"/12/stats/{part}accounts/" in each.path
        and each.status == 200
    ]  # fmt: skip


def jobs(sandbox: Sandbox) -> list[dict[str, str]]:
    return asked(sandbox, "POST", "jobs/")


def at_once(sandbox: Sandbox) -> list[dict[str, str]]:
    return asked(sandbox, "GET", "")


def opened(sandbox: Sandbox, timezone: str, days: int) -> AdsAccount:
    """A small ads account, which knows the posts of some days alone."""
    return sandbox.ads.add_account(
        OWNER.user_id, timezone, created_at=sandbox.clock.now() - days * DAY
    )


def advance(sandbox: Sandbox, until: str) -> None:
    then = datetime.fromisoformat(f"{until}T12:00:00+00:00")
    sandbox.clock.advance((then - sandbox.clock.now()).total_seconds())


SPRING = [
    pytest.param("America/New_York", "2026-03-11", {"05:00", "04:00"}, id="New York"),
    pytest.param("America/Los_Angeles", "2026-03-11", {"08:00", "07:00"}, id="Los Angeles"),
    pytest.param("Europe/London", "2026-04-01", {"00:00", "23:00"}, id="London"),
    pytest.param("Asia/Kolkata", "2026-04-01", {"18:30"}, id="Kolkata, where they do not"),
    pytest.param("Australia/Lord_Howe", "2026-04-08", {"13:00", "13:30"}, id="Lord Howe"),
    pytest.param("Africa/Cairo", "2026-04-27", {"22:00", "21:00"}, id="Cairo, at midnight"),
]


@pytest.mark.parametrize(("timezone", "now", "hours"), SPRING)
def test_days_are_those_of_the_account_when_clocks_change(
    sandbox: Sandbox, runs: OrganicRuns, timezone: str, now: str, hours: set[str]
) -> None:
    """By jobs before the change, and at once after it."""
    advance(sandbox, now)
    account = opened(sandbox, timezone, days=12)
    runs.run(REPORT, account.id)
    check(runs, account, date.fromisoformat(bookmark(runs, account)["start"]))
    assert {row["date"][11:16] for row in runs.rows(REPORT)} == hours
    before = date.fromisoformat(bookmark(runs, account)["to"])
    sandbox.clock.advance(2 * 86400)
    runs.tables = {}
    runs.run(REPORT, account.id)
    check(runs, account, before - 15 * DAY)
    assert at_once(sandbox)


def test_days_have_the_same_names_if_x_counts_by_the_offset_of_today(
    sandbox: Sandbox, runs: OrganicRuns
) -> None:
    advance(sandbox, "2026-03-11")
    account = opened(sandbox, "America/New_York", days=12)
    runs.run(REPORT, account.id)
    keys = set(runs.tables[REPORT])
    sandbox.ads.set(day_offset="today")
    runs.tables, runs.state = {}, None
    runs.run(REPORT, account.id)
    assert set(runs.tables[REPORT]) == keys


def test_the_first_sync_begins_with_the_newest_thirty_days(
    sandbox: Sandbox, runs: OrganicRuns
) -> None:
    runs.run(REPORT, NORTHWIND.id)
    check(runs, NORTHWIND, date(2025, 12, 1))
    spans = [(job["start_time"], job["end_time"]) for job in jobs(sandbox)]
    assert list(dict.fromkeys(spans)) == [
        ("2026-01-30", "2026-03-01"),
        ("2025-12-01", "2026-01-30"),
    ]
    assert not at_once(sandbox)
    dates = [row["date"] for row in runs.messages.records]
    assert min(dates[: dates.index("2026-01-29T05:00:00Z")]) == "2026-01-30T05:00:00Z"


@pytest.mark.torture
def test_thousands_of_posts_take_the_fewest_jobs(sandbox: Sandbox, runs: OrganicRuns) -> None:
    """Some 3,500 posts and 90 days: for each span, a job for each 20 posts that were there."""
    runs.run(REPORT, PLATFORM.id)
    counts = Counter((job["start_time"], job["end_time"]) for job in jobs(sandbox))
    posts = [published(PLATFORM, each) for each in posts_of(sandbox, PLATFORM)]
    assert len(posts) > 3000
    assert counts == {
        (start, end): -(-sum(day < date.fromisoformat(end) for day in posts) // 20)
        for start, end in (("2026-01-30", "2026-03-01"), ("2025-12-01", "2026-01-30"))
    }
    assert len(asked(sandbox, "GET", "jobs/")) < 20
    assert max(len(json.dumps(state)) for state in runs.messages.states) < 400


@pytest.mark.parametrize(
    ("timeframe", "start"),
    [
        ("THREE", "2025-12-01"),
        pytest.param("SIX", "2025-09-01", marks=pytest.mark.torture),
        pytest.param("TWELVE", "2025-03-01", marks=pytest.mark.torture),
        ("TWENTY_FOUR", "2024-03-01"),
        ("ALL_TIME", None),
    ],
)
def test_the_timeframe_is_frozen(
    sandbox: Sandbox, runs: OrganicRuns, timeframe: str, start: str | None
) -> None:
    account = opened(sandbox, "Asia/Kolkata", days=4)
    oldest = published(account, posts_of(sandbox, account)[-1]).isoformat()
    runs.run(REPORT, account.id, organic={"timeframe_months": timeframe})
    found = bookmark(runs, account)
    assert (found["start"], found["from"]) == (start or oldest, start or oldest)
    other = "SIX" if timeframe == "THREE" else "THREE"
    count = len(sandbox.requests)
    with pytest.raises(UserError, match=f"is {other}.*read {timeframe}. As with"):
        runs.run(REPORT, account.id, organic={"timeframe_months": other})
    assert len(sandbox.requests) == count


@pytest.mark.parametrize("rollback", [1, 15])
def test_a_later_sync_reads_the_days_since_and_some_before(
    sandbox: Sandbox, runs: OrganicRuns, rollback: int
) -> None:
    """A post that is older than these days has rows for them."""
    account = opened(sandbox, "Europe/London", days=25)
    runs.run(REPORT, account.id, organic={"rollback_days": rollback})
    sandbox.clock.advance(86400)
    runs.tables = {}
    runs.run(REPORT, account.id, organic={"rollback_days": rollback})
    check(runs, account, date(2026, 3, 1) - rollback * DAY)
    old = {row["organic_tweet_id"] for row in runs.rows(REPORT)}
    assert str(posts_of(sandbox, account)[-1]) in old
    assert Counter(len(each["entity_ids"].split(",")) for each in at_once(sandbox))[20] > 0
    count = len(at_once(sandbox))
    runs.run(REPORT, account.id, organic={"rollback_days": rollback})
    assert len(at_once(sandbox)) == count, "there is nothing new on the same day"


def test_posts_are_listed_once_for_all_streams(sandbox: Sandbox, runs: OrganicRuns) -> None:
    account = opened(sandbox, "Europe/London", days=4)
    runs.run(" ".join([REPORT, *OF_TWEETS]), account.id)
    assert len(runs.asked(f"accounts/{account.id}/tweets")) == 1
    together = runs.tables[REPORT]
    runs.tables, runs.state = {}, None
    runs.run(REPORT, account.id)
    assert runs.tables[REPORT] == together
    check(runs, account, date(2025, 12, 1))


class Killed(BaseException):
    """The end of the process."""


class Mortal(Messages):
    """Takes so many messages."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self._left = left

    def write_message(self, message: Any) -> None:
        self._left -= 1
        if self._left < 0:
            raise Killed
        super().write_message(message)


def stop_and_resume(sandbox: Sandbox, folder: Path, stops: Sequence[tuple[int, int, int]]) -> None:
    """Stop runs after so many messages or requests, go on so many days later, and look at the end."""
    sandbox.reset()
    sandbox.ads.set(file_seconds=10**9)  # a job whose file is gone has to be queued again
    runs = OrganicRuns(sandbox, folder)
    account = opened(sandbox, "America/New_York", days=40)
    for messages, requests, later in stops:
        with suppress(Killed):
            runs.run(
                REPORT, account.id, messages=Mortal(messages), budget={"max_requests": requests}
            )
        sandbox.clock.advance(later * 86400)
    runs.run(REPORT, account.id)
    check_days(runs, account)
    spans = [(job["entity_ids"], job["start_time"], job["end_time"]) for job in jobs(sandbox)]
    assert len(spans) == len(set(spans))


@pytest.mark.parametrize(
    "stops", [[(77, 15, 1), (24, 5, 1)], [(0, 9, 0), (3, 9, 0), (500, 6, 0)]], ids=["days", "hours"]
)
def test_stopped_anywhere_it_resumes_without_gaps_and_queues_no_job_twice(
    sandbox: Sandbox, tmp_path: Path, stops: list[tuple[int, int, int]]
) -> None:
    stop_and_resume(sandbox, tmp_path, stops)


@pytest.mark.torture
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.integers(0, 900), st.integers(3, 30), st.sampled_from([0, 0, 1])), max_size=6
    )
)
def test_stopped_in_any_way_it_resumes_without_gaps_and_queues_no_job_twice(
    sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory, stops: list[tuple[int, int, int]]
) -> None:
    stop_and_resume(sandbox, tmp_path_factory.mktemp("stopped"), stops)


def check_days(runs: OrganicRuns, account: AdsAccount) -> None:
    """Hold the keys of the table against the world: numbers of days in between may be older."""
    expected = truth(runs.sandbox, account, date(2025, 12, 1), today(runs.sandbox, account))
    assert set(runs.tables[REPORT]) == {key for key, _ in expected}


@pytest.mark.parametrize(
    ("served", "is_by_jobs"), [("sync", False), ("async", True)], ids=["at once", "by jobs"]
)
def test_if_x_refuses_one_way_the_other_one_is_used(
    sandbox: Sandbox, runs: OrganicRuns, served: str, is_by_jobs: bool
) -> None:
    account = opened(sandbox, "Europe/London", days=4)
    sandbox.ads.set(organic_stats=served)
    runs.run(REPORT, account.id)
    sandbox.clock.advance(86400)
    runs.run(REPORT, account.id)
    check(runs, account, date(2025, 12, 1))
    assert (bool(jobs(sandbox)), bool(at_once(sandbox))) == (is_by_jobs, not is_by_jobs)


def test_if_x_refuses_the_report_it_fails_by_name_and_others_are_complete(
    sandbox: Sandbox, runs: OrganicRuns
) -> None:
    first, second = (opened(sandbox, "Europe/London", days=4) for _ in range(2))
    sandbox.ads.set(organic_stats="none")
    with pytest.raises(UserError) as failed:
        runs.run(f"{REPORT} tweet", first.id, second.id)
    (line,) = str(failed.value).splitlines()
    assert "'organic_tweet_report' failed for accounts" in line
    assert "select 'tweet_analytics'" in line
    assert len(runs.rows("tweet")) > 0 == len(runs.rows(REPORT))
    sandbox.ads.set(organic_stats="both")
    runs.run(REPORT, first.id, second.id)
    check(runs, first, date(2025, 12, 1))


@pytest.mark.parametrize(
    ("fault", "path"),
    [
        ("answer_lost", "/12/stats/jobs/*"),
        pytest.param("internal_error", "/12/stats/jobs/*", marks=TORTURE),
        ("truncated_json", "/advertiser-api-async-analytics/*"),
        pytest.param("connection_reset", "/advertiser-api-async-analytics/*", marks=TORTURE),
        pytest.param("internal_error", "/advertiser-api-async-analytics/*", marks=TORTURE),
        ("refused_with_room", "/12/stats/jobs/*"),
        ("drop_ids", "/12/stats/jobs/*"),
        ("drop_ids", "/12/stats/accounts/*"),
        ("truncated_json", "/12/stats/accounts/*"),
    ],
)
@pytest.mark.parametrize("nth", [1, pytest.param(2, marks=pytest.mark.torture)])
def test_faults_lose_nothing_and_queue_no_job_twice(
    sandbox: Sandbox, runs: OrganicRuns, fault: str, path: str, nth: int
) -> None:
    account = opened(sandbox, "Europe/London", days=4)
    sandbox.faults.add(fault, path=path, nth=nth)
    runs.run(REPORT, account.id)
    sandbox.clock.advance(86400)
    runs.run(REPORT, account.id)
    check(runs, account, date(2025, 12, 1))
    ids = [job["entity_ids"] for job in jobs(sandbox)]
    assert len(ids) == len(set(ids))


def test_jobs_that_end_without_a_file_are_queued_again(sandbox: Sandbox, runs: OrganicRuns) -> None:
    account = opened(sandbox, "Europe/London", days=4)
    sandbox.ads.set(job_outcome="FAILED")
    with pytest.raises(UserError, match=r"ended 3 stats jobs .*'FAILED'.*next run"):
        runs.run(REPORT, account.id)
    assert len(jobs(sandbox)) == 3
    sandbox.ads.set(job_outcome="SUCCESS", file_seconds=0)
    with pytest.raises(UserError, match=r"ended 3 stats jobs .*'EXPIRED'"):
        runs.run(REPORT, account.id)
    sandbox.ads.set(file_seconds=172_800)
    runs.run(REPORT, account.id)
    check(runs, account, date(2025, 12, 1))


def test_jobs_wait_for_room_among_those_of_others(sandbox: Sandbox, runs: OrganicRuns) -> None:
    account = opened(sandbox, "Europe/London", days=25)
    sandbox.ads.set(concurrent_jobs=1)
    runs.run(REPORT, account.id)
    check(runs, account, date(2025, 12, 1))


def test_a_failed_job_is_queued_again_as_soon_as_there_is_room(
    sandbox: Sandbox, runs: OrganicRuns
) -> None:
    account = opened(sandbox, "Europe/London", days=4)
    sandbox.faults.add("refused_with_room", path="/12/stats/jobs/*", nth=4, count=2)
    sandbox.ads.set(job_outcome="FAILED")
    with pytest.raises(UserError, match="ended 3 stats jobs"):
        runs.run(REPORT, account.id)
    assert len(jobs(sandbox)) == 3


def test_many_days_after_a_pause_are_read_by_jobs(
    sandbox: Sandbox, runs: OrganicRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As soon as they take more requests than X allows in 15 minutes."""
    account = opened(sandbox, "Europe/London", days=4)
    runs.run(REPORT, account.id)
    sandbox.clock.advance(20 * 86400)
    few = replace(STATS, user_limit=3)
    monkeypatch.setattr("tap_twitter.reports.organic.report.STATS", few)
    runs.run(REPORT, account.id)
    check(runs, account, date(2025, 12, 1))
    assert not at_once(sandbox)
    spans = {(job["start_time"], job["end_time"]) for job in jobs(sandbox)}
    assert spans == {("2026-01-30", "2026-03-01"), ("2026-02-14", "2026-03-21")}


def test_a_job_that_is_not_ready_in_an_hour_ends_the_read(
    sandbox: Sandbox, runs: OrganicRuns
) -> None:
    account = opened(sandbox, "Europe/London", days=4)
    sandbox.ads.set(job_polls=10_000)
    with pytest.raises(UserError, match="not finished a stats job in an hour"):
        runs.run(REPORT, account.id)
    sandbox.ads.set(job_polls=1)
    runs.run(REPORT, account.id)
    check(runs, account, date(2025, 12, 1))
    assert len(jobs(sandbox)) == 1


@pytest.mark.parametrize("ids", ["number", "with_id_str"])
def test_ids_of_jobs_have_any_form(sandbox: Sandbox, runs: OrganicRuns, ids: str) -> None:
    account = opened(sandbox, "Europe/London", days=4)
    sandbox.ads.set(job_ids=ids)
    runs.run(REPORT, account.id)
    check(runs, account, date(2025, 12, 1))


SOUND: dict[str, Any] = {
    "timeframe": "THREE",
    "start": "2026-01-01",
    "from": "2026-02-01",
    "to": "2026-03-01",
    "forward": [],
    "back": [],
}
WRONG: list[dict[str, Any]] = [
    {"to": "2026-01-15"},
    {"start": 5},
    {"back": None},
    {"forward": {}},
    {"back": ["2026-01-01"]},
    {"back": ["2026-01-02", "2026-01-01"]},
    {"forward": ["2026-01-01", "2026-01-02", "x"]},
]
DAMAGED: list[Any] = ["x", {}, {"timeframe": "THREE"}, *({**SOUND, **each} for each in WRONG)]


@pytest.mark.parametrize("value", DAMAGED, ids=json.dumps)
def test_a_damaged_bookmark_is_named(sandbox: Sandbox, runs: OrganicRuns, value: Any) -> None:
    partition = {"context": {"ads_account_id": NORTHWIND.id}, "cursor": value}
    runs.state = {"bookmarks": {REPORT: {"partitions": [partition]}}}
    with pytest.raises(UserError, match=r"damaged at 'bookmarks.organic_tweet_report'"):
        runs.run(REPORT, NORTHWIND.id)
    assert not list(sandbox.requests)


def test_an_account_without_a_known_time_zone_fails_by_name(
    sandbox: Sandbox, runs: OrganicRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = opened(sandbox, "Europe/London", days=4)
    monkeypatch.setattr(type(account), "as_json", without_zone(type(account).as_json))
    with pytest.raises(UserError, match=f"'{account.id}': X gives no time zone"):
        runs.run(REPORT, account.id)


def without_zone(as_json: Any) -> Any:
    return lambda self, **how: {**as_json(self, **how), "timezone": "Mars/Olympus"}
