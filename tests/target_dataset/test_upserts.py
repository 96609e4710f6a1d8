"""An upsert leaves one row of each key, whatever was stored before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from support.target_cases import CASES, run_case
from target_command import process

from dataset_store import DatasetSpec, open_store

if TYPE_CHECKING:
    from pathlib import Path

    from support.singer_messages import Rows

REPLACED: dict[str, tuple[str, Rows]] = {
    # the key changes from two columns to one, of which two rows are stored
    "t13_keychange": ("k", [{"a": 1, "b": 3, "c": 2}]),
    "t14_append_then_upsert": ("k", [{"id": 1, "v": "new"}, {"id": 2, "v": "x"}]),
    "p_zero_key": ("s", [{"k": 0.0, "v": 3}]),
}


@pytest.mark.parametrize("name", REPLACED)
def test_rows_that_share_a_key_are_replaced_by_one(name: str, tmp_path: Path) -> None:
    stream, rows = REPLACED[name]
    case = run_case(name, tmp_path)

    assert set(case.codes) == {0}
    assert case.rows(stream, by=next(iter(rows[0]))) == rows


def test_a_stored_pair_of_zeros_becomes_one_row(tmp_path: Path) -> None:
    schema = pa.schema([("k", pa.float64()), ("v", pa.int64())])
    dataset = open_store(str(tmp_path / "store")).create(DatasetSpec("s", schema, keys=("k",)))
    dataset.append(pa.table({"k": [0.0, -0.0, 1.0], "v": [1, 2, 3]}))
    lines = CASES / "p_zero_key" / "input.jsonl"
    (tmp_path / "config.json").write_text('{"store": "store"}')

    assert process("--config", "config.json", "--input", str(lines), cwd=tmp_path).code == 0
    rows = open_store(str(tmp_path / "store")).open("s").read()
    found = pa.Table.from_batches(rows, schema).sort_by("k")
    assert found.to_pydict() == {"k": [0.0, 1.0], "v": [3, 3]}
    assert str(found["k"][0]) == "0.0"
