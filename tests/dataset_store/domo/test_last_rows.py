from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset_store import SchemaConflictError
from dataset_store.domo.last_rows import LastRows

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = pa.schema([("a", pa.string()), ("b", pa.int64()), ("n", pa.int64())])
KEYS = st.tuples(st.sampled_from(["", "x", "é"]), st.integers(-1, 2))


class Source:
    """Rows in batches of so many, numbered."""

    schema = SCHEMA

    def __init__(self, keys: list[tuple[str | None, int]], size: int) -> None:
        self.rows = [{"a": a, "b": b, "n": n} for n, (a, b) in enumerate(keys)]
        self.size = size

    def batches(self) -> Iterator[pa.RecordBatch]:
        for start in range(0, len(self.rows), self.size):
            yield pa.RecordBatch.from_pylist(self.rows[start : start + self.size], SCHEMA)


@given(keys=st.lists(KEYS, max_size=30), size=st.integers(1, 8))
def test_the_last_row_of_each_key_remains_in_its_place(
    keys: list[tuple[str | None, int]], size: int
) -> None:
    source = Source(keys, size)
    last = {(row["a"], row["b"]): row for row in source.rows}
    wanted = [row for row in source.rows if last[row["a"], row["b"]] is row]
    found = [row for each in LastRows(source, ["a", "b"]).batches() for row in each.to_pylist()]
    assert found == wanted


def test_a_null_key_is_refused() -> None:
    with pytest.raises(SchemaConflictError, match="'a' is a key but null"):
        list(LastRows(Source([(None, 1)], 1), ["a", "b"]).batches())
