"""The recipes of `docs/recipes.md`, run as they stand there, on posts in a store."""

from __future__ import annotations

import ast
import csv
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from dataset_store import DatasetSpec, open_store
from dataset_store.schema import JSON_TEXT, TIMESTAMP

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = (ROOT / "docs/recipes.md").read_text(encoding="utf-8")
TOOLS: Final = ROOT / ".venv-recipes/bin/python"
HASHTAGS: Final = [("tea", 2, 12), ("ünser", 1, 5)]
POSTS: Final = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("created_at", TIMESTAMP),
        pa.field("like_count", pa.int64()),
        pa.field("entities", pa.string(), metadata=JSON_TEXT),
    ]
)


def section(tool: str) -> str:
    return PAGE.partition(f"\n## {tool}\n")[2].partition("\n## ")[0]


def blocks(tool: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", section(tool), re.DOTALL | re.MULTILINE)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a store: three posts, one of them in two versions, of which the files stay."""

    def post(post_id: str, likes: int, entities: str | None) -> dict[str, object]:
        moment = datetime(2026, 11, 30, 1, tzinfo=UTC)
        return {"id": post_id, "created_at": moment, "like_count": likes, "entities": entities}

    monkeypatch.chdir(tmp_path)
    dataset = open_store("./datasets").create(DatasetSpec("tweet_insights", POSTS, keys=("id",)))
    tea = '{"hashtags": [{"tag": "tea", "start": 0}]}'
    first = '{"hashtags": [{"tag": "tea"}, {"tag": "ünser"}]}'
    rows = [
        post("1790000000000000001", 1_000, first),
        post("1790000000000000002", 7, tea),
        post("1790000000000000003", 100, None),
    ]
    dataset.append(pa.Table.from_pylist(rows, POSTS))
    newer = pa.Table.from_pylist([post("1790000000000000001", 5, first)], POSTS)
    dataset.upsert(newer, ["id"])
    return tmp_path


def run(tool: str, python: Path | str = sys.executable) -> str:
    """Run the blocks of a tool one after the other, in one shell; give what they print."""
    script = "".join(blocks(tool, "bash"))
    for number, block in enumerate(blocks(tool, "python")):
        Path(f"recipe_{number}.py").write_text(block, encoding="utf-8")
        script += f"'{python}' recipe_{number}.py\n"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "TZ": "America/New_York"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def needs_tools() -> Path:
    if not TOOLS.exists():
        pytest.skip("the tools are not installed; `make recipes` installs them")
    return TOOLS


def test_duckdb() -> None:
    assert ast.literal_eval(run("DuckDB").splitlines()[-1]) == HASHTAGS


def test_excel() -> None:
    run("Excel")
    with Path("hashtags.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["hashtag", "posts", "likes"]
    assert [(tag, int(posts), int(likes)) for tag, posts, likes in rows] == HASHTAGS
    sheet = CalamineWorkbook.from_path("posts.xlsx").get_sheet_by_index(0).to_python()
    assert sheet[0] == POSTS.names
    assert sorted(row[0] for row in sheet[1:]) == [f"179000000000000000{n}" for n in (1, 2, 3)]
    assert {row[1] for row in sheet[1:]} == {datetime(2026, 11, 30, 1)}  # noqa: DTZ001 - Excel has no zones


def test_power_bi() -> None:
    run("Power BI")
    table = pq.read_table("posts.parquet")
    assert table.schema.types == POSTS.types
    assert table.num_rows == 3


@pytest.mark.engines
def test_polars() -> None:
    assert ast.literal_eval(run("Polars", needs_tools())) == HASHTAGS


@pytest.mark.engines
def test_clickhouse() -> None:
    rows = filter(None, csv.reader(run("ClickHouse", needs_tools()).splitlines()))
    assert [(tag, int(posts), int(likes)) for tag, posts, likes in rows] == HASHTAGS


@pytest.mark.engines
@pytest.mark.parametrize(("zone", "day"), [("UTC", "2026-11-30"), ("America/New_York", "2026-11-29")])  # fmt: skip
def test_clickhouse_takes_times_for_those_of_the_machine(zone: str, day: str) -> None:
    location = open_store("./datasets").open("tweet_insights").info().location
    code = f"import chdb; print(chdb.query(\"select distinct toDate(created_at) from deltaLakeLocal('{location}')\"))"
    done = subprocess.run(
        [needs_tools(), "-c", code],
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == f'"{day}"'


@pytest.mark.engines
def test_tableau() -> None:
    assert run("Tableau", needs_tools()) == "3\n"
    assert Path("posts.hyper").stat().st_size > 0


def test_every_tool_of_the_page_is_run() -> None:
    tools = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    titles = re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
    assert {title.lower().replace(" ", "_") for title in titles} <= tools
