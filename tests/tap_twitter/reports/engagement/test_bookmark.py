from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tap_twitter.dates import Period, hour_of, midnight
from tap_twitter.errors import StateError
from tap_twitter.reports.engagement.bookmark import EngagementBookmark
from tap_twitter.reports.engagement.grouping import groupings
from tap_twitter.reports.engagement.requests import Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_twitter.reports.engagement.bookmark import Stage
    from tap_twitter.reports.engagement.requests import Step

JULY = Period.of_days(date(2026, 7, 1), date(2026, 7, 31))
NEW = EngagementBookmark("a subject")
WANTED = Wanted(("impressions",), groupings(["tweet", "date"]))
POSTS_PER_REQUEST = 3


def day(number: int, hour: int = 0) -> datetime:
    """A moment of July; later numbers go on into August."""
    return JULY.start + timedelta(days=number - 1, hours=hour)


def newest_first(tweets: Sequence[str]) -> list[str]:
    return sorted(tweets, key=int, reverse=True)


def begun(
    progress: EngagementBookmark,
    tweets: Sequence[str],
    now: datetime,
    lookback: int = 2,
    last: int = 31,
) -> tuple[EngagementBookmark, list[tuple[Stage, Step]]]:
    """A run about July up to a day: the progress with which it begins, and its requests."""
    period = JULY.until(min(now, day(last + 1)))
    progress = progress.resumed(tweets, period, now, lookback, None)
    stages = progress.stages(newest_first(tweets), period)
    return progress, [
        (stage, step) for stage in stages for step in WANTED.steps(stage.sweep, POSTS_PER_REQUEST)
    ]


def read(progress: EngagementBookmark, tweets: Sequence[str], now: datetime) -> EngagementBookmark:
    """The progress after a run that ends well."""
    return begun(progress, tweets, now)[0].finished(tweets, JULY.until(now).end)


def starts(
    progress: EngagementBookmark, tweets: Sequence[str], now: datetime, lookback: int = 2
) -> dict[str, str]:
    """From when on a run reads each post."""
    found: dict[str, str] = {}
    for _, step in begun(progress, tweets, now, lookback)[1]:
        assert step.question.period
        for tweet in step.question.tweets:
            found.setdefault(tweet, step.question.period.start.date().isoformat())
    return found


def stopped(
    progress: EngagementBookmark, tweets: Sequence[str], now: datetime, requests: int
) -> EngagementBookmark:
    """The progress after so many requests, as the bookmark tells it."""
    stage, step = begun(progress, tweets, now)[1][requests - 1]
    return EngagementBookmark.from_cursor(kept(stage.after(step.position)), "a subject")


def kept(progress: EngagementBookmark) -> Any:
    """The bookmark as a state file gives it back."""
    return json.loads(json.dumps(progress.as_cursor()))


def asked(
    progress: EngagementBookmark, tweets: Sequence[str], now: datetime, last: int = 31
) -> list[tuple[str, str]]:
    """The requests of a run: their posts and days."""
    _, steps = begun(progress, tweets, now, last=last)
    periods = [(step.question.tweets, step.question.period) for _, step in steps]
    return [
        (" ".join(tweets), f"{each.start:%d}-{each.end:%d}") for tweets, each in periods if each
    ]


def test_known_posts_go_on_and_new_ones_are_read_from_the_start() -> None:
    progress = read(NEW, ("30", "20", "25"), day(11, 15))
    assert starts(NEW, ("20", "30"), day(12)) == {"20": "2026-07-01", "30": "2026-07-01"}
    assert starts(progress, ("40", "30", "25", "3", "199"), day(12)) == {
        "30": "2026-07-09",
        "25": "2026-07-09",
        "40": "2026-07-01",
        "3": "2026-07-01",
        "199": "2026-07-01",
    }
    assert starts(progress, ("30",), day(12), lookback=0) == {"30": "2026-07-11"}


def test_a_lookback_does_not_reach_behind_the_start() -> None:
    progress = read(NEW, ("20",), day(2))
    assert starts(progress, ("20",), day(3), lookback=30) == {"20": "2026-07-01"}


def test_a_range_that_has_settled_leaves_nothing() -> None:
    progress = NEW
    for number, start in [(32, "01"), (33, "30"), (34, "31")]:
        assert starts(progress, ("20",), day(number)) == {"20": f"2026-07-{start}"}
        progress = read(progress, ("20",), day(number))
    assert not starts(progress, ("20",), day(35))
    assert not starts(NEW, (), day(35))


