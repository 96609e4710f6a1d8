from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from tap_twitter.errors import SettingError
from tap_twitter.reports.engagement.grouping import NAMES, WORDS, groupings, packs

LEGAL_FOURS = (
    ("tweet", "engagement_type", "date", "hour"),
    ("engagement_type", "tweet", "date", "hour"),
)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_up_to_three_words_go_in_any_order(size: int) -> None:
    for order in permutations(WORDS, size):
        (grouping,) = groupings(order)
        assert [each.value for each in grouping.order] == [WORDS[word].value for word in order]


def test_all_four_are_sorted_into_an_order_that_x_takes() -> None:
    for order in permutations(WORDS):
        (grouping,) = groupings(order)
        assert grouping.name == "tweet,engagement_type,date,hour"
        asked = tuple(NAMES[each] for each in grouping.order)
        assert asked == (order if order in LEGAL_FOURS else LEGAL_FOURS[0])


def test_a_text_is_one_grouping() -> None:
    assert groupings("tweet, Engagement_Type;date") == groupings(
        ["tweet", "engagement_type", "date"]
    )
    assert groupings([["tweet,date"], ["hour"]]) == groupings([["tweet", "date"], ["hour"]])


def test_the_words_of_x_are_taken_as_well() -> None:
    assert groupings(["tweet.id", "engagement.type"]) == groupings(["tweet", "engagement_type"])


@pytest.mark.parametrize(
    ("order", "name"),
    [
        (["engagement_type", "tweet"], "tweet,engagement_type"),
        (["hour"], "date,hour"),
        (["hour", "tweet"], "tweet,date,hour"),
        (["date", "hour"], "date,hour"),
    ],
    ids=str,
)
def test_rows_know_no_order_and_hours_have_dates(order: list[str], name: str) -> None:
    (grouping,) = groupings(order)
    assert grouping.name == name
    assert grouping.is_dated == ("date" in name)
    assert grouping.by_tweet == ("tweet" in name)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "at least one of: tweet, engagement_type, date, hour"),
        ([[]], "at least one of"),
        (
            ["tweet", "weekday"],
            "unknown value 'weekday'.* Known values: tweet, engagement_type, date, hour",
        ),
        (["tweet", "engagement_typ"], r"Did you mean 'engagement_type'\?"),
        ("tweet,hours", r"unknown value 'hours'.* Did you mean 'hour'\?"),
        ("", "at least one of"),
        (["tweet", "tweet"], "twice in one grouping"),
        (["tweet", "tweet.id"], "twice in one grouping"),
        (["tweet", ["date"]], "must be a list of words or a list of such lists"),
        ([["tweet", "date"], ["date", "tweet"]], "groups by tweet,date twice"),
        ([["tweet", "hour"], ["tweet", "date", "hour"]], "groups by tweet,date,hour twice"),
    ],
    ids=str,
)
def test_what_x_would_refuse_is_said(value: Any, message: str) -> None:
    with pytest.raises(SettingError, match=r"'engagement\.group_by'.*" + message):
        groupings(value)


def test_three_groupings_are_one_request() -> None:
    several = groupings([["tweet"], ["engagement_type"], ["date"], ["hour"]])
    assert [len(pack) for pack in packs(several)] == [3, 1]
    assert [len(pack) for pack in packs(several[:3])] == [3]
