"""What an upsert into a dataset of many columns costs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pyarrow as pa

from dataset_store import DatasetSpec, open_store

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType


def calls_of_an_upsert(store: Path, columns: int) -> int:
    """How many functions an upsert into a dataset of so many columns calls, those of C included."""
    names = [f"m{number}" for number in range(columns)]
    schema = pa.schema([("id", pa.int64()), *((name, pa.string()) for name in names)])
    dataset = open_store(str(store)).create(DatasetSpec(f"{columns} wide", schema, keys=("id",)))
    dataset.append(pa.table({"id": [0, 1, 2], **{name: ["a", "b", "c"] for name in names}}, schema))
    count = 0

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(profile)
    try:
        dataset.upsert(pa.table({"id": [2], names[-1]: ["d"]}), ["id"])
    finally:
        sys.setprofile(None)
    rows = pa.Table.from_batches(dataset.read(), schema).sort_by("id")
    assert rows["id"].to_pylist() == [0, 1, 2]
    assert rows[names[0]].to_pylist() == ["a", "b", None]
    assert rows[names[-1]].to_pylist() == ["a", "b", "d"]
    return count


def test_the_work_of_an_upsert_grows_with_the_columns_and_not_with_their_square(
    tmp_path: Path,
) -> None:
    assert calls_of_an_upsert(tmp_path, 1_000) < 5 * calls_of_an_upsert(tmp_path, 250)
