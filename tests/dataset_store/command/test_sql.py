"""`dataset sql`."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from support.dataset_command import dataset, failed, succeeded

from dataset_store import DatasetSpec, open_store


def test_sql_knows_datasets_by_name_and_guid(posts: str) -> None:
    query = f'select count(*) as n, max(likes) as top from "my posts" join "{posts}" using (likes)'

    assert json.loads(succeeded("sql", query, "--json")) == [{"n": 1, "top": 2**53 + 1}]
    assert succeeded("sql", query, "--csv") == '"n","top"\n1,9007199254740993\n'
    assert "9007199254740993" in succeeded("sql", query)


def test_sql_knows_odd_names() -> None:
    succeeded("import", "ids.csv", "--name", 'A "b" c.d')

    assert succeeded("sql", 'select name from "A ""b"" c.d"', "--csv").count("\n") == 3


def test_sql_without_rows_is_an_empty_array(posts: str) -> None:
    assert json.loads(succeeded("sql", 'select * from "my posts" where false', "--json")) == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("selec", "not a query"),
        ("delete from x", "not a query"),
        ("copy x to 'y.csv'", "not a query"),
        ("select * from nowhere", "nowhere"),
        ('select nope from "my posts"', "nope"),
        ("select 1; select 2", "single SQL statement"),
        ("select 1/0", "SQL: "),
    ],
)
def test_a_refused_query_is_told_in_one_line(query: str, said: str, posts: str) -> None:
    told = failed("sql", query, "--json")

    assert told.startswith("Error: SQL: ")
    assert said in told
    assert told.count("\n") == 1


def test_a_table_of_many_rows_is_cut_and_says_so() -> None:
    ids = pa.table({"id": list(map(str, range(1500)))})
    open_store("./datasets").create(DatasetSpec("many", ids.schema)).append(ids)
    result = dataset("sql", "select id from many")

    assert result.stdout.count("\n") == 1000 + 4
    assert "1,000 rows" in result.stderr
    assert len(json.loads(succeeded("sql", "select id from many", "--json"))) == 1500


@pytest.mark.parametrize(
    "comment", ["-- likes\n", "/* likes */ ", "--a=b\n", "-- --csv\n"], ids=repr
)
@pytest.mark.parametrize("engine", ["datafusion", "duckdb"])
def test_a_query_may_begin_with_a_comment(engine: str, comment: str, posts: str) -> None:
    query = f'{comment}select max(likes) as n from "my posts"'

    assert json.loads(succeeded("sql", query, "--engine", engine, "--json")) == [{"n": 2**53 + 1}]


def test_an_unknown_option_is_no_query() -> None:
    assert "No such option '--jsn'" in failed("sql", "select 1", "--jsn", code=2)


@pytest.mark.parametrize("engine", ["datafusion", "duckdb"])
def test_a_plan_is_shown_whole(engine: str, posts: str) -> None:
    shown = succeeded(
        "sql", 'explain select likes from "my posts" where likes > 1', "--engine", engine
    )

    assert "…" not in shown
    assert "likes" in shown
    assert shown.count("\n") > 3


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("select * from my posts", 'Write the dataset as "my posts"'),
        ('select * from "my pots"', 'Did you mean "my posts"?'),
        ('select * from "my posts" where id = "Bob"', "put it in single quotes"),
    ],
)
@pytest.mark.parametrize("engine", ["datafusion", "duckdb"])
def test_a_mistake_of_quotes_is_answered_with_a_hint(
    engine: str, query: str, hint: str, posts: str
) -> None:
    told = failed("sql", query, "--engine", engine)

    assert told.startswith("Error: SQL: ")
    assert hint in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("engine", ["datafusion", "duckdb"])
def test_columns_of_one_name_are_all_shown(engine: str, posts: str) -> None:
    query = f'select a.likes, b.likes from "my posts" a join "{posts}" b using (likes)'
    printed = succeeded("sql", query, "--engine", engine, "--csv")

    assert printed == '"likes","likes_2"\n9007199254740993,9007199254740993\n'


def test_csv_of_an_answer_can_be_for_spreadsheets() -> None:
    words = ["sql", "select '=1+1' as n", "--csv", "--bom", "--guard-formulas"]

    succeeded("import", "ids.csv", "--name", "ids")
    assert succeeded(*words) == '\ufeff"n"\n"\'=1+1"\n'
