"""Posts that are all newer than the days of a report, so that nothing is counted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.engagement_reports import STREAM

from tap_twitter.objects.snowflakes import moment_of

if TYPE_CHECKING:
    from datetime import date

    from support.engagement_reports import PostIds, Read


def day_of(post: str) -> date:
    return moment_of(int(post)).date()


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.message for each in caplog.records if "nothing to count" in each.message]


def test_recent_posts_that_are_all_newer_are_told_with_the_fix(
    read: Read, post_ids: PostIds, caplog: pytest.LogCaptureFixture
) -> None:
    last = day_of(post_ids(3)[-1]) - timedelta(1)
    read(STREAM, number_of_tweets=3, specific_date=str(last))
    (warning,) = warnings(caplog)
    assert warning.startswith(f"'{STREAM}' has nothing to count for account '")
    assert warning.endswith(
        f"the report ends at {last + timedelta(1)} 00:00 UTC, and all of its 3 posts are newer. To "
        "count posts, raise 'engagement.number_of_tweets' (3) or end the report later."
    )


@pytest.mark.parametrize("selection", ["specific", "fewer recent ones than set"])
def test_more_posts_are_proposed_only_if_there_may_be_more(
    selection: str, read: Read, post_ids: PostIds, caplog: pytest.LogCaptureFixture
) -> None:
    config: dict[str, Any] = {}
    if selection == "specific":
        posts = post_ids(2)
        settings: dict[str, Any] = {"tweet_selection": "specific", "tweets": posts}
    else:
        posts = post_ids(10)
        settings = {"number_of_tweets": 20}
        config = {"budget": {"max_cost_usd": 0.052, "app_owner_id": "1"}}
    read(STREAM, config=config, specific_date=str(day_of(posts[-1]) - timedelta(1)), **settings)
    (warning,) = warnings(caplog)
    expected = f"all of its {len(posts)} posts are newer. To count posts, end the report later."
    assert warning.endswith(expected)


def test_one_post_that_is_old_enough_is_enough(
    read: Read, post_ids: PostIds, caplog: pytest.LogCaptureFixture
) -> None:
    read(STREAM, number_of_tweets=3, specific_date=str(day_of(post_ids(3)[-1])))
    assert warnings(caplog) == []
