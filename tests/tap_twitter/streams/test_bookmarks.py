from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_twitter.errors import StateError
from tap_twitter.streams.bookmarks import MAX_SKIPPED, NewestFirstBookmark, SnapshotBookmark, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Source:
    """A source that gives ids newest first; a token tells the last id that was given."""

    def __init__(self, size: int) -> None:
        self.ids: list[int] = []
        self.size = size

    def page(self, token: str | None) -> tuple[list[int], str | None]:
        below = [item for item in reversed(self.ids) if token is None or item < int(token)]
        given = below[: self.size]
        return given, str(given[-1]) if len(below) > self.size else None


def read(
    source: Source, cursor: NewestFirstBookmark, pages: int
) -> tuple[NewestFirstBookmark, list[int]]:
    """Read at most so many pages, as a stream does, and give what was taken."""
    taken: list[int] = []
    for _ in range(pages):
        ids, next_page = source.page(cursor.page)
        taken += [item for item in ids if cursor.takes(item)]
        cursor = through_state(cursor.after(ids, next_page))
        if not cursor.is_begun:
            break
    return cursor, taken


def through_state(cursor: NewestFirstBookmark) -> NewestFirstBookmark:
    """The cursor as the next run finds it."""
    return NewestFirstBookmark.from_bookmark(json.loads(json.dumps(cursor.as_bookmark())), "here")


def drain(source: Source, cursor: NewestFirstBookmark) -> Iterator[int]:
    """Read to the end: a broken-off read first, then what came in meanwhile."""
    begun = cursor.is_begun
    cursor, taken = read(source, cursor, 10_000)
    yield from taken
    if begun:
        yield from drain(source, cursor)


steps = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 4), st.booleans()), min_size=1, max_size=8
)


@given(steps, st.integers(1, 5))
def test_whatever_breaks_reads_off_every_item_is_taken_once(
    steps: list[tuple[int, int, bool]], size: int
) -> None:
    source, cursor, taken = Source(size), NewestFirstBookmark(), list[int]()
    for arrivals, pages, dies in steps:
        newest = source.ids[-1] if source.ids else 0
        source.ids += range(newest + 1, newest + 1 + arrivals)
        if dies and cursor.is_begun:
            cursor = through_state(cursor.restarted())
        cursor, some = read(source, cursor, pages)
        taken += some
    taken += drain(source, cursor)
    assert sorted(taken) == source.ids


def test_a_read_whose_token_died_takes_nothing_twice() -> None:
    source = Source(2)
    source.ids = list(range(1, 11))
    cursor, first = read(source, NewestFirstBookmark(), 2)
    source.ids += [11, 12, 13]
    _, rest = read(source, cursor.restarted(), 100)
    assert (first, rest) == ([10, 9, 8, 7], [13, 12, 11, 6, 5, 4, 3, 2, 1])


def test_a_cursor_stays_small_however_often_a_read_begins_at_the_top_again() -> None:
    cursor = NewestFirstBookmark()
    for newest in range(10, 1_000, 10):
        cursor = cursor.after([newest, newest - newest // 200], "token").restarted()
    assert len(cursor.skipped) == MAX_SKIPPED
    assert cursor.takes(15)
    assert not cursor.takes(990)
    assert through_state(cursor) == cursor


def test_an_empty_page_with_a_token_is_no_end() -> None:
    cursor = NewestFirstBookmark(floor=5).after([], "more")
    assert cursor == NewestFirstBookmark(floor=5, page="more")
    assert cursor.after([], None) == NewestFirstBookmark(floor=5)


def test_ids_are_compared_as_numbers() -> None:
    cursor = through_state(NewestFirstBookmark(floor=999))
    assert cursor.takes(1000)
    assert not cursor.takes(99)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda known: known | {"floor": "soon"}, id="floor"),
        pytest.param(lambda known: known | {"page": 7}, id="page"),
        pytest.param(lambda known: known | {"read": ["1"]}, id="half a span"),
        pytest.param(lambda known: known | {"skipped": 12}, id="a number for spans"),
        pytest.param(lambda known: known | {"skipped": [12]}, id="a number for a span"),
        pytest.param(lambda known: known | {"given": "some"}, id="a count"),
        pytest.param(lambda _: ["floor"], id="a list"),
    ],
)
def test_what_is_no_cursor_is_told(damage: Callable[[dict[str, Any]], Any]) -> None:
    known = NewestFirstBookmark(1, Span(2, 3), "token", (Span(4, 5),), 6).as_bookmark()
    with pytest.raises(StateError, match=r"bookmarks\.here"):
        NewestFirstBookmark.from_bookmark(damage(known), "bookmarks.here")


IDS = st.integers(1, 2**63 - 1)
SPANS = st.builds(lambda one, other: Span(min(one, other), max(one, other)), IDS, IDS)
KINDS = st.sampled_from([(), ("replies",), ("retweets",), ("replies", "retweets")])


@given(
    st.builds(
        NewestFirstBookmark,
        floor=st.none() | IDS,
        read=st.none() | SPANS,
        given=st.integers(0, 3200),
        without=KINDS,
    )
)
def test_what_is_written_is_read(bookmark: NewestFirstBookmark) -> None:
    written = json.loads(json.dumps(bookmark.as_bookmark()))
    assert NewestFirstBookmark.from_bookmark(written, "here", bookmark.without) == bookmark


@given(pages=st.lists(st.lists(IDS, max_size=5)), floor=st.none() | IDS)
def test_a_finished_read_leaves_the_newest_id(pages: list[list[int]], floor: int | None) -> None:
    bookmark = NewestFirstBookmark(floor)
    for page in pages:
        bookmark = bookmark.joined(page)
    ids = [each for page in pages for each in page]
    assert bookmark.low == min(ids, default=None)
    assert bookmark.given == len(ids)
    newest = max([*ids, *([floor] if floor else [])], default=None)
    assert bookmark.finished() == NewestFirstBookmark(newest)


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
    bookmark = NewestFirstBookmark(7, without=before).as_bookmark()
    assert NewestFirstBookmark.from_bookmark(bookmark, "here", now) == NewestFirstBookmark(
        7 if is_kept else None, without=now
    )


@pytest.mark.parametrize(
    "bookmark",
    [3, "x", ["a"], {"floor": "x"}, {"floor": []}, {"read": 3}, {"read": ["1"]}, {"read": ["1", "x"]}, {"count": "x"}, {"without": 3}],
    ids=str,
)  # fmt: skip
def test_what_the_tap_has_not_written_is_refused(bookmark: Any) -> None:
    with pytest.raises(StateError, match="damaged at 'here'"):
        NewestFirstBookmark.from_bookmark(bookmark, "here")


@pytest.mark.parametrize(
    "bookmark",
    [3, "x", {"date": "soon"}, {"date": 5}, {"page": 7}, {"given": "x"}],
    ids=str,
)
def test_what_is_no_snapshot_is_refused(bookmark: Any) -> None:
    with pytest.raises(StateError, match="damaged at 'here'"):
        SnapshotBookmark.from_bookmark(bookmark, "here")