def test_before_the_first_day_is_over_everything_is_read_again() -> None:
    progress = read(NEW, ("20",), day(1, 5))
    assert starts(progress, ("20",), day(1, 7)) == {"20": "2026-07-01"}


FOUR = ("20", "21", "22", "23")


def test_a_read_that_was_broken_off_goes_on_at_its_request() -> None:
    whole = asked(NEW, FOUR, JULY.end)
    assert whole == [("23 22 21", "01-29"), ("20", "01-29"), ("23 22 21", "29-01"), ("20", "29-01")]
    for done in range(1, len(whole)):
        progress = stopped(NEW, FOUR, JULY.end, done)
        assert asked(progress, FOUR, JULY.end + timedelta(hours=5)) == whole[done:]


@pytest.mark.parametrize(
    ("done", "tweets", "left"),
    [
        (1, "24 23 22 21", [("24", "01-29"), ("24 23 22", "29-01"), ("21", "29-01")]),
        (2, "24 23 22 21", [("24", "01-29"), ("24 23 22", "29-01"), ("21", "29-01")]),
        (1, "24 23 22 20", [("20", "01-29"), ("24", "01-29"), ("24 23 22", "29-01"), ("20", "29-01")]),
        (3, "24 23 21 20", [("20", "29-01"), ("24", "01-29"), ("24", "29-01")]),
        (2, "23 21 20 19", [("19", "01-29"), ("23 21 20", "29-01"), ("19", "29-01")]),
        (3, "26 25 24", [("26 25 24", "01-29"), ("26 25 24", "29-01")]),
    ],
    ids=["the oldest leaves", "window ended", "in a window", "in the last one", "older", "all new"],
)  # fmt: skip
def test_posts_that_enter_while_a_read_is_broken_off_catch_up(
    done: int, tweets: str, left: list[tuple[str, str]]
) -> None:
    progress = stopped(NEW, FOUR, JULY.end, done)
    assert asked(progress, tweets.split(), JULY.end) == left


def test_who_catches_up_goes_on_with_that() -> None:
    known = read(NEW, FOUR, day(30))
    more = ("30", "29", "28", "27", *FOUR)
    catching_up = [("30 29 28", "01-28"), ("27", "01-28")]
    together = [("30 29 28", "28-01"), ("27 23 22", "28-01"), ("21 20", "28-01")]
    assert asked(known, more, JULY.end) == [*catching_up, *together]
    progress = stopped(known, more, JULY.end, 1)
    assert asked(progress, more, JULY.end) == [*catching_up[1:], *together]
    assert asked(progress, ("31", *more), JULY.end) == [
        ("27", "01-28"),
        ("31", "01-28"),
        ("31 30 29", "28-01"),
        ("28 27 23", "28-01"),
        ("22 21 20", "28-01"),
    ]


@pytest.mark.parametrize(
    ("number", "left"),
    [(2, "01"), (20, "18"), (29, "27"), (30, "28"), (31, "29"), (39, "29")],
    ids=["at the start", "in a window", "at its end", "in the lookback", "settled", "long settled"],
)
def test_on_a_later_day_only_what_had_settled_is_kept(number: int, left: str) -> None:
    progress = stopped(NEW, FOUR, day(number), 2)
    _, begin = asked(progress, FOUR, day(40))[0]
    assert begin[:2] == left


def test_a_window_that_had_not_settled_is_read_again_for_all_posts() -> None:
    progress = stopped(NEW, FOUR, day(31), 3)
    assert asked(progress, FOUR, day(40))[0] == ("23 22 21", "29-01")


@pytest.mark.parametrize(
    ("done", "tweets"),
    [(1, "24 23 22 21 20"), (2, "24 23 22 21 20"), (2, "24"), (2, "25 24")],
    ids=["known ones done", "all done", "known ones left", "others come"],
)
def test_the_present_day_is_read_again_from_its_beginning(done: int, tweets: str) -> None:
    known = stopped(NEW, FOUR, day(15, 12), 1)
    progress = stopped(known, ("24", *FOUR), day(15, 13), done)
    _, steps = begun(progress, tweets.split(), day(15, 14))
    last = {each: step.question.period for _, step in steps for each in step.question.tweets}
    assert last == dict.fromkeys(tweets.split(), Period(day(15), day(15, 14)))


def test_nothing_is_read_behind_an_end_that_was_moved_earlier() -> None:
    known = read(NEW, FOUR, day(20))
    more = ("24", *FOUR)
    assert asked(known, more, day(20), last=5) == [("24", "01-06")]
    caught_up = stopped(known, more, day(20), 1)
    assert asked(caught_up, ("25", "24"), day(20), last=5) == [("25", "01-06")]


