from __future__ import annotations

from datetime import date

from tap_twitter.dates import Period
from tap_twitter.reports.engagement.grouping import groupings
from tap_twitter.reports.engagement.requests import EngagementRequest, Position, Sweep, Wanted

TWEETS = tuple(str(number) for number in range(1, 101))
QUARTER = Period.of_days(date(2026, 4, 1), date(2026, 6, 29))
BY_HOUR = Wanted(("impressions",), groupings(["tweet", "engagement_type", "date", "hour"]))


def test_a_hundred_posts_in_ninety_days_are_sixteen_requests() -> None:
    steps = list(BY_HOUR.steps(Sweep(TWEETS, Position(QUARTER.start), QUARTER.end), 25))
    assert len(steps) == 4 * 4
    assert [step.ends_window for step in steps] == [False, False, False, True] * 4
    asked = [(tweet, step.question.period) for step in steps for tweet in step.question.tweets]
    assert len(asked) == len(set(asked)) == 4 * 100


def test_groupings_share_requests_by_threes() -> None:
    five = groupings([["tweet"], ["engagement_type"], ["date"], ["hour"], ["tweet", "date"]])
    steps = list(
        Wanted(("replies",), five).steps(
            Sweep(TWEETS[:26], Position(QUARTER.start), QUARTER.end), 25
        )
    )
    assert len(steps) == 2 * 2 * 4
    assert {len(step.question.groupings) for step in steps} == {2, 3}
    assert sum(step.ends_window for step in steps) == 4


def test_a_request_is_as_x_documents_it() -> None:
    period = Period.of_days(date(2026, 7, 1), date(2026, 7, 14))
    asked = groupings([["tweet", "engagement_type"], ["hour"]])
    question = EngagementRequest(("2051", "2052"), ("impressions", "url_clicks"), asked, period)
    assert question.body() == {
        "start": "2026-07-01T00:00:00Z",
        "end": "2026-07-15T00:00:00Z",
        "tweet_ids": ["2051", "2052"],
        "engagement_types": ["impressions", "url_clicks"],
        "groupings": {
            "grouping_1": {"group_by": ["tweet.id", "engagement.type"]},
            "grouping_2": {"group_by": ["engagement.hour"]},
        },
    }
    assert "start" not in EngagementRequest(("2051",), ("replies",), asked).body()


def test_a_question_can_be_cut() -> None:
    question = EngagementRequest(("1", "2", "3"), ("replies",), groupings(["tweet"]))
    assert question.of({"3", "1", "9"}).tweets == ("1", "3")
    assert question.without({"3", "1", "9"}).tweets == ("2",)
