from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tap_twitter.dates import Period
from tap_twitter.reports.engagement.grouping import Grouping, groupings
from tap_twitter.reports.engagement.requests import EngagementRequest
from tap_twitter.reports.engagement.responses import EngagementResponse, Key, Notice, Status
from tap_twitter.reports.engagement.rows import Rows

WEEK = Period.of_days(date(2026, 7, 1), date(2026, 7, 7))
NEXT_WEEK = Period.of_days(date(2026, 7, 8), date(2026, 7, 14))
(BY_TWEET,) = groupings(["tweet"])
(BY_DAY,) = groupings(["date"])
(BY_TYPE,) = groupings(["engagement_type"])
(BY_HOUR,) = groupings(["tweet", "engagement_type", "date", "hour"])


def answer(
    grouping: Grouping,
    *leaves: tuple[Key, int],
    notices: tuple[Notice, ...] = (),
    period: Period | None = WEEK,
) -> EngagementResponse:
    question = EngagementRequest(("20",), ("replies",), (grouping,), period)
    return EngagementResponse(question, {grouping: leaves}, notices, period)


def span(row: dict[str, Any]) -> tuple[str, str]:
    return row["start"], row["end"]


def test_a_count_of_an_hour_is_a_row_at_once() -> None:
    rows = Rows("12")
    key = Key("20", "replies", "2026-07-01", "03")
    (row,) = rows.take(answer(BY_HOUR, (key, 7)))
    assert {name: row[name] for name in row if name != "row_id"} == {
        "account_id": "12",
        "group_by": "tweet,engagement_type,date,hour",
        "tweet_id": "20",
        "engagement_type": "replies",
        "date": "2026-07-01",
        "hour": 3,
        "status": "available",
        "count": 7,
        "start": "2026-07-01T03:00:00Z",
        "end": "2026-07-01T04:00:00Z",
    }
    assert rows.is_settled


def test_sums_wait_until_all_requests_are_answered() -> None:
    rows = Rows("12", "2026-07-01/2026-07-14")
    first, second = (Key(None, None, day) for day in ("2026-07-01", "2026-07-02"))
    assert not list(rows.take(answer(BY_DAY, (first, 1), (second, 2))))
    assert not list(rows.take(answer(BY_DAY, (first, 10), (second, 20))))
    assert not list(rows.take(answer(BY_TYPE, (Key(None, "replies"), 5))))
    assert not rows.is_settled
    assert [row["count"] for row in rows.close_window()] == [11, 22]
    assert not list(rows.take(answer(BY_TYPE, (Key(None, "replies"), 6), period=NEXT_WEEK)))
    (total,) = rows.close()
    assert (total["count"], *span(total)) == (11, "2026-07-01T00:00:00Z", "2026-07-15T00:00:00Z")
    assert rows.is_settled


def test_counts_of_posts_without_a_date_are_added_up_over_windows() -> None:
    rows = Rows("12", "2026-07-01/2026-07-14")
    for period in (WEEK, NEXT_WEEK):
        assert not list(rows.take(answer(BY_TWEET, (Key("20"), 4), period=period)))
        assert not list(rows.close_window())
    assert [row["count"] for row in rows.close()] == [8]


def test_a_day_that_is_not_over_says_until_when_it_was_counted() -> None:
    noon = datetime(2026, 7, 2, 12, tzinfo=UTC)
    rows = Rows("12")
    (by_tweet_and_day,) = groupings(["tweet", "date"])
    days = [(Key("20", None, day), 1) for day in ("2026-07-01", "2026-07-02")]
    first, second = rows.take(answer(by_tweet_and_day, *days, period=WEEK.until(noon)))
    assert span(first) == ("2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z")
    assert span(second) == ("2026-07-02T00:00:00Z", "2026-07-02T12:00:00Z")


def test_a_post_without_counts_is_one_row_however_often_x_says_so() -> None:
    rows = Rows("12")
    gone = Notice("20", None, Status.UNAVAILABLE)
    (row,) = rows.take(answer(BY_HOUR, notices=(gone,)))
    assert (row["tweet_id"], row["status"], row["count"]) == ("20", "unavailable", None)
    assert not list(rows.take(answer(BY_HOUR, notices=(gone,), period=NEXT_WEEK)))


SILENT = Notice("20", None, Status.UNANSWERED)


def test_a_post_that_x_said_nothing_of_is_a_row_at_the_end() -> None:
    rows = Rows("12")
    assert not list(rows.take(answer(BY_HOUR, notices=(SILENT,))))
    assert not list(rows.take(answer(BY_HOUR, notices=(SILENT,), period=NEXT_WEEK)))
    (row,) = rows.close()
    assert (row["tweet_id"], row["status"], row["count"]) == ("20", "unanswered", None)


def test_a_post_that_x_counted_in_some_answer_is_not_called_unanswered() -> None:
    rows = Rows("12")
    assert not list(rows.take(answer(BY_HOUR, notices=(SILENT,))))
    key = Key("20", "replies", "2026-07-08", "03")
    assert list(rows.take(answer(BY_HOUR, (key, 1), period=NEXT_WEEK)))
    assert not list(rows.close())


def test_a_post_that_returned_takes_the_row_that_it_had() -> None:
    rows = Rows("12", whole=WEEK)
    (gone,) = rows.take(answer(BY_HOUR, notices=(Notice("20", None, Status.UNAVAILABLE),)))
    assert {**gone, "status": "returned"} == rows.returned("20")


def ids(rows: Rows, grouping: Grouping, key: Key) -> set[str]:
    given = [*rows.take(answer(grouping, (key, 1))), *rows.close()]
    return {row["row_id"] for row in given}


def test_row_ids_tell_accounts_groupings_times_and_counts_apart() -> None:
    (by_tweet_and_type,) = groupings(["tweet", "engagement_type"])
    (type_first,) = groupings(["engagement_type", "tweet"])
    key = Key("20", "replies")
    one = ids(Rows("12", "june"), by_tweet_and_type, key)
    assert one == ids(Rows("12", "june"), type_first, key)
    others = [
        ids(Rows("13", "june"), by_tweet_and_type, key),
        ids(Rows("12", "july"), by_tweet_and_type, key),
        ids(Rows("12", "june"), by_tweet_and_type, Key("21", "replies")),
        ids(Rows("12", "june"), BY_TWEET, Key("20")),
    ]
    assert len(set().union(one, *others)) == 5
    dated = Key("20", "replies", "2026-07-01", "03")
    assert ids(Rows("12", "june"), BY_HOUR, dated) == ids(Rows("12", "july"), BY_HOUR, dated)