def test_sums_over_other_posts_begin_anew() -> None:
    progress = replace(stopped(NEW, FOUR, JULY.end, 2), posts="those")
    for posts, is_kept in [("those", True), ("others", False)]:
        resumed = progress.resumed(FOUR, JULY, JULY.end, 2, posts)
        assert (resumed.read is not None) is is_kept
        assert resumed.posts == posts


def test_another_subject_begins_anew_but_for_the_posts_without_counts() -> None:
    cursor = kept(read(NEW, ("20",), day(11)))
    assert EngagementBookmark.from_cursor(cursor, "a subject").read
    assert EngagementBookmark.from_cursor(cursor, "another") == EngagementBookmark("another")
    assert EngagementBookmark.from_cursor(None, "another") == EngagementBookmark("another")
    gone = {**cursor, "gone": ["20"]}
    assert EngagementBookmark.from_cursor(gone, "another") == EngagementBookmark(
        "another", gone=frozenset({"20"})
    )


IDS = st.integers(1, 2**63 - 1).map(str)
MOMENTS = st.datetimes(datetime(2014, 9, 1), timezones=st.just(UTC))  # noqa: DTZ001 - it has to be


@given(st.lists(IDS, min_size=1, max_size=100), MOMENTS, st.sets(IDS))
def test_the_bookmark_stays_small_and_comes_back_as_it_was(
    tweets: list[str], end: datetime, gone: set[str]
) -> None:
    period = JULY.until(day(20))
    progress = NEW.resumed(tweets, period, hour_of(end), 2, "posts").finished(tweets, hour_of(end))
    assert len(json.dumps(kept(progress))) < 330
    progress = replace(progress, behind=progress.read, gone=frozenset(gone))
    assert EngagementBookmark.from_cursor(kept(progress), "a subject") == progress


REACH = {"oldest": "1", "newest": "2", "at": "2026-07-01T00:00:00Z", "part": 0, "below": None}
CURSOR: dict[str, Any] = {
    "subject": "a subject",
    "until": "2026-07-02T00:00:00Z",
    "end": "2026-07-02T00:00:00Z",
    "is_over": False,
    "posts": None,
    "read": REACH,
    "behind": None,
    "gone": [],
}


@pytest.mark.parametrize(
    "cursor",
    [
        [],
        "text",
        {},
        {**CURSOR, "until": "soon"},
        {**CURSOR, "until": 5},
        {**CURSOR, "end": "soon"},
        {**CURSOR, "gone": "x"},
        {**CURSOR, "gone": None},
        {**CURSOR, "read": "x"},
        {**CURSOR, "behind": []},
        {**CURSOR, "read": {**REACH, "at": None}},
        {**CURSOR, "read": {**REACH, "newest": "x"}},
        {**CURSOR, "read": {**REACH, "part": "x"}},
        {**CURSOR, "read": {"oldest": "1"}},
    ],
    ids=str,
)
def test_a_damaged_bookmark_is_named(cursor: Any) -> None:
    assert EngagementBookmark.from_cursor(CURSOR, "a subject").read
    with pytest.raises(StateError, match=r"historical_engagement\.partitions"):
        EngagementBookmark.from_cursor(cursor, "a subject")


class Run(NamedTuple):
    """What happens until a run, and how far it gets.

    Attributes:
        hours: How many pass.
        new: How many posts come.
        lost: How many posts are deleted.
        number: How many the report has.
        requests: How many requests it may make.
        earlier: By how many days the report's end is moved; less than 0 is later.
    """

    hours: int
    new: int
    lost: int
    number: int
    requests: int
    earlier: int = 0


def runs(most_hours: int, *, loses: bool) -> st.SearchStrategy[list[Run]]:
    run = st.builds(
        Run,
        hours=st.integers(0, min(5, most_hours)) | st.integers(0, most_hours),
        new=st.integers(0, 4),
        lost=st.integers(0, 2 if loses else 0),
        number=st.integers(3, 9) if loses else st.just(6),
        requests=st.integers(1, 30),
        earlier=st.just(0) | (st.integers(-9, 9) if loses else st.just(0)),
    )
    return st.lists(run, min_size=1, max_size=10)


class Read(NamedTuple):
    """What a post's counts of a day were read from last: they replace those from before.

    Attributes:
        period: What X was asked for.
        now: When.
        times: How often the day was read.
    """

    period: Period
    now: datetime
    times: int = 1


