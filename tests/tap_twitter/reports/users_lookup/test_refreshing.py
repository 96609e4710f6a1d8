"""Users whose rows are fresh in the writeback dataset are not bought again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from support.harness import Messages, make_dataset, run_tap, tap_config

from dataset_store import DatasetSpec, open_store, writeback_id
from tap_twitter.errors import InputDatasetError

if TYPE_CHECKING:
    from sandbox import Sandbox


def store_rows(store: Path, messages: Messages) -> None:
    """Write records to their writeback dataset, as the target does."""
    rows = pa.Table.from_pylist(messages.records)
    (input_id,) = set(rows["input_dataset_id"].to_pylist())
    times = rows["looked_up_at"].cast(pa.timestamp("us", "UTC"))
    rows = rows.set_column(rows.schema.get_field_index("looked_up_at"), "looked_up_at", times)
    writeback = writeback_id("users_lookup", input_id)
    rows = rows.select(["requested_id", "requested_kind", "lookup_status", "looked_up_at"])
    made = open_store(str(store)).create(DatasetSpec("writeback", rows.schema, id=writeback))
    made.append(rows)


@pytest.mark.parametrize(("days", "asked_again"), [(0, 120), (1, 0), (0.5, 0), (1e-9, 120)])
def test_fresh_rows_are_not_bought_again(
    sandbox: Sandbox, tmp_path: Path, days: float, asked_again: int
) -> None:
    users = sandbox.world.sample_ids(115)
    references = [*users, *(sandbox.world.handle(each) for each in users[:5]), "not one"]
    make_dataset(tmp_path, "people", {"who": references})
    store_rows(tmp_path, run_tap(tap_config(sandbox, tmp_path)))
    sandbox.bill.reset()
    records = run_tap(tap_config(sandbox, tmp_path, refresh_after_days=days)).records
    assert sum(each["requested_kind"] != "invalid" for each in records) == asked_again
    assert bool(sandbox.bill.total.gross_objects) == bool(asked_again)


def test_users_without_an_answer_are_asked_again_though_fresh(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    (user_id,) = sandbox.world.sample_ids(1, "found")
    make_dataset(tmp_path, "people", {"user_id": [user_id]})
    sandbox.faults.add("drop_ids", ids=[user_id])
    store_rows(tmp_path, run_tap(tap_config(sandbox, tmp_path)))
    (row,) = run_tap(tap_config(sandbox, tmp_path, refresh_after_days=1)).records
    assert row["lookup_status"] == "found"


def test_a_first_run_says_that_nobody_is_fresh_yet(
    sandbox: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(3, "found")})
    with caplog.at_level("INFO"):
        run_tap(tap_config(sandbox, tmp_path, refresh_after_days=1))
    assert (
        "No writeback dataset yet for 'people': all of its users are looked up." in caplog.messages
    )


@pytest.mark.parametrize("damaged", ["people", "writeback"])
def test_a_dataset_that_cannot_be_read_is_one_line(
    sandbox: Sandbox, tmp_path: Path, damaged: str
) -> None:
    make_dataset(tmp_path, "people", {"user_id": sandbox.world.sample_ids(3, "found")})
    store_rows(tmp_path, run_tap(tap_config(sandbox, tmp_path)))
    sandbox.requests.clear()
    location = open_store(str(tmp_path)).open(damaged).info().location
    for file in Path(location).glob("**/*.parquet"):
        file.unlink()
    with pytest.raises(InputDatasetError):
        run_tap(tap_config(sandbox, tmp_path, refresh_after_days=1))
    assert len(sandbox.requests) == 0
