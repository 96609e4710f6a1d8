from __future__ import annotations

from typing import Any

import pytest

from tap_twitter.api.engagement_errors import TOO_OLD, OldPostsError
from tap_twitter.dates import stamp
from tap_twitter.errors import TransientError
from tap_twitter.reports.engagement.grouping import groupings
from tap_twitter.reports.engagement.requests import EngagementRequest
from tap_twitter.reports.engagement.responses import (
    EngagementResponse,
    Key,
    Notice,
    Status,
    read_answer,
)


def read(
    group_by: list[str], body: dict[str, Any], tweets: tuple[str, ...] = ("20",)
) -> EngagementResponse:
    return read_answer(
        EngagementRequest(tweets, ("replies", "video_views"), groupings(group_by)), body
    )


@pytest.mark.parametrize(
    ("group_by", "nested", "key"),
    [
        (["engagement_type"], {"replies": "7"}, Key(None, "replies")),
        (["tweet", "engagement_type"], {"20": {"replies": "7"}}, Key("20", "replies")),
        (["engagement_type", "tweet"], {"replies": {"20": 7}}, Key("20", "replies")),
        (["tweet", "date"], {"20": {"2026-07-01": "7"}}, Key("20", None, "2026-07-01")),
        (
            ["tweet", "hour"],
            {"20": {"2026-07-01": {"20": "7"}}},
            Key("20", None, "2026-07-01", "20"),
        ),
        (
            ["hour", "tweet"],
            {"2026-07-01": {"03": {"20": "7"}}},
            Key("20", None, "2026-07-01", "03"),
        ),
        (["hour", "date"], {"03": {"2026-07-01": "7"}}, Key(None, None, "2026-07-01", "03")),
        (["hour", "date"], {"2026-07-01": {"03": "7"}}, Key(None, None, "2026-07-01", "03")),
        (
            ["engagement_type", "tweet", "date", "hour"],
            {"replies": {"20": {"2026-07-01": {"03": "7"}}}},
            Key("20", "replies", "2026-07-01", "03"),
        ),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, list) else None,
)
def test_counts_are_found_however_they_are_nested(
    group_by: list[str], nested: dict[str, Any], key: Key
) -> None:
    answer = read(group_by, {"grouping_1": nested})
    assert [*answer.counts.values()] == [[(key, 7)]]
    assert not answer.notices


def test_the_time_that_x_has_counted_in_is_taken_over() -> None:
    echo = {"start": "2026-07-01T17:00:00Z", "end": "2026-07-02T22:00:00Z"}
    period = read(["tweet"], {**echo, "grouping_1": {"20": "1"}}).period
    assert period is not None
    assert (stamp(period.start), stamp(period.end)) == (echo["start"], echo["end"])


def test_posts_without_counts_are_noticed() -> None:
    body = {
        "unavailable_tweet_ids": ["21"],
        "errors": ["1 Tweet ID(s) are unavailable"],
        "unsupported_for_video_views_tweet_ids": ["20"],
        "grouping_1": {"20": {"replies": "3", "video_views": "0"}},
    }
    answer = read(["tweet", "engagement_type"], body, ("20", "21", "22"))
    assert [*answer.counts.values()] == [[(Key("20", "replies"), 3)]]
    assert set(answer.notices) == {
        Notice("21", None, Status.UNAVAILABLE),
        Notice("22", None, Status.UNANSWERED),
        Notice("20", "video_views", Status.UNSUPPORTED),
    }


def test_nothing_but_unavailable_posts_needs_no_counts() -> None:
    answer = read(["engagement_type"], {"unavailable_tweet_ids": ["20"]})
    assert [*answer.counts.values()] == [[]]
    assert answer.notices == [Notice("20", None, Status.UNAVAILABLE)]


def test_nothing_but_posts_that_are_too_old_is_a_refusal() -> None:
    with pytest.raises(OldPostsError) as caught:
        read(["tweet"], {"errors": ["…"], TOO_OLD: ["20", 21]}, ("20", "21", "22"))
    assert caught.value.tweets == {"20", "21"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"grouping_1": None},
        {"grouping_1": "7"},
        {"grouping_1": {"20": "7"}},
        {"grouping_1": {"20": {"replies": None}}},
        {"grouping_1": {"20": {"replies": "-7"}}},
        {"grouping_1": {"20": {"replies": "many"}}},
        {"grouping_1": {"20": {"replies": True}}},
        {"grouping_1": {"20": {"replies": {"2026-07-01": "7"}}}},
        {"grouping_1": {"no post": {"replies": "7"}}},
        {"grouping_1": {"20": {"Replies!": "7"}}},
    ],
    ids=str,
)
def test_another_form_than_the_documented_one_is_a_fault(body: dict[str, Any]) -> None:
    with pytest.raises(TransientError, match="not have the documented form"):
        read(["tweet", "engagement_type"], body)