class World:
    """Posts that come and go while runs read their engagement in July."""

    def __init__(self, lookback: int, packs: int) -> None:
        self.now = day(2)
        self.posts = [str(number) for number in range(9, 0, -1)]
        self.tweets = self.posts
        self.reads: dict[tuple[str, int, datetime], Read] = {}
        words = [["tweet", "date"], ["tweet", "hour"], ["tweet", "engagement_type", "date"]]
        names = [*words, ["tweet", "engagement_type", "hour"]][: 4 if packs == 2 else 1]
        self._wanted = Wanted(("impressions",), groupings(names))
        self._lookback = lookback
        self._cursor: Any = None
        self._newest = 9
        self._report = JULY

    def run(self, run: Run) -> bool:
        """Whether the run has read everything."""
        self.now += timedelta(hours=run.hours)
        del self.posts[: run.lost]
        ids = range(self._newest + run.new, self._newest, -1)
        self.posts = [*map(str, ids), *self.posts]
        self._newest += run.new
        self.tweets = self.posts[: run.number]
        end = max(day(2), min(self._report.end - timedelta(days=run.earlier), JULY.end))
        self._report = Period(JULY.start, end)
        now, period = hour_of(self.now), self.period
        progress = EngagementBookmark.from_cursor(self._cursor, "a subject")
        progress = progress.resumed(self.tweets, period, now, self._lookback, None)
        requests = 0
        for stage in progress.stages(self.tweets, period):
            for step in self._wanted.steps(stage.sweep, POSTS_PER_REQUEST):
                if requests == run.requests:
                    return False
                requests += 1
                self._note(step)
                self._cursor = kept(stage.after(step.position))
        self._cursor = kept(progress.finished(self.tweets, period.end))
        return True

    @property
    def period(self) -> Period:
        """The report's time."""
        return self._report.until(hour_of(self.now))

    def _note(self, step: Step) -> None:
        period = step.question.period
        assert period
        assert self.period.start <= period.start < period.end <= self.period.end
        days = [each.start for each in Period(midnight(period.start.date()), period.end).windows(1)]
        for tweet, grouping, when in product(step.question.tweets, step.question.groupings, days):
            key = (tweet, self._wanted.groupings.index(grouping), when)
            before = self.reads.get(key)
            self.reads[key] = Read(period, self.now, before.times + 1 if before else 1)

    def is_read(self, tweet: str, grouping: int, when: datetime) -> bool:
        """Whether a day's last count was of all of it, and final or of the present day.

        A read that was broken off lacks the hours of the present day since then, and all of it
        where it had not begun.
        """
        last = self.reads.get((tweet, grouping, when))
        if last is None:
            return when == midnight(self.now.date())
        over = when + timedelta(days=1)
        is_whole = last.period.start <= when and min(over, hour_of(last.now)) <= last.period.end
        settled = over + timedelta(days=self._lookback) <= midnight(last.now.date())
        return is_whole and (settled or last.now.date() == self.now.date())


@given(runs(40 * 24, loses=True), st.integers(0, 9), st.sampled_from([1, 2]))
@example([Run(0, 0, 0, 3, 1), Run(24, 4, 0, 5, 1), Run(0, 0, 0, 3, 1)], 0, 1)
@example([Run(12, 0, 0, 6, 1), Run(1, 1, 0, 7, 1), Run(1, 0, 0, 7, 9)], 0, 1)
def test_whatever_stops_runs_no_day_of_no_post_is_left_out(
    given_runs: list[Run], lookback: int, packs: int
) -> None:
    world = World(lookback, packs)
    for run in given_runs:
        if world.run(run):
            days = [day(number) for number in range(1, 32) if day(number) < world.period.end]
            numbers = range(4 if packs == 2 else 1)
            missing = [
                (tweet, number, when)
                for tweet, number, when in product(world.tweets, numbers, days)
                if not world.is_read(tweet, number, when)
            ]
            assert not missing


@given(runs(0, loses=False), st.sampled_from([1, 2]))
@example([Run(0, 0, 0, 6, 5), Run(0, 1, 0, 6, 3), Run(0, 0, 0, 6, 5)], 2)
def test_nothing_is_read_twice_in_a_read_that_was_stopped(
    given_runs: list[Run], packs: int
) -> None:
    """As long as a post stays with which it began; else a window that was begun is, once."""
    world = World(2, packs)
    world.now = JULY.end
    come = 0
    for run in given_runs:
        come += run.new
        if come >= run.number or world.run(run):
            break
    assert max((each.times for each in world.reads.values()), default=1) == 1
