"""`dataset export`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from dataset_command import POSTS, failed, succeeded

from dataset_store import DatasetSpec, open_store
from dataset_store.schema import JSON_TEXT

FULL = {
    "id": "1",
    "likes": 2**53 + 1,
    "rate": 0.5,
    "created_at": "2024-02-29T23:59:59.123456Z",
    "day": "2024-02-29",
    "entities": {"urls": []},
    "tags": ["a", "ü"],
}

EMPTY = {**dict.fromkeys(FULL), "id": "", "entities": "{"}


def ordered(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda row: str(row["id"]), reverse=True)


def test_an_export_to_json_lines(posts: str) -> None:
    succeeded("export", posts, "out.jsonl")

    lines = Path("out.jsonl").read_text(encoding="utf-8").splitlines()
    assert ordered([json.loads(line) for line in lines]) == [FULL, EMPTY]


def test_an_export_to_json(posts: str) -> None:
    succeeded("export", "my posts", "out.JSON")

    assert ordered(json.loads(Path("out.JSON").read_text(encoding="utf-8"))) == [FULL, EMPTY]


def test_an_export_to_csv(posts: str) -> None:
    printed = succeeded("export", "my posts", "-")
    succeeded("export", "my posts", "out.csv")

    assert Path("out.csv").read_text(encoding="utf-8") == printed
    assert sorted(printed.splitlines(), reverse=True) == [
        '"id","likes","rate","created_at","day","entities","tags"',
        '"1",9007199254740993,0.5,"2024-02-29T23:59:59.123456Z",2024-02-29,"{""urls"":[]}",'
        '"[""a"", ""ü""]"',
        '"",,nan,,,"{",',
    ]


def test_an_export_to_parquet_keeps_types_and_marks(posts: str) -> None:
    succeeded("export", posts, "out.parquet")

    found = pq.read_table("out.parquet")
    assert found.schema.equals(POSTS)
    assert found.schema.field("entities").metadata.items() >= JSON_TEXT.items()
    assert found.num_rows == 2


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl", ".parquet"])
def test_an_empty_dataset_can_be_exported(suffix: str) -> None:
    open_store("./datasets").create(DatasetSpec("empty", POSTS))
    succeeded("export", "empty", f"out{suffix}")

    assert [path.name for path in Path().glob("out*")] == [f"out{suffix}"]


def test_an_exported_csv_can_be_imported_again() -> None:
    Path("in.csv").write_text('"a","b"\n"1",\n"","x\n""y"""\n', encoding="utf-8")
    succeeded("import", "in.csv", "--name", "in")
    succeeded("export", "in", "out.csv")

    assert Path("out.csv").read_text(encoding="utf-8") == Path("in.csv").read_text(encoding="utf-8")


def test_a_format_is_named_by_the_ending(posts: str) -> None:
    assert ".csv, .json, .jsonl, .parquet" in failed("export", posts, "out.xlsx")


def test_a_file_that_cannot_be_written_is_told(posts: str) -> None:
    told = failed("export", posts, "nowhere/out.csv")

    assert told == "Error: nowhere/out.csv.part: No such file or directory\n"


def test_a_failed_export_leaves_no_file(posts: str) -> None:
    for part in Path("datasets", posts).glob("*.parquet"):
        part.unlink()

    assert failed("export", posts, "out.csv").startswith(f"Error: Dataset {posts}")
    assert list(Path().glob("out*")) == []
