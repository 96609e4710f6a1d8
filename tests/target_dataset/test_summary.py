"""The summary that ends a run of the target."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len
from support.singer_messages import record
from target_command import GOOD, POSTS, process

from singer_plugin.summary import Outcome, Run
from target_dataset.summary import DatasetSummary, TargetSummary

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN = Run("target-dataset", "0.1.0", NOON, NOON + timedelta(seconds=1.44))
GUID = "d6c0f1b0-1608-5877-8ba6-8b403d476508"
USERS = DatasetSummary(
    GUID,
    "Users lookup of Demo people",
    ("users_lookup",),
    "upsert",
    203,
    250,
    47,
    "6",
    f"/data/datasets/{GUID}",
)
STATE = {"type": "STATE", "value": {"bookmarks": {"posts": {"id": "1"}}}}


def test_the_summary_of_a_complete_run() -> None:
    assert TargetSummary(RUN, [USERS], {"RECORD": 1203}, True).as_text().splitlines() == [
        "Summary of target-dataset: complete after 1.4 s",
        "dataset                      written  new  rows now  version",
        "Users lookup of Demo people      203   47       250        6",
        f"  {GUID}, upsert of users_lookup",
        "Store: /data/datasets/",
        "Records read: 1,203.",
    ]


def test_what_a_store_does_not_say_is_unknown() -> None:
    unknown = DatasetSummary(GUID, GUID, ("posts",), "append-only", 3)
    assert TargetSummary(RUN, [unknown], {"RECORD": 3}, None).as_text().splitlines() == [
        "Summary of target-dataset: complete after 1.4 s",
        "dataset                               written  new  rows now  version",
        f"{GUID}        3    ?         ?        ?",
        f"  {GUID}, append-only of posts",
        "Records read: 3.",
    ]


@pytest.mark.parametrize(
    ("is_emitted", "line"),
    [
        (True, "The last STATE was passed on: the next run resumes after it."),
        (False, "The last STATE was not passed on: the next run repeats rows before it."),
    ],
    ids=["emitted", "withheld"],
)
def test_a_run_that_a_signal_ends_says_where_the_next_one_resumes(
    *, is_emitted: bool, line: str
) -> None:
    run = replace(RUN, outcome=Outcome.SIGNAL, signal="SIGTERM")
    found = TargetSummary(run, [], {}, is_emitted).as_text().splitlines()
    assert found[0] == "Summary of target-dataset: ended by SIGTERM after 1.4 s"
    assert found[-1] == line


@pytest.mark.parametrize(
    "name",
    ["x" * 200, "two\nlines \x1b[31mred", "日本" * 40],
    ids=["long", "control-characters", "wide"],
)
def test_any_name_fits_80_columns(name: str) -> None:
    dataset = replace(USERS, name=name, written=10**9, rows=10**10, new=10**9)
    text = TargetSummary(RUN, [dataset], {}, True).as_text()
    assert max(map(cell_len, text.splitlines()[:3])) <= 80
    assert "\x1b" not in text


def summaries(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_runs_append_their_summaries_to_a_file_of_lines(tmp_path: Path) -> None:
    file = tmp_path / "new folder" / "runs.jsonl"
    for number in ("1", "2"):
        done = process(
            "--config=ENV",
            messages=[POSTS, GOOD, record("posts", id=number), STATE],
            cwd=tmp_path,
            TARGET_DATASET_SUMMARY_FILE=str(file),
        )
        assert (done.code, done.errors) == (0, [])
    first, second = summaries(file)
    assert file.stat().st_mode & 0o777 == 0o600
    (dataset,) = second["datasets"]
    assert dataset["location"].startswith(str(tmp_path))
    assert [each["datasets"][0]["new"] for each in (first, second)] == [1, 1]
    assert (dataset["written"], dataset["rows"], dataset["streams"]) == (2, 2, ["posts"])
    assert second["messages"] == {"schema": 1, "record": 2, "state": 1}
    assert second["is_last_state_emitted"] is True
    assert second["outcome"] == "complete"


def test_a_run_that_fails_has_its_summary_and_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "summary.json"
    file.write_text("of an earlier run")
    done = process(
        "--config=ENV",
        messages=[POSTS, GOOD, STATE, record("posts", id=7)],
        cwd=tmp_path,
        TARGET_DATASET_SUMMARY_FILE=str(file),
    )
    (summary,) = summaries(file)
    assert (done.code, summary["outcome"]) == (1, "failed")
    assert summary["errors"] == done.errors
    assert summary["messages"]["record"] >= 1


def test_a_summary_that_cannot_be_written_does_not_fail_the_run(tmp_path: Path) -> None:
    done = process(
        "--config=ENV",
        messages=[POSTS, GOOD],
        cwd=tmp_path,
        TARGET_DATASET_SUMMARY_FILE=str(tmp_path),
    )
    assert done.code == 0
    (line,) = done.errors
    assert line.startswith("Setting 'summary_file': the summary cannot be written to ")
