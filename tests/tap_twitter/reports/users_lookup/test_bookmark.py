from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_twitter.objects.user_references import Kind, Reference
from tap_twitter.reports.users_lookup.bookmark import LookupBookmark
from tap_twitter.reports.users_lookup.lookup_pass import LookupPass

COUNT = 60


class People:
    """An input with so many ids, and as many handles."""

    id, name, columns = "0", "people", ("who",)

    def __init__(self, *gone: int) -> None:
        self._left = [number for number in range(1, COUNT + 1) if number not in gone]

    def references(self) -> Any:
        yield [Reference(Kind.ID, str(number)) for number in self._left]
        yield [Reference(Kind.USERNAME, f"name{number:02}") for number in self._left]

    def answered(self) -> dict[Kind, Any]:
        return {}


PASS = LookupPass([People()])
RANGES = st.lists(
    st.tuples(st.integers(0, 2 * COUNT - 1), st.integers(1, 20)).map(
        lambda pair: (pair[0], min(sum(pair), 2 * COUNT))
    ),
    max_size=8,
)


def progress(ranges: list[tuple[int, int]]) -> LookupBookmark:
    found = LookupBookmark()
    for start, stop in ranges:
        found = found.joined(start, stop)
    return found


def covered(ranges: Any) -> set[int]:
    return {position for start, stop in ranges for position in range(start, stop)}


@given(RANGES)
def test_ranges_hold_what_was_joined_and_stay_apart(ranges: list[tuple[int, int]]) -> None:
    done = progress(ranges)
    assert covered(done.ranges) == covered(ranges)
    assert all(first[1] < second[0] for first, second in pairwise(done.ranges))


@given(RANGES, st.integers(0, 2 * COUNT), st.integers(0, 2 * COUNT))
def test_gaps_are_the_rest(ranges: list[tuple[int, int]], start: int, stop: int) -> None:
    gaps = list(progress(ranges).gaps(start, stop))
    assert covered(gaps) == set(range(start, stop)) - covered(ranges)
    assert all(first < last for first, last in gaps)


@given(RANGES)
def test_a_bookmark_gives_the_same_progress(ranges: list[tuple[int, int]]) -> None:
    done = progress(ranges)
    assert LookupBookmark.from_bookmark(done.as_bookmark(PASS), PASS) == done
    left = [reference for batch in PASS.batches(done) for reference in batch.references]
    assert left == [PASS.reference(each) for each in sorted(covered([(0, 120)]) - covered(ranges))]
    assert sum(PASS.left(done).values()) == len(left)


@given(RANGES, st.sets(st.integers(1, COUNT), max_size=COUNT - 1))
def test_a_bookmark_stays_true_where_references_are_gone(
    ranges: list[tuple[int, int]], gone: set[int]
) -> None:
    done, smaller = progress(ranges), LookupPass([People(*gone)])
    still = LookupBookmark.from_bookmark(done.as_bookmark(PASS), smaller)
    answered = {PASS.reference(each) for each in covered(ranges)}
    left = {reference for batch in smaller.batches(still) for reference in batch.references}
    everyone = {reference for batch in smaller.batches() for reference in batch.references}
    assert left == everyone - answered


ID = {"kind": "id", "value": "3"}


@pytest.mark.parametrize(
    "bookmark",
    [
        {},
        {"after": "3"},
        {"after": {"kind": "id"}},
        {"after": {"kind": "no", "value": "3"}},
        {"after": {"kind": "id", "value": "x"}},
        {"after": {"kind": "id", "value": 3}},
        {"after": ID, "answered": 3},
        {"after": ID, "answered": [[ID]]},
        {"after": ID, "answered": [[ID, "4"]]},
    ],
    ids=str,
)
def test_what_is_no_bookmark_is_refused(bookmark: dict[str, Any]) -> None:
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        LookupBookmark.from_bookmark(bookmark, PASS)
