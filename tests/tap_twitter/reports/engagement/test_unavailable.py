"""Posts that X calls unavailable and counts again later: rows tell the present, and no day is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.engagement_reports import STREAM, questions, stored
from support.harness import Messages, account_of, selecting, tap_config

from sandbox.credentials import NEWS, OWNER
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from pathlib import Path

    from support.engagement_reports import PostIds, Read
    from support.sandbox_clock import SandboxClock

    from sandbox import Sandbox

JULY = {"start_date_type": "specific", "specific_start_date": "2026-07-01"}
USUAL: dict[str, Any] = {"tweet_selection": "specific", "engagement_metrics": ["impressions"]}
DAY = 86_400


def counts(rows: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {key: row for key, row in rows.items() if row["count"] is not None}


def statuses(rows: dict[str, dict[str, Any]], tweet: str) -> set[str]:
    return {
        row["status"] for row in rows.values() if row["tweet_id"] == tweet and row["count"] is None
    }


def until_the_return(
    sandbox: Sandbox, read: Read, tweet: str, *, config: Any = None, **settings: Any
) -> list[Messages]:
    """Runs on two days on which a post is unavailable; on the third one it is there again."""
    runs: list[Messages] = []
    sandbox.engagement.withheld = {tweet}
    for _ in range(2):
        state = runs[-1].states[-1] if runs else None
        runs.append(read(STREAM, state=state, config=config, **settings))
        sandbox.clock.advance(DAY)
    sandbox.engagement.withheld.clear()
    return runs


def on_three_days(
    sandbox: Sandbox, read: Read, tweet: str, *, config: Any = None, **settings: Any
) -> list[Messages]:
    """The same, with the run on the third day."""
    runs = until_the_return(sandbox, read, tweet, config=config, **settings)
    return [*runs, read(STREAM, state=runs[-1].states[-1], config=config, **settings)]


@pytest.mark.parametrize(
    ("group_by", "dates"),
    [
        (["tweet", "date"], JULY),
        (["tweet", "date"], {"days_back_to_start_from": 40}),
        (["tweet"], JULY),
        (["date"], JULY),
        ([["tweet", "date"], ["date"]], JULY),
    ],
    ids=["goes on", "relative", "undated", "sums", "with sums"],
)
def test_a_post_that_returns_is_read_whole(
    sandbox: Sandbox, read: Read, post_ids: PostIds, group_by: Any, dates: dict[str, Any]
) -> None:
    settings = {**USUAL, **dates, "tweets": post_ids(3), "group_by": group_by}
    returning = post_ids(3)[1]
    runs = on_three_days(sandbox, read, returning, **settings)
    assert statuses(stored(*runs[:2]), returning) == {"unavailable"}
    assert "returned" in statuses(stored(*runs[2:]), returning)
    whole = stored(read(STREAM, **settings))
    assert counts(whole)
    assert counts(whole).items() <= stored(*runs).items()
    again = read(STREAM, state=runs[-1].states[-1], **settings)
    assert not statuses(stored(again), returning)


def test_the_progress_has_no_requests_that_a_return_makes_needless(
    sandbox: Sandbox, read: Read, post_ids: PostIds, clock: SandboxClock, tmp_path: Path
) -> None:
    settings = {**USUAL, "tweets": post_ids(30), "start_date_type": "specific"}
    settings |= {"specific_start_date": "2026-05-01", "group_by": ["tweet", "date"]}
    runs = until_the_return(sandbox, read, settings["tweets"][0], **settings)
    config = {**tap_config(sandbox, tmp_path), "engagement": settings}
    catalog, state = selecting(config, [STREAM]), runs[-1].states[-1]
    tap = TapTwitter(config=config, catalog=catalog, state=state, message_writer=Messages())
    tap.run_context.clock = clock
    tap.run()
    task = tap.run_context.progress._of(STREAM)
    assert task.total
    assert (task.done, task.unit) == (task.total, "planned requests")


def test_where_rows_have_dates_the_row_without_a_count_says_that_the_post_returned(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    settings = {**USUAL, **JULY, "tweets": post_ids(2), "group_by": ["tweet", "date"]}
    returning = post_ids(1)[0]
    runs = on_three_days(sandbox, read, returning, **settings)
    assert statuses(stored(*runs), returning) == {"returned"}
    (row,) = (row for row in stored(*runs).values() if row["status"] == "returned")
    assert (row["group_by"], row["engagement_type"], row["date"]) == (None, None, None)


def test_known_posts_are_asked_no_more_often_for_the_sake_of_one_that_is_unavailable(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    settings = {**USUAL, **JULY, "tweets": post_ids(3)}
    sandbox.world.timelines.delete(int(post_ids(1)[0]))
    first = read(STREAM, **settings)
    sandbox.clock.advance(DAY)
    sandbox.engagement.asked.clear()
    read(STREAM, state=first.states[-1], **settings)
    assert [asked.body["start"][:10] for asked in questions(sandbox)] == ["2026-07-13"]


def test_a_post_that_returns_to_another_account_is_read_whole_there(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    accounts = {"accounts": [account_of(OWNER, name="tea"), account_of(NEWS, name="news")]}
    older, returning, newer = reversed(post_ids(3, NEWS.user_id))
    settings = {**USUAL, **JULY, "tweets": [*post_ids(2), older, returning, newer]}
    runs = on_three_days(sandbox, read, returning, config=accounts, **settings)
    whole = stored(read(STREAM, config=accounts, **settings))
    assert counts(whole).items() <= stored(*runs).items()
    assert statuses(stored(*runs), returning) == {"returned"}
    assert {row["tweet_id"] for row in counts(whole).values()} == set(settings["tweets"])


def test_a_stop_right_after_the_return_leaves_nothing_out(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    settings = {**USUAL, "tweets": post_ids(30), "start_date_type": "specific"}
    settings |= {"specific_start_date": "2026-05-01"}
    returning = post_ids(30)[1]
    runs = until_the_return(sandbox, read, returning, **settings)
    for _ in range(9):
        budget = {"budget": {"max_requests": 1}}
        runs.append(read(STREAM, state=runs[-1].states[-1], config=budget, **settings))
    whole = stored(read(STREAM, **settings))
    assert counts(whole).items() <= stored(*runs).items()
