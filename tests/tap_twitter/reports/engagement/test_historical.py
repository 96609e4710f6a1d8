"""`historical_engagement`, against the sandbox."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.exceptions import ConfigValidationError
from support.engagement_reports import STREAM, questions, stored
from support.harness import USER_AUTH, Messages, account_of

from sandbox.credentials import NEWS, OWNER, SECOND_USER
from sandbox.x.engagement_counts import counted, hours
from tap_twitter.errors import AccessError, RunError, SettingError
from tap_twitter.reports.engagement.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from support.engagement_reports import PostIds, Read

    from sandbox import Sandbox

FOUR = ["tweet", "engagement_type", "date", "hour"]
JULY: dict[str, Any] = {"start_date_type": "specific", "specific_start_date": "2026-07-01"}
TODAY: dict[str, Any] = {"days_back_to_end_at": 0}
ONE_METRIC: dict[str, Any] = {"engagement_metrics": ["impressions"]}


def timelines_read(sandbox: Sandbox) -> int:
    return sum(entry.path.endswith("/tweets") for entry in sandbox.requests)


def specific(tweets: Sequence[str]) -> dict[str, Any]:
    return {"tweet_selection": "specific", "tweets": list(tweets)}


def truth(
    sandbox: Sandbox, tweet: str, metric: str, start: datetime, end: datetime
) -> dict[datetime, int]:
    now = sandbox.clock.now()
    return {hour: counted(tweet, metric, hour, now) for hour in hours(start, end)}


def test_every_hour_of_every_post_is_a_row_with_its_count(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    tweets = post_ids(3)
    metrics = ["impressions", "replies"]
    settings: dict[str, Any] = {"group_by": FOUR, "engagement_metrics": metrics, "duration": "date"}
    rows = read(STREAM, number_of_tweets=3, **settings).records
    start = datetime(2026, 7, 14, tzinfo=UTC)
    expected = {
        (tweet, metric, hour): count
        for tweet in tweets
        for metric in metrics
        for hour, count in truth(sandbox, tweet, metric, start, start + timedelta(days=1)).items()
    }
    found = {
        (row["tweet_id"], row["engagement_type"], datetime.fromisoformat(row["start"])): row
        for row in rows
    }
    assert {key: row["count"] for key, row in found.items()} == expected
    assert len(rows) == len(expected) == len({row["row_id"] for row in rows})
    for (_, _, hour), row in found.items():
        assert (row["date"], row["hour"]) == (hour.date().isoformat(), hour.hour)
        assert datetime.fromisoformat(row["end"]) - hour == timedelta(hours=1)
        assert (row["account_id"], row["status"]) == (OWNER.user_id, "available")


def test_all_metrics_are_read_unless_some_are_chosen(read: Read) -> None:
    rows = read(STREAM, number_of_tweets=1).records
    assert {row["engagement_type"] for row in rows} == set(METRICS)


def test_several_groupings_are_one_request_and_agree(sandbox: Sandbox, read: Read) -> None:
    groupings = [["tweet", "engagement_type", "hour"], ["tweet", "date"], ["engagement_type"]]
    rows = read(STREAM, number_of_tweets=4, group_by=groupings, **JULY, **TODAY).records
    assert len(questions(sandbox)) == 1
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row["group_by"]] += row["count"]
    assert len(set(sums.values())) == 1
    assert sums.keys() == {"tweet,engagement_type,date,hour", "tweet,date", "engagement_type"}


def test_undated_counts_are_those_of_the_whole_range(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    tweets = post_ids(26)
    settings = {**specific(tweets), **ONE_METRIC, "days_back_to_start_from": 30}
    by_tweet = read(STREAM, group_by=["tweet"], **settings).records
    assert len(questions(sandbox)) == 2 * 2
    assert {row["tweet_id"] for row in by_tweet} == set(tweets)
    start, end = datetime(2026, 6, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC)
    for row in by_tweet:
        assert row["count"] == sum(
            truth(sandbox, row["tweet_id"], "impressions", start, end).values()
        )
        assert (row["start"], row["end"]) == ("2026-06-15T00:00:00Z", "2026-07-15T00:00:00Z")
    (total,) = read(STREAM, group_by=["engagement_type"], **settings).records
    assert total["count"] == sum(row["count"] for row in by_tweet)
    by_day = read(STREAM, group_by=["date"], **settings).records
    assert len(by_day) == 30
    assert sum(row["count"] for row in by_day) == total["count"]


def test_another_grouping_clashes_with_no_stored_row(read: Read) -> None:
    groupings = [["tweet"], ["tweet", "date"], ["date"], ["engagement_type"], ["hour"], FOUR]
    runs = [read(STREAM, number_of_tweets=2, **ONE_METRIC, group_by=each) for each in groupings]
    rows = [row["row_id"] for run in runs for row in run.records]
    assert len(rows) == len(set(rows))


def test_three_syncs_on_three_days_are_one_on_the_third(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    settings = {**specific(post_ids(5)), **JULY, **TODAY, "group_by": FOUR[:3]}
    sandbox.world.timelines.delete(int(post_ids(1)[0]))
    runs: list[Messages] = []
    for _ in range(3):
        state = runs[-1].states[-1] if runs else None
        runs.append(read(STREAM, state=state, **settings))
        sandbox.clock.advance(86_400)
    sandbox.clock.advance(-86_400)
    whole = read(STREAM, **settings)
    assert stored(*runs) == stored(whole)
    assert len(runs[-1].records) < len(whole.records)
    spans = [asked.body["start"] for asked in questions(sandbox)]
    assert [span[:10] for span in spans] == [
        "2026-07-01",
        "2026-07-13",
        "2026-07-14",
        "2026-07-01",
    ]


def test_posts_that_are_new_among_the_recent_are_read_from_the_start(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    settings = {"number_of_tweets": 6, **JULY, **TODAY, **ONE_METRIC, "group_by": FOUR}
    old = post_ids(6)
    first = read(STREAM, **settings)
    sandbox.clock.advance(86_400)
    new = [each for each in post_ids(6) if each not in old]
    sandbox.engagement.asked.clear()
    second = read(STREAM, state=first.states[-1], **settings)
    starts = {
        tweet: asked.body["start"]
        for asked in reversed(questions(sandbox))
        for tweet in asked.body["tweet_ids"]
    }
    assert new
    assert starts == {
        tweet: f"2026-07-{'01' if tweet in new else '13'}T00:00:00Z" for tweet in post_ids(6)
    }
    whole = stored(read(STREAM, **settings))
    assert whole.items() <= stored(first, second).items()
    assert set(stored(first, second)) - set(whole) == {
        key for key, row in stored(first).items() if row["tweet_id"] not in post_ids(6)
    }


@pytest.mark.parametrize(
    "change",
    [
        {"specific_start_date": "2026-06-25"},
        {"engagement_metrics": ["impressions", "replies"]},
        {"group_by": ["tweet", "hour"]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_other_settings_begin_anew(sandbox: Sandbox, read: Read, change: dict[str, Any]) -> None:
    settings = {"number_of_tweets": 2, **JULY, **ONE_METRIC}
    first = read(STREAM, **settings)
    whole = read(STREAM, **settings | change)
    again = read(STREAM, state=first.states[-1], **settings | change)
    assert again.records == whole.records


WHOLE = [
    {"days_back_to_start_from": 10, "days_back_to_end_at": 5},
    {"duration": "date", "report_date": "specific", "specific_date": "2026-07-10"},
    {**JULY, "group_by": ["tweet", "engagement_type"]},
    {**JULY, "group_by": [["tweet", "date"], ["tweet"]]},
    {**JULY, "group_by": ["date"]},
]


@pytest.mark.parametrize(
    "settings", WHOLE, ids=["relative", "date", "undated", "one undated", "sums of recent posts"]
)
def test_everything_else_is_read_whole_each_time(read: Read, settings: dict[str, Any]) -> None:
    usual = {"number_of_tweets": 3, **ONE_METRIC}
    first = read(STREAM, **usual | settings)
    again = read(STREAM, state=first.states[-1], **usual | settings)
    assert again.records == first.records
    (partition,) = first.states[-1]["bookmarks"][STREAM]["partitions"]
    assert partition["cursor"] is None


def test_sums_of_specific_posts_go_on(read: Read, post_ids: PostIds) -> None:
    settings = {**specific(post_ids(3)), **JULY, **ONE_METRIC, "group_by": ["date"]}
    first = read(STREAM, **settings)
    again = read(STREAM, state=first.states[-1], **settings)
    assert [row["date"] for row in again.records] == ["2026-07-13", "2026-07-14"]


def test_recent_posts_are_bought_once_whatever_streams_need_them(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    streams = (STREAM, "engagement_28hr", "engagement_totals")
    rows = read(*streams, number_of_tweets=8, **ONE_METRIC).records
    assert timelines_read(sandbox) == 1
    assert sandbox.bill.total.gross_objects == 8
    assert {row["tweet_id"] for row in rows} == set(post_ids(8))


def test_specific_posts_need_no_timeline(sandbox: Sandbox, read: Read, post_ids: PostIds) -> None:
    read(STREAM, **specific([f"https://x.com/NorthwindTea/status/{post_ids(1)[0]}"]))
    assert timelines_read(sandbox) == 0
    assert sandbox.bill.total.gross_objects == 0


def test_a_deleted_post_is_a_row_that_says_so(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    kept, deleted = post_ids(2)
    sandbox.world.timelines.delete(int(deleted))
    rows = read(STREAM, **specific([kept, deleted]), **ONE_METRIC, group_by=["date"]).records
    (gone,) = (row for row in rows if row["status"] != "available")
    assert (gone["tweet_id"], gone["status"], gone["count"]) == (deleted, "unavailable", None)
    assert len(rows) == 1 + 28


def test_posts_of_others_are_named_and_the_rest_is_read(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    foreign = post_ids(2, NEWS.user_id)
    with pytest.raises(RunError) as caught:
        read(STREAM, **specific([*post_ids(1), *foreign]), **ONE_METRIC)
    assert all(tweet in str(caught.value) for tweet in foreign)
    assert post_ids(1)[0] not in str(caught.value)
    assert "'engagement.tweets'" in str(caught.value)
    assert [asked.body["tweet_ids"] for asked in questions(sandbox)] == [post_ids(1)]


def test_specific_posts_go_to_their_authors(read: Read, post_ids: PostIds) -> None:
    mine, theirs = post_ids(2), post_ids(2, NEWS.user_id)
    accounts = {"accounts": [account_of(OWNER, name="tea"), account_of(NEWS, name="news")]}
    rows = read(STREAM, config=accounts, **specific([*mine, *theirs]), **ONE_METRIC).records
    authors = {row["tweet_id"]: row["account_id"] for row in rows}
    assert authors == {**dict.fromkeys(mine, OWNER.user_id), **dict.fromkeys(theirs, NEWS.user_id)}


def test_a_protected_account_leaves_the_others_alone(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    sandbox.world.set_status(NEWS.user_id, "protected")
    accounts = {
        "accounts": [account_of(NEWS, name="news"), account_of(OWNER, name="tea")],
        "on_account_failure": "warn",
    }
    rows = read(STREAM, config=accounts, number_of_tweets=2, **ONE_METRIC).records
    assert {row["account_id"] for row in rows} == {OWNER.user_id}
    with pytest.raises(RunError, match=r"account 'news': X gives no engagement of protected"):
        read(STREAM, config={"accounts": [account_of(NEWS, name="news")]}, number_of_tweets=2)


def test_an_app_without_a_contract_is_told_once(sandbox: Sandbox, read: Read) -> None:
    sandbox.engagement.allowed = False
    accounts = {
        "accounts": [
            account_of(NEWS, name="news"),
            account_of(OWNER, name="tea"),
            account_of(SECOND_USER, name="book"),
        ]
    }
    with pytest.raises(RunError) as caught:
        read(STREAM, "engagement_28hr", "engagement_totals", config=accounts)
    assert str(caught.value).count("enterprise contract") == 1
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("auth", "accounts"),
    [
        ({"bearer_token": "any"}, [{"id": OWNER.user_id}]),
        (USER_AUTH, [{"id": NEWS.user_id}]),
    ],
    ids=["app-only", "somebody else's"],
)
def test_credentials_that_x_would_refuse_are_said_before_any_request(
    sandbox: Sandbox, read: Read, auth: Mapping[str, str], accounts: list[dict[str, str]]
) -> None:
    with pytest.raises((RunError, AccessError), match=r"'auth' is|own"):
        read(STREAM, config={"auth": auth, "accounts": accounts})
    assert not list(sandbox.requests)


def test_the_limit_per_minute_is_waited_for(
    sandbox: Sandbox, read: Read, post_ids: PostIds, clock: Any
) -> None:
    sandbox.engagement.per_minute = 2
    settings = {**specific(post_ids(60)), **ONE_METRIC, "days_back_to_start_from": 56}
    read(STREAM, group_by=["tweet"], **settings)
    assert len(questions(sandbox)) == 6
    statuses = Counter(entry.status for entry in sandbox.requests)
    assert statuses == {200: 6}
    assert sum(clock.slept) < 3 * 62


def test_an_empty_day_reads_nothing(sandbox: Sandbox, read: Read, post_ids: PostIds) -> None:
    sandbox.clock.set(datetime(2026, 7, 15, 0, 20, tzinfo=UTC))
    assert not read(STREAM, **specific(post_ids(1)), duration="date", days_back=0).records
    assert not questions(sandbox)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"group_by": ["hour", "weekday"]}, "group_by"),
        (specific(["no post"]), r"tweets\[0\]"),
        ({"tweet_selection": "specific"}, "names no posts"),
        ({**JULY, "specific_start_date": "2026-08-01"}, "in the future"),
        ({"days_back_to_start_from": 1, "days_back_to_end_at": 2}, "wrong order"),
    ],
    ids=["group_by", "tweets", "no tweets", "future", "reversed"],
)
def test_settings_are_checked_before_any_request(
    sandbox: Sandbox, read: Read, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        read(STREAM, **settings)
    assert not list(sandbox.requests)


def test_groupings_of_groupings_are_refused_by_their_place(read: Read) -> None:
    with pytest.raises(ConfigValidationError) as caught:
        read(STREAM, group_by=[["tweet"], [["date"]]])
    assert caught.value.errors == ["Setting 'engagement.group_by[1][0]' must be of type string."]


def test_a_range_may_end_with_the_calendar(sandbox: Sandbox, read: Read, post_ids: PostIds) -> None:
    settings = {"end_date_type": "specific", "specific_end_date": "9999-12-31", **ONE_METRIC}
    read(STREAM, **specific(post_ids(1)), **settings)
    assert sandbox.engagement.asked[-1].body["end"] == "2026-07-15T12:00:00Z"


def test_unknown_metrics_are_refused_with_the_list(read: Read) -> None:
    with pytest.raises(SettingError) as caught:
        read(STREAM, engagement_metrics=["replies", "impresions"])
    assert str(caught.value) == (
        "Setting 'engagement.engagement_metrics' has 'impresions', which is not a metric. Did you mean "
        f"'impressions'? Known metrics: {', '.join(METRICS)}."
    )


@pytest.mark.parametrize(
    "metrics", ["replies,Favorites", "replies; favorites", ["replies", "favorites"]], ids=str
)
def test_metrics_may_be_a_text(
    sandbox: Sandbox, read: Read, post_ids: PostIds, metrics: Any
) -> None:
    read(STREAM, **specific(post_ids(1)), engagement_metrics=metrics)
    assert sandbox.engagement.asked[-1].body["engagement_types"] == ["replies", "favorites"]


def test_a_date_is_that_of_utc(sandbox: Sandbox, read: Read) -> None:
    sandbox.clock.set(datetime(2026, 7, 15, 23, 59, tzinfo=UTC))
    before = read(STREAM, number_of_tweets=1, duration="date", **ONE_METRIC).records
    sandbox.clock.advance(120)
    after = read(STREAM, number_of_tweets=1, duration="date", **ONE_METRIC).records
    days = [{date.fromisoformat(row["date"]).day for row in rows} for rows in (before, after)]
    assert days == [{14}, {15}]
