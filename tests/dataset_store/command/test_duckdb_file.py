"""`dataset export --duckdb`."""

from __future__ import annotations

import shutil
import stat
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from support.dataset_command import failed, succeeded

from dataset_store import DatasetSpec, open_store
from dataset_store.schema import JSON_TEXT, TIMESTAMP

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TYPES: dict[str, tuple[pa.Field, Any, str]] = {
    name: (pa.field(name, data_type, metadata=metadata), value, held)
    for name, data_type, metadata, value, held in [
        ("id", pa.string(), None, "0012", "VARCHAR"),
        ("Likes", pa.int64(), None, 2**62, "BIGINT"),
        ("rate", pa.float64(), None, 0.1, "DOUBLE"),
        ("is_ad", pa.bool_(), None, True, "BOOLEAN"),
        ("created_at", TIMESTAMP, None, NOON, "TIMESTAMP WITH TIME ZONE"),
        ("day", pa.date32(), None, date(2026, 3, 1), "DATE"),
        ("price", pa.decimal128(12, 2), None, Decimal("1.10"), "DECIMAL(12,2)"),
        ("entities", pa.string(), JSON_TEXT, '{"a":[1.10]}', "JSON"),
        ("tags", pa.list_(pa.string()), None, ["a"], "VARCHAR[]"),
        ("_sdc_deleted_at", TIMESTAMP, None, None, "TIMESTAMP WITH TIME ZONE"),
    ]
}
ROW = {name: value for name, (_, value, _) in TYPES.items()}
POSTS = pa.schema([field for field, _, _ in TYPES.values()])


def made(name: str, *rows: dict[str, Any], schema: pa.Schema = POSTS) -> str:
    """The GUID of a new dataset."""
    dataset = open_store("./datasets").create(DatasetSpec(name, schema, description="It's here"))
    if rows:
        dataset.append(pa.Table.from_pylist(list(rows), schema))
    return dataset.id


def asked(query: str, file: str = "all.duckdb") -> list[tuple[Any, ...]]:
    """The answer of a file to a query."""
    with closing(duckdb.connect(file, read_only=True)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        found: list[tuple[Any, ...]] = connection.execute(query).fetchall()
        return found


def test_datasets_are_typed_tables() -> None:
    made("tweet")
    made("TWEET")
    made("twitter.tweet", ROW, {"id": "2", "_sdc_deleted_at": NOON})
    made("users of people.csv", ROW, schema=pa.schema([TYPES["id"][0]]))
    printed = succeeded("export", "--duckdb", "all.duckdb", "--schema", "twitter")
    assert printed == "Wrote 4 tables and 3 views of schema twitter to all.duckdb\n"
    columns = asked("select name, type from pragma_table_info('twitter.tweet')")
    assert dict(columns) == {name: held for name, (_, _, held) in TYPES.items()}
    assert asked("from twitter.tweet where id = '0012'") == [
        tuple(Decimal(value) if name == "price" else value for name, value in ROW.items())
    ]
    tables = "select table_name from information_schema.tables where table_schema = 'twitter'"
    assert {name for (name,) in asked(tables)} == {
        "tweet", "TWEET_2", "tweet_3", "users of people.csv",
        "tweet_current", "TWEET_2_current", "tweet_3_current",
    }  # fmt: skip
    assert ("It's here",) in asked("select comment from duckdb_tables()")


def test_the_view_has_no_deleted_rows_whatever_the_file_is_called() -> None:
    made("tweet", ROW, {"id": "2", "_sdc_deleted_at": NOON})
    succeeded("export", "--duckdb", "all.duckdb")
    shutil.move("all.duckdb", "other.db")
    assert asked("select id from tweet_current", "other.db") == [("0012",)]
    assert asked("select count(*) from tweet", "other.db") == [(2,)]


@pytest.mark.parametrize("text", ["{", "", "{'a': 1}"])
def test_a_text_that_is_not_json_stays(text: str, caplog: pytest.LogCaptureFixture) -> None:
    guid = made("tweet", ROW, {"id": "2", "entities": text})
    succeeded("export", "--duckdb", "all.duckdb")
    assert asked("select entities from tweet where id = '2'") == [(text,)]
    assert f"({guid}): column 'entities' stays text" in caplog.text


def test_the_file_replaces_another_and_is_its_owners() -> None:
    made("tweet", ROW)
    for _ in range(2):
        succeeded("export", "--duckdb", "all.duckdb")
    assert stat.S_IMODE(Path("all.duckdb").stat().st_mode) == 0o600
    assert sorted(each.name for each in Path().iterdir()) == ["all.duckdb", "datasets", "ids.csv"]
    version = Path("all.duckdb").read_bytes()[12]
    assert version == 64, "files of this version are opened by DuckDB 1.0 to 2.0"


def test_a_dataset_that_cannot_be_read_leaves_the_earlier_file() -> None:
    Path("all.duckdb").write_text("earlier")
    guid = made("tweet", ROW)
    for part in Path("datasets", guid).glob("*.parquet"):
        part.unlink()
    told = failed("export", "--duckdb", "all.duckdb")
    assert told.startswith(f"Error: Dataset {guid}: one of its data files is missing")
    assert Path("all.duckdb").read_text() == "earlier"
    assert sorted(each.name for each in Path().iterdir()) == ["all.duckdb", "datasets", "ids.csv"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--duckdb", "folder"], 1, "a folder"),
        (["--duckdb", "link"], 1, "a symbolic link"),
        (["--duckdb", "missing/all.duckdb"], 1, "missing/all.duckdb"),
        (["--duckdb", "all.duckdb", "--schema", " "], 1, "--schema is blank"),
        (["--duckdb", "All.duckdb", "--schema", "all"], 1, "ambiguous"),
        (["--duckdb", "main.db"], 1, "ambiguous"),
        (["tweet", "--duckdb", "all.duckdb"], 2, "without DATASET"),
        (["--duckdb", "all.duckdb", "--bom"], 2, "--bom"),
        (["tweet"], 2, "give DATASET and FILE"),
        (["tweet", "a.csv", "--schema", "twitter"], 2, "--duckdb FILE"),
        ([], 2, "give DATASET and FILE"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_does_not_serve_is_told(words: list[str], code: int, told: str) -> None:
    made("tweet", ROW)
    Path("folder").mkdir()
    Path("link").symlink_to("elsewhere")
    assert told in failed("export", *words, code=code)
    assert not Path("all.duckdb").exists()
