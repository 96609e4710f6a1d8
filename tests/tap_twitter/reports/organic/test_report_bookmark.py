"""How far the report was read: whatever stops a run, no day of a post is left out or read twice."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_twitter.reports.organic.report_bookmark import ReportBookmark, Span

DAY = timedelta(days=1)
FIRST = date(2026, 3, 1)
POSTS = [50, 40, 30, 20, 10]
"""Two of them are a request."""


def saved(bookmark: ReportBookmark) -> ReportBookmark:
    """The bookmark after a trip through a state."""
    return ReportBookmark.from_state(json.loads(json.dumps(bookmark.as_state())))


def read(bookmark: ReportBookmark, today: date, rollback: int, left: int) -> tuple[
    ReportBookmark, list[tuple[int, Span]], int
]:  # fmt: skip
    """Make so many requests at most; give the posts that they were about, with their days."""
    done: list[tuple[int, Span]] = []
    while span := bookmark.next_span(today, rollback):
        bookmark = saved(bookmark.at(span))
        while remaining := [each for each in POSTS if span.takes(each)]:
            if not left:
                return bookmark, done, left
            left -= 1
            done += [(each, span) for each in remaining[:2]]
            span = replace(span, below=remaining[:2][-1])
            bookmark = saved(bookmark.at(span))
        bookmark = saved(bookmark.after(span))
    return bookmark, done, left


@given(
    months=st.integers(0, 400),
    rollback=st.integers(1, 15),
    runs=st.lists(st.tuples(st.integers(0, 8), st.sampled_from([0, 0, 1, 1, 2, 40])), max_size=12),
)
def test_stopped_anywhere_no_day_is_left_out_and_no_finished_one_is_read_again(
    months: int, rollback: int, runs: list[tuple[int, int]]
) -> None:
    start, today = FIRST - months * DAY, FIRST
    bookmark = ReportBookmark.begun("THREE", start, today)
    seen: set[tuple[int, date]] = set()
    for requests, later in [*runs, (10_000, 0)]:
        to = bookmark.end
        bookmark, done, _ = read(bookmark, today, rollback, requests)
        for post, span in done:
            days = {(post, span.first + n * DAY) for n in range((span.end - span.first).days)}
            again = {day for _, day in days & seen}
            assert all(day >= to - rollback * DAY for day in again), "but for the rollback window"
            seen |= days
        today += later * DAY
    assert (bookmark.first, bookmark.end) == (start, max(day for _, day in seen) + DAY
                                              if seen else FIRST)  # fmt: skip
    assert bookmark.forward is bookmark.back is None
    assert seen == {
        (post, start + n * DAY) for post in POSTS for n in range((bookmark.end - start).days)
    }


@pytest.mark.parametrize(
    ("months", "lengths"),
    [(0, []), (10, [10]), (30, [30]), (90, [30, 60]), (120, [30, 90]), (250, [30, 90, 90, 40])],
)
def test_the_newest_days_come_first(months: int, lengths: list[int]) -> None:
    bookmark = ReportBookmark.begun("THREE", FIRST - months * DAY, FIRST)
    _, done, _ = read(bookmark, FIRST, 15, 10_000)
    spans = list(dict.fromkeys((each.first, each.end) for _, each in done))
    assert [(end - first).days for first, end in spans] == lengths
    assert [end for _, end in spans] == [
        FIRST - sum(lengths[:n]) * DAY for n in range(len(lengths))
    ]


def test_new_days_come_before_old_ones() -> None:
    bookmark = ReportBookmark.begun("THREE", FIRST - 90 * DAY, FIRST)
    bookmark, _, _ = read(bookmark, FIRST, 15, 2)
    _, done, _ = read(bookmark, FIRST + DAY, 15, 10_000)
    assert done[0][1] == Span(FIRST, FIRST + DAY)
    assert done[5][1] == Span(FIRST - 30 * DAY, FIRST, 20, is_back=True)


def test_the_state_is_small_and_keeps_its_form() -> None:
    begun = ReportBookmark.begun("ALL_TIME", date(2010, 1, 1), FIRST)
    forward, back = Span(FIRST, FIRST + DAY, 2**62), Span(FIRST - DAY, FIRST, is_back=True)
    both = begun.at(forward).at(back)
    assert saved(both) == both
    kinds = [
        {name: type(value) for name, value in each.as_state().items()} for each in (begun, both)
    ]
    assert kinds[0] == kinds[1], "orchestrators merge states"
    assert len(json.dumps(both.as_state())) < 250
