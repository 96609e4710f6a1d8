"""What the bookmark of an account holds, and what it cannot hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_twitter.errors import StateError
from tap_twitter.reports.insights.bookmark import ReadBookmark
from tap_twitter.streams.bookmarks import Span

IDS = st.integers(1, 2**63 - 1)
SPANS = st.builds(lambda one, other: Span(min(one, other), max(one, other)), IDS, IDS)
KINDS = st.sampled_from([(), ("replies",), ("retweets",), ("replies", "retweets")])


@given(
    progress=st.builds(
        ReadBookmark, KINDS, st.none() | IDS, st.none() | SPANS, st.integers(0, 3200)
    )
)
def test_what_is_written_is_read(progress: ReadBookmark) -> None:
    assert ReadBookmark.from_bookmark(progress.as_bookmark(), progress.without, "here") == progress


@given(pages=st.lists(st.lists(IDS, max_size=5)), floor=st.none() | IDS)
def test_a_finished_read_leaves_the_newest_id(pages: list[list[int]], floor: int | None) -> None:
    progress = ReadBookmark(floor=floor)
    for page in pages:
        progress = progress.after(page)
    ids = [each for page in pages for each in page]
    assert progress.low == min(ids, default=None)
    assert progress.count == len(ids)
    newest = max([*ids, *([floor] if floor else [])], default=None)
    assert progress.finished() == ReadBookmark(floor=newest)


@pytest.mark.parametrize(
    ("before", "now", "is_kept"),
    [
        ((), (), True),
        ((), ("replies",), True),
        (("replies",), ("replies", "retweets"), True),
        (("replies",), (), False),
        (("retweets",), ("replies",), False),
    ],
)
def test_what_was_left_out_and_is_wanted_now_is_read_from_the_start(
    before: tuple[str, ...], now: tuple[str, ...], is_kept: bool
) -> None:
    bookmark = ReadBookmark(before, floor=7).as_bookmark()
    assert ReadBookmark.from_bookmark(bookmark, now, "here") == ReadBookmark(
        now, 7 if is_kept else None
    )


@pytest.mark.parametrize(
    "bookmark",
    [3, "x", ["a"], {"floor": "x"}, {"floor": []}, {"read": 3}, {"read": ["1"]}, {"read": ["1", "x"]}, {"count": "x"}, {"without": 3}],
    ids=str,
)  # fmt: skip
def test_what_the_tap_has_not_written_is_refused(bookmark: Any) -> None:
    with pytest.raises(StateError, match="damaged at 'here'"):
        ReadBookmark.from_bookmark(bookmark, (), "here")
