from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_twitter.dates import Period
from tap_twitter.errors import StateError
from tap_twitter.reports.engagement.grouping import groupings
from tap_twitter.reports.engagement.progress import Progress
from tap_twitter.reports.engagement.questions import Wanted

JULY = Period.of_days(date(2026, 7, 1), date(2026, 7, 31))
FIRST = Progress("a subject")
WANTED = Wanted(("impressions",), groupings(["tweet", "date"]))


def starts(progress: Progress, tweets: tuple[str, ...], lookback: int = 2) -> dict[str, str]:
    """From when on each post is read."""
    return {
        tweet: sweep.period.start.date().isoformat()
        for sweep in progress.sweeps(tweets, JULY, lookback)
        for tweet in sweep.tweets
    }


def test_known_posts_go_on_and_new_ones_are_read_from_the_start() -> None:
    progress = FIRST.finished(("30", "20", "25"), date(2026, 7, 10))
    assert starts(FIRST, ("20", "30")) == {"20": "2026-07-01", "30": "2026-07-01"}
    assert starts(progress, ("40", "30", "25", "3", "199")) == {
        "30": "2026-07-09",
        "25": "2026-07-09",
        "40": "2026-07-01",
        "3": "2026-07-01",
        "199": "2026-07-01",
    }
    assert starts(progress, ("30",), lookback=0) == {"30": "2026-07-11"}


def test_a_lookback_does_not_reach_behind_the_start() -> None:
    progress = FIRST.finished(("20",), date(2026, 7, 1))
    assert starts(progress, ("20",), lookback=30) == {"20": "2026-07-01"}


def test_a_range_that_is_all_read_leaves_nothing() -> None:
    progress = FIRST.finished(("20",), date(2026, 7, 31))
    assert not progress.sweeps(("20",), JULY, 0)
    assert not FIRST.sweeps((), JULY, 0)


def test_before_the_first_day_is_over_everything_is_read_again() -> None:
    progress = FIRST.finished(("20",), date(2026, 6, 30))
    assert starts(progress, ("20",)) == {"20": "2026-07-01"}


def begun(progress: Progress, tweets: tuple[str, ...], until: datetime) -> Progress:
    """A read of 31 days at most, in windows of four weeks, with a lookback of two days."""
    sweeps = progress.sweeps(tweets, JULY.until(until), 2)
    steps = [step for sweep in sweeps for step in WANTED.steps(sweep, 25)]
    return progress.begun(sweeps, steps, until, 2)


def test_a_read_that_was_broken_off_goes_on_at_its_step() -> None:
    stopped = begun(FIRST, ("20", "21"), JULY.end).stepped(2)
    assert begun(stopped, ("20", "21"), JULY.end + timedelta(hours=5)).step == 2
    assert begun(stopped, ("20", "22"), JULY.end).step == 0
    assert stopped.finished(("20", "21"), date(2026, 7, 31)).step == 0


@pytest.mark.parametrize(
    ("day", "step"),
    [(20, 0), (29, 0), (30, 0), (31, 1)],
    ids=["in the window", "at its end", "in the lookback", "settled"],
)
def test_on_a_later_day_only_windows_that_were_settled_are_kept(day: int, step: int) -> None:
    stopped = begun(FIRST, ("20", "21"), datetime(2026, 7, day, tzinfo=UTC)).stepped(2)
    assert begun(stopped, ("20", "21"), JULY.end + timedelta(days=1)).step == step


def test_another_subject_begins_anew() -> None:
    cursor = FIRST.finished(("20",), date(2026, 7, 10)).as_cursor()
    assert Progress.from_cursor(cursor, "a subject").through == "2026-07-10"
    assert Progress.from_cursor(cursor, "another") == Progress("another")
    assert Progress.from_cursor(None, "another") == Progress("another")


@given(st.lists(st.integers(1, 2**63 - 1).map(str), max_size=100), st.dates())
def test_the_bookmark_stays_small_and_comes_back_as_it_was(tweets: list[str], day: date) -> None:
    progress = FIRST.finished(tuple(tweets), day)
    cursor = json.loads(json.dumps(progress.as_cursor()))
    assert Progress.from_cursor(cursor, "a subject") == progress
    assert len(json.dumps(cursor)) < 200


@pytest.mark.parametrize(
    "cursor",
    [
        [],
        "text",
        {},
        {"subject": "a subject", "through": "soon"},
        {"subject": "a subject", "through": 5},
        {"subject": "a subject", "step": "3"},
        {"subject": "a subject", "newest": "x", "oldest": "1"},
        {"subject": "a subject", "unknown": 1},
    ],
    ids=str,
)
def test_a_damaged_bookmark_is_named(cursor: Any) -> None:
    with pytest.raises(StateError, match=r"historical_engagement\.partitions"):
        Progress.from_cursor(cursor, "a subject")


@given(
    through=st.dates(date(2026, 6, 20), date(2026, 8, 10)),
    lookback=st.integers(0, 40),
    known=st.lists(st.integers(100, 200), max_size=8, unique=True),
    new=st.lists(st.integers(1, 99), max_size=8, unique=True),
)
def test_every_post_is_in_one_sweep_that_reaches_the_end(
    through: date, lookback: int, known: list[int], new: list[int]
) -> None:
    progress = FIRST.finished(("100", "200"), through)
    tweets = tuple(map(str, [*new, *known]))
    sweeps = progress.sweeps(tweets, JULY, lookback)
    read = [tweet for sweep in sweeps for tweet in sweep.tweets]
    assert len(read) == len(set(read))
    assert all(sweep.period.end == JULY.end for sweep in sweeps)
    assert set(map(str, new)) <= set(read)
    unread_day = through + timedelta(days=1 - lookback)
    if unread_day <= date(2026, 7, 31):
        assert set(tweets) == set(read)
