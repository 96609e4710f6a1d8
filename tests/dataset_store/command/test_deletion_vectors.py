"""The commands do not see rows that a deletion vector deletes."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from support.dataset_command import succeeded

from dataset_store import DatasetSpec, open_store


@pytest.fixture
def numbers() -> str:
    """A hundred rows, of which three were replaced, and one more."""
    schema = pa.schema([("id", pa.int64()), ("n", pa.int64())])
    store = open_store("./datasets", {"deletion_vectors": True})
    dataset = store.create(DatasetSpec("numbers", schema, keys=("id",)))
    for ids, n in ((range(100), 0), ((3, 50, 99, 100), 1)):
        dataset.upsert(pa.table({"id": list(ids), "n": [n] * len(ids)}, schema), ["id"])
    assert list(Path("datasets", dataset.id, "_vectors").iterdir())
    return dataset.id


def test_every_command_is_exact(numbers: str) -> None:
    assert json.loads(succeeded("show", numbers, "--json"))["rows"] == 101
    assert json.loads(succeeded("list", "--json"))[0]["rows"] == 101
    query = "select count(*) c, count(distinct id) ids, sum(n) total from numbers"
    assert json.loads(succeeded("sql", "--json", query)) == [{"c": 101, "ids": 101, "total": 4}]
    succeeded("export", numbers, "rows.csv")
    lines = Path("rows.csv").read_text().splitlines()
    assert len(lines) == 1 + 101
    assert {"3,1", "50,1", "99,1", "100,1"} <= set(lines)
    succeeded("compact", numbers)
    assert json.loads(succeeded("show", numbers, "--json"))["rows"] == 101
