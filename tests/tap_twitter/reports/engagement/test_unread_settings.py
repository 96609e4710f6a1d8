"""Settings that the chosen ones leave no part to play."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from singer_plugin.settings import with_defaults
from tap_twitter.reports.engagement.settings import ENGAGEMENT
from tap_twitter.reports.engagement.unread_settings import DAYS, SELECTION, unread

if TYPE_CHECKING:
    from support.engagement_reports import PostIds, Read


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, []),
        ({"duration": "date", "days_back": 3}, []),
        ({"tweet_selection": "recent", "number_of_tweets": 7}, []),
        ({"tweets": ["20"]}, ["'engagement.tweets', as 'engagement.tweet_selection' is 'recent'"]),
        (
            {"tweet_selection": "specific", "tweets": ["20"], "number_of_tweets": 7},
            ["'engagement.number_of_tweets', as 'engagement.tweet_selection' is 'specific'"],
        ),
        (
            {"duration": "date", "start_date_type": "specific", "days_back_to_start_from": 5},
            [
                "'engagement.start_date_type', 'engagement.days_back_to_start_from', as "
                "'engagement.duration' is 'date'"
            ],
        ),
        ({"days_back": 3}, ["'engagement.days_back', as 'engagement.duration' is 'range'"]),
        (
            {
                "start_date_type": "specific",
                "specific_start_date": "2026-07-01",
                "days_back_to_start_from": 9,
            },
            [
                "'engagement.days_back_to_start_from', as 'engagement.start_date_type' is "
                "'specific'"
            ],
        ),
        ({"specific_end_date": "2026-07-01"}, []),
        ({"specific_date": "2026-07-01"}, []),
        (
            {"specific_date": "2026-07-01", "specific_start_date": "2026-06-01"},
            ["'engagement.specific_date', as 'engagement.duration' is 'range'"],
        ),
        (
            {"end_date_type": "relative", "specific_end_date": "2026-07-01"},
            ["'engagement.specific_end_date', as 'engagement.end_date_type' is 'relative'"],
        ),
    ],
    ids=["defaults", "date", "recent", "tweets", "number", "range of a date", "date of a range",
         "days back", "meant end", "meant date", "both", "specific"],
)  # fmt: skip
def test_settings_to_no_effect_are_told(given: dict[str, Any], told: list[str]) -> None:
    settings = with_defaults(ENGAGEMENT.to_dict(), given)
    assert list(unread(settings, (*SELECTION, *DAYS))) == told


def test_a_run_tells_them_in_one_line_and_only_those_of_its_streams(
    read: Read, post_ids: PostIds, caplog: pytest.LogCaptureFixture
) -> None:
    settings: dict[str, Any] = {"tweets": post_ids(1), "days_back": 3, "number_of_tweets": 1}
    told = []
    for streams in [("engagement_totals", "historical_engagement"), ("engagement_totals",)]:
        caplog.clear()
        read(*streams, **settings)
        (line,) = (each.message for each in caplog.records if "not read" in each.message)
        told.append([name in line for name in ("engagement.tweets'", "engagement.days_back'")])
    assert told == [[True, True], [True, False]]
