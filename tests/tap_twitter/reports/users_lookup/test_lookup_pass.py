from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_twitter.errors import InputDatasetError
from tap_twitter.objects.user_references import Kind, Reference
from tap_twitter.reports.users_lookup.bookmark import LookupBookmark
from tap_twitter.reports.users_lookup.lookup_pass import BATCH_SIZE, TYPES, LookupPass
from tap_twitter.streams.shard import Shard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tap_twitter.reports.users_lookup.lookup_pass import References


@dataclass
class Input:
    """An input that has its references at hand."""

    batches: list[References]
    id: str = "0"
    name: str = "people"
    columns: tuple[str, ...] = ("who",)
    fresh: dict[Kind, list[int | str]] = field(default_factory=dict)

    def references(self) -> Iterator[References]:
        yield from self.batches

    def answered(self) -> dict[Kind, pa.Array]:
        return {kind: pa.array(values, TYPES[kind]) for kind, values in self.fresh.items()}


def ids(*numbers: int) -> list[Reference]:
    return [Reference(Kind.ID, str(number)) for number in numbers]


def asked(lookup_pass: LookupPass, after: dict[str, str] | None = None) -> list[Reference]:
    done = LookupBookmark.from_bookmark({"after": after}, lookup_pass)
    return [reference for batch in lookup_pass.batches(done) for reference, _ in batch]


def test_ids_sort_as_numbers_and_kinds_stay_together() -> None:
    handles = [Reference(Kind.USERNAME, "bob"), Reference(Kind.USERNAME, "ann")]
    lookup_pass = LookupPass([Input([[*handles, *ids(1000, 999)], ids(999, 5)])])
    assert asked(lookup_pass) == [*ids(5, 999, 1000), *reversed(handles)]
    assert len(lookup_pass) == 5


def test_the_largest_id_of_x_fits() -> None:
    assert asked(LookupPass([Input([ids(9_999_999_999_999_999_999)])])) == ids(9999999999999999999)


def test_an_id_in_two_inputs_is_asked_once_for_both() -> None:
    lookup_pass = LookupPass([Input([ids(1, 2)]), Input([ids(2, 3)])])
    (batch,) = lookup_pass.batches()
    assert dict(batch) == {ids(1)[0]: [0], ids(2)[0]: [0, 1], ids(3)[0]: [1]}


def test_a_valid_reference_answers_for_an_invalid_one_of_the_same_text() -> None:
    both = [Reference(Kind.INVALID, "ann"), Reference(Kind.USERNAME, "ann")]
    assert asked(LookupPass([Input([both])])) == both[1:]
    other_input = LookupPass([Input([both[:1]]), Input([both[1:]])])
    assert asked(other_input) == both


def test_what_is_answered_for_one_input_is_still_asked_for_another() -> None:
    fresh = Input([ids(1, 2)], fresh={Kind.ID: [1, 2]})
    (batch,) = LookupPass([fresh, Input([ids(2, 3)])]).batches()
    assert dict(batch) == {ids(2)[0]: [1], ids(3)[0]: [1]}
    assert len(LookupPass([fresh])) == 0


@given(st.lists(st.integers(1, 10**19 - 1), min_size=1), st.integers(1, 7))
def test_shards_partition_the_work(numbers: list[int], count: int) -> None:
    half = len(numbers) // 2
    source = Input([ids(*numbers[:half]), pa.array(numbers[half:], pa.uint64())])
    parts = [asked(LookupPass([source], Shard(index, count))) for index in range(count)]
    assert sorted(reference for part in parts for reference in part) == sorted(set(ids(*numbers)))


def test_an_input_without_references_is_an_error_that_names_it() -> None:
    with pytest.raises(InputDatasetError, match=r"'people' \(0\) has no ids in column who"):
        LookupPass([Input([[]])])


references = st.one_of(
    st.integers(1, 10**19 - 1).map(lambda number: Reference(Kind.ID, str(number))),
    st.from_regex(r"[a-z_]{1,15}", fullmatch=True).map(lambda name: Reference(Kind.USERNAME, name)),
    st.from_regex(r"![a-z ]{0,9}", fullmatch=True).map(lambda text: Reference(Kind.INVALID, text)),
)


@given(st.lists(st.lists(references), min_size=1).filter(any))
def test_batches_hold_each_distinct_reference_once_and_are_full(
    batches: list[list[Reference]],
) -> None:
    lookup_pass = LookupPass([Input(batches)])
    distinct = {reference for batch in batches for reference in batch}
    found = list(lookup_pass.batches())
    assert sorted(reference for batch in found for reference, _ in batch) == sorted(distinct)
    for kind in Kind:
        sizes = [len(batch.values) for batch in found if batch.kind is kind]
        assert all(size == BATCH_SIZE for size in sizes[:-1])


@given(st.integers(1, 450), st.integers(0, 450), st.integers(0, 20))
def test_a_pass_goes_on_after_any_cursor_without_gap_or_overlap(
    id_count: int, name_count: int, cut: int
) -> None:
    names = [Reference(Kind.USERNAME, f"n{number}") for number in range(name_count)]
    lookup_pass = LookupPass([Input([[*ids(*range(1, id_count + 1)), *names]])])
    batches = list(lookup_pass.batches())
    finished = batches[: min(cut, len(batches))]
    done = LookupBookmark()
    for batch in finished:
        done = done.joined(*batch.span)
    bookmark = done.as_bookmark(lookup_pass)
    assert bookmark.keys() == {"after"}
    rest = [
        batch.values
        for batch in lookup_pass.batches(LookupBookmark.from_bookmark(bookmark, lookup_pass))
    ]
    assert [batch.values for batch in finished] + rest == [batch.values for batch in batches]


def test_a_cursor_whose_reference_is_gone_still_marks_its_place() -> None:
    lookup_pass = LookupPass([Input([ids(1, 3, 5)])])
    assert asked(lookup_pass, {"kind": "id", "value": "4"}) == ids(5)


class Repeating(Input):
    """An input that names each of many users several times, batch by batch."""

    COUNT = 300_000
    BATCH = 50_000

    def references(self) -> Iterator[list[Reference]]:
        for _ in range(3):
            for start in range(1, self.COUNT, self.BATCH):
                yield ids(*range(start, start + self.BATCH))


def test_memory_follows_the_distinct_users_and_not_the_rows() -> None:
    before = pa.total_allocated_bytes()
    lookup_pass = LookupPass([Repeating([])])
    held = pa.total_allocated_bytes() - before
    assert len(lookup_pass) == Repeating.COUNT
    assert held < 40 * Repeating.COUNT
