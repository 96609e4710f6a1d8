"""Lines are grouped by stream before they are read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.singer_messages import lines as as_lines
from support.singer_messages import record, state

from target_dataset.errors import InputError
from target_dataset.record_lines import LineGroups, Lines, read_records

HEADS = {
    "a": '{"type":"RECORD","stream":"a",',
    "a, spaced": '{"type": "RECORD", "stream": "a", ',
    "b": '{"type":"RECORD","stream":"b",',
}
OTHERS = [as_lines([state({})]).strip(), "", "{", '{"record"', '{"stream":"a","record":{}}']
texts = st.lists(
    st.builds('{}"record":{{}}}}'.format, st.sampled_from([*HEADS.values()]))
    | st.sampled_from(OTHERS)
)


def groups(*texts: str, number: int = 1) -> list[Lines]:
    return list(LineGroups().of("\n".join(texts).encode(), number))


def streams(found: list[Lines]) -> list[tuple[str | None, list[int]]]:
    return [(each.head.stream if each.head else None, list(each.numbers)) for each in found]


@given(texts, st.integers(1, 5))
def test_every_line_is_in_one_group_with_its_number(texts: list[str], number: int) -> None:
    found = groups(*texts, number=number)
    numbered = [pair for each in found for pair in each.numbered()]
    wanted = texts or [""]
    assert sorted(numbered) == [(number + n, text.encode()) for n, text in enumerate(wanted)]
    for each in found:
        if each.head:
            assert all(text.startswith(each.head.text) for _, text in each.numbered())


@given(texts)
def test_order_is_kept_where_it_matters(texts: list[str]) -> None:
    order = [(stream, number) for stream, numbers in streams(groups(*texts)) for number in numbers]
    for name in ("a", "b"):
        # of one stream, and against all that is no RECORD message
        numbers = [number for stream, number in order if stream in {name, None}]
        assert numbers == sorted(numbers)


def test_streams_that_take_turns_are_two_groups() -> None:
    turns = [HEADS[name] + '"record":{}}' for name in ("a", "b", "a", "b", "b")]
    assert streams(groups(*turns)) == [("a", [1, 3]), ("b", [2, 4, 5])]


@pytest.mark.parametrize(
    "head",
    [
        '{"type":"RECORD","stream":"a","time_extracted":"x",',
        '{"type":"STATE","stream":"a",',
        '{"type":"RECORD","stream":5,',
        '{"type":"RECORD",',
        '{"type":"RECORD","stream":"record",',
        '{"stream":"' + "a" * 2_000 + '",',
    ],
    ids=range(6),
)
def test_what_names_no_stream_has_no_head(head: str) -> None:
    [found] = groups(head + '"record":{}}')
    assert found.head is None


def test_many_beginnings_are_not_remembered() -> None:
    found = LineGroups()
    for number in range(5_000):
        [each] = found.of(f'{{"type":"RECORD","stream":"s{number}","record":{{}}}}'.encode(), 1)
        assert each.head
    assert len(found._heads) <= 1_000


@pytest.mark.parametrize(
    ("rest", "error"),
    [
        ('"record":{}', "Line 7 of the input: it is not valid JSON; was the input cut off?"),
        ('"record":{},"stream":"b"}', "Line 7 of the input: it has 'type' or 'stream' twice"),
        ('"record":{},"type":"STATE","value":{}}',
         "Line 7 of the input: it has 'type' or 'stream' twice"),
    ],
)  # fmt: skip
def test_a_line_that_is_something_else_after_all(rest: str, error: str) -> None:
    with pytest.raises(InputError) as refused:
        list(read_records(groups(HEADS["a"] + rest, number=7)))
    assert str(refused.value) == error


def test_record_bytes_are_those_of_the_records() -> None:
    wanted: list[dict[str, Any]] = [record("a", v=1), record("a", v="x" * 50)]
    texts = [text.replace(" ", "") for text in as_lines(wanted).splitlines()]
    [found] = groups(*texts)
    assert found.record_bytes == len('{"v":1}') + len('{"v":""}') + 50
    assert sum(each.record_bytes for each in found.each()) == found.record_bytes
