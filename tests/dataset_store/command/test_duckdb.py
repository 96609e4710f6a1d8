"""`dataset sql --engine duckdb`."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from support.dataset_command import failed, succeeded

from dataset_store import DatasetSpec, open_store
from dataset_store.schema import JSON_TEXT, TIMESTAMP

README = Path(__file__).parents[3] / "target-dataset" / "README.md"
POSTS = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("like_count", pa.int64()),
        pa.field("entities", pa.string(), metadata=JSON_TEXT),
        pa.field("created_at", TIMESTAMP),
    ]
)


def answered(query: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(
        succeeded("sql", query, "--engine", "duckdb", "--json")
    )
    return found


@pytest.fixture
def insights() -> None:
    def post(post_id: str, likes: int, *tags: str) -> dict[str, object]:
        entities = json.dumps({"hashtags": [{"tag": tag, "start": 0} for tag in tags]})
        return {"id": post_id, "like_count": likes, "entities": entities if tags else None}

    rows = [post("1", 5, "tea", "ünser"), post("2", 7, "tea"), post("3", 100)]
    open_store("./datasets").create(DatasetSpec("tweet_insights", POSTS)).append(
        pa.Table.from_pylist(rows, POSTS)
    )


def test_the_recipe_of_the_readme_counts_hashtags(insights: None) -> None:
    (block,) = re.findall(r"```bash\n([^`]*json_each[^`]*)```", README.read_text(encoding="utf-8"))
    query, command = re.findall(r"<<'SQL'\n(.*)SQL\n(.*)\n", block, re.DOTALL)[0]
    words = shlex.split(command.replace("$(cat hashtags.sql)", "QUERY"))

    assert words == ["dataset", "sql", "--engine", "duckdb", "QUERY"]
    assert answered(query) == [
        {"hashtag": "tea", "posts": 2, "likes": 12},
        {"hashtag": "ünser", "posts": 1, "likes": 5},
    ]


def test_a_dataset_may_be_scanned_twice_and_beside_others(posts: str, insights: None) -> None:
    query = (
        "select count(*) as n from tweet_insights a join tweet_insights b using (id) "
        f'cross join "{posts}" cross join "my posts"'
    )

    assert answered(query) == [{"n": 12}]


def test_many_rows_are_answered_as_they_come() -> None:
    ids = pa.table({"id": list(map(str, range(200_000)))})
    open_store("./datasets").create(DatasetSpec("many", ids.schema)).append(ids)

    printed = succeeded("sql", "select * from many", "--engine", "duckdb", "--csv")
    assert sorted(printed.split()) == sorted(
        ['"id"', *(f'"{number}"' for number in range(200_000))]
    )


def test_values_keep_their_types(posts: str) -> None:
    query = """select likes, sum(likes) as total, created_at, day, tags, date_trunc('day', created_at) as d,
        entities->>'$.urls' as urls from "my posts" where id = '1' group by all"""

    assert answered(query) == [
        {
            "likes": 2**53 + 1,
            "total": 2**53 + 1,
            "created_at": "2024-02-29T23:59:59.123456Z",
            "day": "2024-02-29",
            "tags": ["a", "ü"],
            "d": "2024-02-29T00:00:00Z",
            "urls": "[]",
        }
    ]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("select * from read_csv('/etc/passwd')", "disabled by configuration"),
        ("explain analyze copy (select 1) to 'out.csv'", "disabled by configuration"),
        ("copy (select 1) to 'out.csv'", "it is not a query"),
        ("attach 'x.db'", "it is not a query"),
        ("set enable_external_access = true", "it is not a query"),
        ("select 1; select 2", "2 statements; give one query"),
        ("select * from Path", "does not exist"),
        ("create table x (a int)", "it is not a query"),
        ("selec", "syntax error"),
        ("", "it is not a query"),
        ("select interval 1 day", "convert it to text"),
        ('select cast(entities as int) from "my posts"', "a value cannot be cast; use try_cast"),
        ("select entities->'$.a' from \"my posts\"", "DuckDB failed"),
    ],
)
def test_what_is_refused_is_one_line_without_values(query: str, said: str, posts: str) -> None:
    told = failed("sql", query, "--engine", "duckdb", "--json")

    assert said in told
    assert told.count("\n") == 1
    assert "urls" not in told
    assert not Path("out.csv").exists()


def test_a_missing_file_is_told_as_by_other_commands(posts: str) -> None:
    for part in Path("datasets", posts).glob("*.parquet"):
        part.unlink()

    told = failed("sql", 'select * from "my posts"', "--engine", "duckdb", "--csv")
    assert told.startswith(f"Error: Dataset {posts}: one of its data files is missing")


def test_without_duckdb_the_extra_is_named(posts: str) -> None:
    code = (
        "import sys; sys.modules['duckdb'] = None; from dataset_store.cli import main; "
        "main(['sql', '--engine', 'duckdb', 'select 1'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr == (
        "Error: DuckDB is not installed, which --engine duckdb and --duckdb need; "
        "pip install 'opendataset-target-dataset[sql]' [docs/errors.md#datasets]\n"
    )
