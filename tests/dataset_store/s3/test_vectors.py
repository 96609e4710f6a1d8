"""Deletion vectors in S3: the tables in the tests of every store are too small for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from support.singer_messages import read

from dataset_store import Below, DatasetSpec
from dataset_store.delta.dataset import DeltaDataset

if TYPE_CHECKING:
    from collections.abc import Callable

    from dataset_store import DatasetStore

pytestmark = pytest.mark.engines


def numbered(numbers: dict[str, int]) -> pa.Table:
    return pa.table({"id": list(numbers), "n": pa.array(numbers.values(), pa.int64())})


def test_vectors_are_written_and_read(opened: Callable[..., DatasetStore]) -> None:
    rows = {f"{number:04}": number for number in range(1000)}
    store = opened(deletion_vectors=True)
    dataset = store.create(DatasetSpec("rows", numbered(rows).schema, keys=("id",)))
    dataset.append(numbered(rows))

    dataset.upsert(numbered({"0500": 5000, "new": 6000}), ["id"])
    dataset.delete(Below("n", 10))

    again = opened().open(dataset.id)
    assert isinstance(again, DeltaDataset)
    expected = {id_: n for id_, n in (rows | {"0500": 5000, "new": 6000}).items() if n >= 10}
    assert {row["id"]: row["n"] for row in read(again)} == expected
    assert len(read(again)) == len(expected) == again.info().rows
    assert any(file.deletion_vector for file in again._head.files().values())
