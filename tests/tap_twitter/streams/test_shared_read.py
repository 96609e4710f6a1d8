from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_twitter.streams.bookmarks import NewestFirstBookmark, Span
from tap_twitter.streams.shared_read import SharedRead


class Streams:
    """Streams that take what is theirs from a source with pages, run after run.

    A token tells the last id that was given; an event is the stream's whose turn its id is.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.source: list[int] = []
        self.bookmarks: dict[str, dict[str, object]] = {"a": {}, "b": {}}
        self.taken: dict[str, list[int]] = {"a": [], "b": []}
        self.pages = 0

    def run(self, names: str, most: int = 10_000, *, dies: bool = False) -> None:
        """Read at most so many pages; the first token dies if told so."""
        cursors = {
            name: NewestFirstBookmark.from_bookmark(self.bookmarks[name], name) for name in names
        }
        read, goes_on = SharedRead(cursors), True
        while goes_on and most:
            was_begun = read.begin()
            while most and not read.is_done:
                if read.page is not None and dies:
                    dies = False
                    read.restart()
                most -= 1
                self._page(read, names)
            goes_on = was_begun and read.is_done

    def _page(self, read: SharedRead, names: str) -> None:
        below = [each for each in self.source if read.page is None or each < int(read.page)]
        page = below[-self.size :][::-1]
        self.pages += 1
        for name in names:
            own = [each for each in page if each % 2 == (name == "b")]
            self.taken[name] += [each for each in own if read.take(name, each)]
        read.after(page, str(page[-1]) if len(below) > self.size else None)
        for name, cursor in read.cursors.items():
            self.bookmarks[name] = json.loads(json.dumps(cursor.as_bookmark()))

    def missing(self, name: str) -> set[int]:
        return {each for each in self.source if each % 2 == (name == "b")} - set(self.taken[name])


steps = st.lists(
    st.tuples(
        st.integers(0, 9), st.sampled_from(["a", "b", "ab"]), st.integers(0, 4), st.booleans()
    ),
    min_size=1,
    max_size=8,
)


@given(steps, st.integers(1, 5))
def test_whoever_is_read_for_and_whatever_breaks_off_each_stream_is_given_all_once(
    steps: list[tuple[int, str, int, bool]], size: int
) -> None:
    streams = Streams(size)
    for arrivals, names, pages, dies in steps:
        newest = streams.source[-1] if streams.source else 0
        streams.source += range(newest + 1, newest + 1 + arrivals)
        streams.run(names, pages, dies=dies)
    streams.run("ab")
    assert not streams.missing("a")
    assert not streams.missing("b")
    for taken in streams.taken.values():
        assert len(taken) == len(set(taken))


@given(st.integers(0, 40), st.integers(1, 7), st.integers(0, 9))
def test_a_read_that_is_broken_off_buys_no_page_twice(events: int, size: int, stopped: int) -> None:
    whole, broken = Streams(size), Streams(size)
    for streams in (whole, broken):
        streams.source = list(range(1, events + 1))
    whole.run("ab")
    broken.run("ab", stopped)
    while broken.missing("a") or broken.missing("b"):
        before = broken.pages
        broken.run("ab", 1)
        assert broken.pages == before + 1
    assert broken.pages <= whole.pages


def test_a_stream_at_rest_does_not_begin_anew_what_another_has_begun() -> None:
    cursors = {
        "rests": NewestFirstBookmark(100),
        "begun": NewestFirstBookmark(None, Span(61, 100), "token"),
    }
    read = SharedRead(cursors)
    assert read.begin()
    assert read.page == "token"
    assert [name for name in cursors if read.is_for(name)] == ["begun"]


@pytest.mark.parametrize("floor", [None, 50], ids=["never read", "read before"])
def test_a_stream_that_lacks_what_was_given_makes_the_read_begin_at_the_top(
    floor: int | None,
) -> None:
    read = SharedRead(
        {
            "late": NewestFirstBookmark(floor),
            "begun": NewestFirstBookmark(None, Span(61, 100), "token"),
        }
    )
    assert not read.begin()
    assert read.page is None
    assert [name for name in ("late", "begun") if read.take(name, 70)] == ["late"]


def test_a_limit_holds_for_a_read_that_was_broken_off() -> None:
    read = SharedRead({"a": NewestFirstBookmark()}, limit=3)
    read.begin()
    assert [read.take("a", each) for each in (9, 8)] == [True, True]
    read.after([9, 8], "more")
    bookmark = json.loads(json.dumps(read.cursors["a"].as_bookmark()))
    again = SharedRead({"a": NewestFirstBookmark.from_bookmark(bookmark, "a")}, limit=3)
    assert again.begin()
    assert [again.take("a", each) for each in (7, 6)] == [True, False]
    again.after([7, 6], "more")
    assert again.is_done
    assert again.cursors["a"] == NewestFirstBookmark(9)


def test_a_limit_that_is_reached_already_needs_no_page() -> None:
    read = SharedRead({"a": NewestFirstBookmark(5, Span(61, 100), "token", given=3)}, limit=3)
    assert read.begin()
    assert read.is_done
    assert read.cursors == {"a": NewestFirstBookmark(100)}


def test_a_limit_gives_the_newest_items_of_a_read_that_begins_at_the_top_again() -> None:
    read = SharedRead({"a": NewestFirstBookmark(5, Span(6, 9), "token", given=3)}, limit=3)
    read.restart()
    assert [item for item in (12, 11) if read.take("a", item)] == [12, 11]
    read.after([12, 11], "more")
    assert [item for item in (9, 8) if read.take("a", item)] == []
    read.after([9, 8], "even more")
    assert read.is_done
    assert read.cursors == {"a": NewestFirstBookmark(12)}


def test_a_limit_ends_a_read_with_its_newest_items() -> None:
    read = SharedRead({"a": NewestFirstBookmark(5)}, limit=2)
    read.begin()
    assert [item for item in (9, 8, 7) if read.take("a", item)] == [9, 8]
    read.after([9, 8, 7], "more")
    assert read.is_done
    assert read.cursors == {"a": NewestFirstBookmark(9)}
