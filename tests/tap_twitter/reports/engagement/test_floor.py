"""How far back X counts: its pages have two answers, and only a refusal tells which one holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.engagement_reports import STREAM, questions

from sandbox.credentials import NEWS
from tap_twitter.errors import RunError

if TYPE_CHECKING:
    from support.engagement_reports import PostIds, Read

    from sandbox import Sandbox

FLOOR = datetime(2025, 7, 16, tzinfo=UTC)
"""364 days before the sandbox's day."""


def report(first: datetime, **more: Any) -> dict[str, Any]:
    return {
        "start_date_type": "specific",
        "specific_start_date": first.date().isoformat(),
        "engagement_metrics": ["impressions"],
        "number_of_tweets": 2,
        **more,
    }


def test_days_that_x_no_longer_has_are_left_out_with_a_warning(
    sandbox: Sandbox, read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.engagement.days_kept = 365
    settings = report(FLOOR - timedelta(days=40))
    run = read(STREAM, **settings)
    assert min(row["date"] for row in run.records) == FLOOR.date().isoformat()
    assert sum(entry.status == 400 for entry in sandbox.requests) == 1
    (warning,) = (each.message for each in caplog.records if "365 days" in each.message)
    assert "starts on 2025-07-16 in this run" in warning
    asked = len(questions(sandbox))
    read(STREAM, state=run.states[-1], **settings)
    assert len(questions(sandbox)) == asked + 1


def test_all_days_are_read_where_x_has_them(sandbox: Sandbox, read: Read) -> None:
    first = FLOOR - timedelta(days=40)
    rows = read(STREAM, **report(first)).records
    assert min(row["date"] for row in rows) == first.date().isoformat()


def test_sums_say_from_when_on_they_were_counted(sandbox: Sandbox, read: Read) -> None:
    sandbox.engagement.days_kept = 365
    settings = report(FLOOR - timedelta(days=40), group_by=["tweet"])
    rows = read(STREAM, **settings).records
    assert {row["start"] for row in rows} == {"2025-07-16T00:00:00Z"}


def test_a_report_of_which_nothing_is_left_is_an_error_with_a_hint(
    sandbox: Sandbox, read: Read
) -> None:
    sandbox.engagement.days_kept = 365
    end = {"end_date_type": "specific", "specific_end_date": "2025-07-15"}
    with pytest.raises(RunError, match="End the report after 2025-07-16"):
        read(STREAM, **report(FLOOR - timedelta(days=40), **end))
    assert not questions(sandbox)


def test_another_refusal_is_told_as_it_is(
    sandbox: Sandbox, read: Read, post_ids: PostIds, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.engagement.days_kept = 20
    tweets = [*post_ids(1), *post_ids(1, NEWS.user_id)]
    specific = {"tweet_selection": "specific", "tweets": tweets}
    with pytest.raises(RunError, match="says that the request is invalid"):
        read(STREAM, **report(FLOOR - timedelta(days=10), **specific))
    assert sum("365 days" in each.message for each in caplog.records) == 1
