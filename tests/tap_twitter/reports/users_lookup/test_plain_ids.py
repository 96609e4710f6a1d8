"""Ids that are read a column at a time are those that are read one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_twitter.objects.pasted_text import RoundedIds, cleaned, is_float
from tap_twitter.objects.user_references import ColumnKind, Kind, Reference, parse
from tap_twitter.reports.users_lookup.lookup_input import LookupInput

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = [
    "1", "0", "007", "12\n", " 12", "\u0663", "\uff19", "9999999999999999999", "18446744073709551616",
    "10000000000000000000", "1214820332314624000", "1214820332314624123", "12148203323146200",
    "1214820332314620", "121482033231462000", "@12", "founder", "", "-5", "+5", "x.com/a", "12.",
]  # fmt: skip


def references(name: str, values: pa.Array, rounded: RoundedIds) -> Iterator[Reference]:
    source = LookupInput(None, (name,))  # type: ignore[arg-type]
    for found in source._references(name, values, rounded):
        if isinstance(found, list):
            yield from found
        else:
            yield from (Reference(Kind.ID, str(value)) for value in found.to_pylist())


words = st.text(max_size=5).filter(lambda text: not is_float(cleaned(text)))
digits = st.from_regex(r"[0-9]{1,21}(0{0,6})", fullmatch=True)


@pytest.mark.parametrize("name", ["user_id", "handle", "who"])
@given(st.lists(st.sampled_from(TEXTS) | digits | words))
def test_a_column_of_text(name: str, texts: list[str]) -> None:
    rounded, one_by_one = RoundedIds(), RoundedIds()
    found = sorted(references(name, pa.array(texts, pa.string()), rounded))
    kind = ColumnKind.of(name)
    wanted = []
    for text in dict.fromkeys(texts):
        reference = parse(text, kind)
        if reference is not None:
            wanted.append(reference)
            if reference.kind is Kind.ID:
                one_by_one.add(cleaned(text))
    assert found == sorted(wanted)
    assert rounded == one_by_one
