"""`engagement_28hr` and `engagement_totals`, against the sandbox."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.engagement_reports import questions
from support.harness import APP_AUTH, account_of

from sandbox.credentials import NEWS, OWNER
from sandbox.x.engagement_counts import counted, hours, total
from tap_twitter.errors import RunError
from tap_twitter.reports.engagement.metrics import METRICS, OWNER_TOTALS, PUBLIC_TOTALS
from tap_twitter.streams.rotation import FIRST

if TYPE_CHECKING:
    from support.engagement_reports import PostIds, Read

    from sandbox import Sandbox

LAST_HOURS = "engagement_28hr"
TOTALS = "engagement_totals"
READ_AT = "2026-07-15T12:24:00+00:00"
KEY = ("tweet_id", "engagement_type", "date", "hour")


def test_the_last_28_hours_are_counted_by_the_hour(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    groups = [["tweet", "engagement_type", "date", "hour"], ["engagement_type"]]
    rows = read(LAST_HOURS, number_of_tweets=30, group_by=groups).records
    assert len(questions(sandbox)) == 2
    start, end = datetime(2026, 7, 14, 8, tzinfo=UTC), datetime(2026, 7, 15, 13, tzinfo=UTC)
    now = sandbox.clock.now()
    expected = {
        (tweet, metric, f"{hour:%Y-%m-%d}", hour.hour): counted(tweet, metric, hour, now)
        for tweet in post_ids(30)
        for metric in METRICS
        for hour in hours(start, end)
    }
    by_hour = [row for row in rows if row["hour"] is not None]
    assert {tuple(row[name] for name in KEY): row["count"] for row in by_hour} == expected
    sums: Counter[str] = Counter()
    for row in by_hour:
        sums[row["engagement_type"]] += row["count"]
    totals = [row for row in rows if row["hour"] is None]
    assert {row["engagement_type"]: row["count"] for row in totals} == sums
    for row in totals:
        assert (row["start"], row["end"]) == ("2026-07-14T08:00:00Z", "2026-07-15T13:00:00Z")
    assert {row["read_at"] for row in rows} == {READ_AT}


def test_snapshots_keep_their_ids_from_read_to_read(sandbox: Sandbox, read: Read) -> None:
    first = read(LAST_HOURS, TOTALS, number_of_tweets=2, group_by=["tweet"]).records
    sandbox.clock.advance(600)
    second = read(LAST_HOURS, TOTALS, number_of_tweets=2, group_by=["tweet"]).records
    assert [row["row_id"] for row in first] == [row["row_id"] for row in second]
    assert {row["read_at"] for row in first}.isdisjoint(row["read_at"] for row in second)


def by_metric(rows: list[dict[str, Any]], tweet: str) -> dict[str, tuple[str, int | None]]:
    return {
        row["engagement_type"]: (row["status"], row["count"])
        for row in rows
        if row["tweet_id"] == tweet
    }


def test_owners_get_all_totals(sandbox: Sandbox, read: Read, post_ids: PostIds) -> None:
    rows = read(TOTALS, number_of_tweets=3).records
    for tweet in post_ids(3):
        assert by_metric(rows, tweet) == {
            metric: ("available", total(tweet, metric, sandbox.clock.now()))
            for metric in (*OWNER_TOTALS, *PUBLIC_TOTALS)
        }
    assert {row["start"] for row in rows} == {None}


@pytest.mark.parametrize("status", [400, 200])
def test_posts_over_90_days_have_public_totals_alone(
    sandbox: Sandbox, read: Read, post_ids: PostIds, status: int
) -> None:
    (old,) = post_ids(1)
    sandbox.clock.advance(timedelta(days=91).total_seconds())
    (new,) = post_ids(1)
    sandbox.engagement.old_posts_status = status
    rows = read(TOTALS, tweet_selection="specific", tweets=[old, new]).records
    assert len(rows) == 2 * 7
    unsupported = dict.fromkeys(OWNER_TOTALS, ("unsupported", None))
    assert by_metric(rows, old).items() >= unsupported.items()
    assert all(by_metric(rows, old)[metric][0] == "available" for metric in PUBLIC_TOTALS)
    assert all(status == "available" for status, _ in by_metric(rows, new).values())


def test_posts_over_1800_days_have_no_video_views(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    (old,) = post_ids(1)
    sandbox.clock.advance(timedelta(days=1801).total_seconds())
    rows = read(TOTALS, tweet_selection="specific", tweets=[old]).records
    unsupported = {
        metric for metric, (status, _) in by_metric(rows, old).items() if status != "available"
    }
    assert unsupported == {*OWNER_TOTALS, "video_views"}
    assert len(rows) == 7


def with_bearer(sandbox: Sandbox, **more: Any) -> dict[str, Any]:
    return {"auth": APP_AUTH, **more}


def test_totals_of_others_are_those_that_the_public_sees(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    config = with_bearer(sandbox, accounts=[{"username": "PlatformNews"}])
    rows = read(TOTALS, config=config, number_of_tweets=2).records
    assert {row["account_id"] for row in rows} == {NEWS.user_id}
    for tweet in post_ids(2, NEWS.user_id):
        assert by_metric(rows, tweet).keys() == set(PUBLIC_TOTALS)


def test_authors_are_asked_before_the_public(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    config = with_bearer(sandbox, accounts=[{"id": NEWS.user_id}, account_of(OWNER)])
    mine, theirs = post_ids(1), post_ids(1, NEWS.user_id)
    rows = read(TOTALS, config=config, tweet_selection="specific", tweets=[*mine, *theirs]).records
    authors = {row["tweet_id"]: row["account_id"] for row in rows}
    assert authors == {mine[0]: OWNER.user_id, theirs[0]: NEWS.user_id}
    assert len(by_metric(rows, mine[0])) == 7
    assert len(by_metric(rows, theirs[0])) == 5


def test_totals_with_nothing_but_others_credentials_are_refused_at_the_start(
    sandbox: Sandbox, read: Read
) -> None:
    with pytest.raises(RunError, match="accepts a bearer token alone"):
        read(TOTALS, config={"accounts": [{"id": NEWS.user_id}]})
    assert not list(sandbox.requests)


def test_hundred_posts_are_one_request_for_totals(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    read(TOTALS, tweet_selection="specific", tweets=post_ids(100))
    assert len(questions(sandbox)) == 1


@pytest.mark.parametrize("stream", [LAST_HOURS, TOTALS])
def test_deleted_and_foreign_posts_are_told(
    sandbox: Sandbox, read: Read, post_ids: PostIds, stream: str
) -> None:
    kept, deleted = post_ids(2)
    sandbox.world.timelines.delete(int(deleted))
    rows = read(stream, tweet_selection="specific", tweets=[kept, deleted]).records
    assert by_metric(rows, deleted) == {None: ("unavailable", None)}
    foreign = post_ids(1, NEWS.user_id)[0]
    with pytest.raises(RunError, match=f"not by .*: {foreign}"):
        read(stream, tweet_selection="specific", tweets=[kept, foreign])


US, THEM = account_of(OWNER, name="us"), account_of(NEWS, name="them")
NAMES = {OWNER.user_id: "us", NEWS.user_id: "them"}


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        pytest.param(
            5,
            [{"us": 30, "them": 25}, {"them": 30, "us": 25}] * 2,
            id="who was cut begins the next run",
        ),
        pytest.param(
            2,
            [{"us": 25}, {"them": 25}] * 2,
            id="who is more than a whole budget keeps nobody waiting",
        ),
    ],
)
def test_a_snapshot_that_the_budget_cuts_is_taken_in_turn(
    read: Read, most: int, expected: list[dict[str, int]]
) -> None:
    config = {"accounts": [US, THEM], "budget": {"max_requests": most}}
    state, found = None, []
    for _ in expected:
        run = read(LAST_HOURS, state=state, config=config, number_of_tweets=30, group_by=["tweet"])
        state = run.states[-1]
        posts = {(row["account_id"], row["tweet_id"]) for row in run.records}
        found.append(Counter(NAMES[account] for account, _ in posts))
    assert found == expected


def test_an_account_whose_posts_are_more_than_a_whole_budget_keeps_nobody_waiting(
    sandbox: Sandbox, read: Read
) -> None:
    sandbox.faults.add("short_page", path=f"/2/users/{OWNER.user_id}/tweets", count=None)
    config = {"accounts": [US, THEM], "budget": {"max_requests": 2}}
    state, found = None, []
    for _ in range(4):
        run = read(LAST_HOURS, state=state, config=config, number_of_tweets=20)
        state = run.states[-1]
        found.append({NAMES[row["account_id"]] for row in run.records})
    assert found == [set(), {"them"}] * 2


def test_the_public_is_not_asked_before_authors_whoever_was_left_out(
    read: Read, post_ids: PostIds, caplog: pytest.LogCaptureFixture
) -> None:
    public = {"name": "public", "id": NEWS.user_id}
    tweets = [*post_ids(1), *post_ids(1, NEWS.user_id)]
    config = {"auth": APP_AUTH, "accounts": [public, US], "budget": {"max_requests": 1}}
    run = read(TOTALS, config=config, tweet_selection="specific", tweets=tweets)
    assert {row["account_id"] for row in run.records} == {OWNER.user_id}
    assert not run.states[-1]["bookmarks"][TOTALS].get(FIRST)
    warnings = [each.message for each in caplog.records if each.levelno == logging.WARNING]
    assert warnings == [
        "The budget of the run is used up: 'engagement_totals' of account 'public' is not complete. "
        "The next run reads it again."
    ]


def test_public_accounts_take_turns_with_others_for_recent_posts(read: Read) -> None:
    public = {"name": "public", "id": NEWS.user_id}
    config = {"auth": APP_AUTH, "accounts": [public, US], "budget": {"max_requests": 2}}
    state, found = None, []
    for _ in range(4):
        run = read(TOTALS, state=state, config=config, number_of_tweets=5)
        state = run.states[-1]
        found.append({row["account_id"] for row in run.records})
    assert found == [{NEWS.user_id}, {OWNER.user_id}] * 2
