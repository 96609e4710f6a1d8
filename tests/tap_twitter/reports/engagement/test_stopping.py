"""Reads that stop on their way: by a budget, by an account that is refused, by a kill."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from support.engagement_reports import STREAM, questions, stored
from support.harness import Messages, account_of, selecting, tap_config

from sandbox.credentials import NEWS, OWNER
from tap_twitter.errors import RunError
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from support.engagement_reports import PostIds, Read

    from sandbox import Sandbox
    from tap_twitter.clock import Clock

SPRING: dict[str, Any] = {
    "start_date_type": "specific",
    "specific_start_date": "2026-05-01",
    "engagement_metrics": ["impressions"],
    "group_by": ["tweet", "date"],
}
"""Three windows."""
JULY = {"specific_start_date": "2026-07-01"}
TODAY = {"days_back_to_end_at": 0}
DAY = 86_400


def specific(tweets: Sequence[str]) -> dict[str, Any]:
    return {"tweet_selection": "specific", "tweets": list(tweets)}


def test_a_run_that_ends_early_is_gone_on_with(
    sandbox: Sandbox, read: Read, post_ids: PostIds
) -> None:
    settings = {**specific(post_ids(26)), **SPRING}
    whole = read(STREAM, **settings)
    requests = len(questions(sandbox))
    assert requests == 2 * 3
    sandbox.engagement.asked.clear()
    runs: list[Messages] = []
    for _ in range(requests):
        state = runs[-1].states[-1] if runs else None
        runs.append(read(STREAM, state=state, config={"budget": {"max_requests": 1}}, **settings))
    assert len(questions(sandbox)) == requests
    assert stored(*runs) == stored(whole)
    assert all(len(json.dumps(state)) < 700 for run in runs for state in run.states)


@pytest.mark.parametrize("group_by", [["tweet", "date"], ["date"]], ids=",".join)
def test_a_long_read_goes_on_from_day_to_day(
    sandbox: Sandbox, read: Read, post_ids: PostIds, group_by: list[str]
) -> None:
    settings = {**specific(post_ids(26)), **SPRING, **TODAY, "group_by": group_by}
    settings |= {"specific_start_date": "2026-02-15"}
    runs: list[Messages] = []
    for _ in range(6):
        state = runs[-1].states[-1] if runs else None
        runs.append(read(STREAM, state=state, config={"budget": {"max_requests": 4}}, **settings))
        sandbox.clock.advance(86_400)
    sandbox.clock.advance(-86_400)
    starts = Counter(asked.body["start"][:10] for asked in questions(sandbox))
    assert starts["2026-02-15"] == 2
    assert len(questions(sandbox)) < 6 * 4
    assert stored(*runs) == stored(read(STREAM, **settings))


def test_what_fails_in_the_middle_goes_on_there(
    sandbox: Sandbox, read: Read, post_ids: PostIds, clock: Clock, tmp_path: Path
) -> None:
    settings = {**specific(post_ids(60)), **SPRING, **JULY}
    whole = read(STREAM, **settings)
    assert len(questions(sandbox)) == 3
    sandbox.engagement.asked.clear()
    sandbox.faults.add(
        "service_unavailable", path="/insights/engagement/historical", nth=3, count=None
    )
    config = {**tap_config(sandbox, tmp_path), "engagement": settings}
    broken = Messages()
    tap = TapTwitter(config=config, catalog=selecting(config, [STREAM]), message_writer=broken)
    tap.run_context.clock = clock
    with pytest.raises(RunError, match=r"the last try"):
        tap.run()
    sandbox.faults.clear()
    rest = read(STREAM, state=broken.states[-1], **settings)
    assert len(questions(sandbox)) == 3
    assert stored(broken, rest) == stored(whole)


@pytest.mark.parametrize("start", ["specific", "relative"])
def test_a_new_recent_post_lets_no_window_be_read_again(
    sandbox: Sandbox, read: Read, post_ids: PostIds, start: str
) -> None:
    dates = {"start_date_type": start, "days_back_to_start_from": 75}
    settings = {"number_of_tweets": 30, **SPRING, **dates}
    old = post_ids(30)
    runs = [read(STREAM, config={"budget": {"max_requests": 2 + 3}}, **settings)]
    posted = str(sandbox.world.timelines.add(OWNER.user_id, "New blends today."))
    assert post_ids(30)[0] == posted
    for _ in range(4):
        config, state = {"budget": {"max_requests": 2}}, runs[-1].states[-1]
        assert len(json.dumps(state)) < 900
        runs.append(read(STREAM, state=state, config=config, **settings))
    asked = [
        (tweet, asked.body["start"])
        for asked in questions(sandbox)
        for tweet in asked.body["tweet_ids"]
    ]
    assert len(asked) == len(set(asked))
    kept = sorted(old, key=int)[1:]
    whole = stored(read(STREAM, **settings))
    assert {row["tweet_id"] for row in whole.values()} == {posted, *kept}
    assert whole.items() <= stored(*runs).items()


def test_days_are_gone_on_with_where_an_account_was_refused_in_the_middle(
    sandbox: Sandbox, post_ids: PostIds, read: Read, tmp_path: Path, clock: Any
) -> None:
    tweets = [*post_ids(30), *post_ids(3, NEWS.user_id)]
    engagement = {**specific(tweets), **SPRING}
    accounts = {"accounts": [account_of(OWNER, name="tea"), account_of(NEWS, name="news")]}
    whole = read(STREAM, config=accounts, **engagement)
    config = {**tap_config(sandbox, tmp_path), **accounts, "engagement": engagement}
    sandbox.engagement.asked.clear()
    broken = Messages()
    tap = TapTwitter(config=config, catalog=selecting(config, [STREAM]), message_writer=broken)
    tap.run_context.clock = clock
    sandbox.faults.add("unauthorized", path="/insights/engagement/historical", nth=6, count=1)
    with pytest.raises(RunError, match="account 'tea'"):
        tap.run()
    rest = read(STREAM, state=broken.states[-1], config=accounts, **engagement)
    assert stored(broken, rest) == stored(whole)


@pytest.mark.parametrize(
    ("stream", "group_by", "words"),
    [
        (STREAM, ["tweet"], "starts again with the sums that it has not finished"),
        (STREAM, ["tweet", "date"], "resumes there"),
        ("engagement_28hr", ["tweet"], "reads it again"),
    ],
    ids=["sums", "days", "snapshot"],
)
def test_the_end_of_a_budget_says_what_the_next_run_does(
    read: Read, post_ids: PostIds, caplog: pytest.LogCaptureFixture, stream: str,
    group_by: list[str], words: str,
) -> None:  # fmt: skip
    settings = {**specific(post_ids(30)), **SPRING}
    read(stream, config={"budget": {"max_requests": 1}}, **settings | {"group_by": group_by})
    (warning,) = (each.message for each in caplog.records if "used up" in each.message)
    assert words in warning
