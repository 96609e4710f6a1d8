"""What is a query, which datasets it means, and what helps if an engine refuses it."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from dataset_store.base import DatasetInfo
from dataset_store.errors import DatasetError
from dataset_store.queries import check_query, distinct, mentioned, refusal


@pytest.mark.parametrize(
    "sql",
    [
        "select 1",
        "  \n(SELECT 1)",
        "with a as (select 1) select * from a",
        "values (1)",
        "describe x",
        "-- a comment\nselect 1",
        "/* one */ /* two\nlines */\n-- three\n(select 1)",
        "explain select 1",
        "EXPLAIN ANALYZE VERBOSE /* x */ select 1",
        "-- a\nexplain -- b\nanalyze select 1",
        "/**//**//***/select 1",
    ],
)
def test_a_query_is_known(sql: str) -> None:
    check_query(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "",
        "selec",
        "selections",
        "delete from x",
        "copy x to 'y.csv'",
        "explain copy x to 'y.csv'",
        "explain analyze insert into x values (1)",
        "explain",
        "-- select 1",
        "/* select 1",
        "/* a */ drop table x /* */ select",
        "explain explain select 1",
        "/**/" * 5_000 + "x",
        "((" * 50_000,
        "--\n" * 50_000,
    ],
    ids=lambda sql: sql[:40],
)
def test_what_is_no_query_is_refused(sql: str) -> None:
    with pytest.raises(DatasetError, match="it is not a query"):
        check_query(sql)


def info(name: str, number: int) -> DatasetInfo:
    now = datetime.now(UTC)
    return DatasetInfo(
        f"{number:08}-0000-0000-0000-000000000000", name, "", (), 1, "1", now, now, ""
    )


def test_datasets_are_mentioned_by_name_in_any_case_and_by_guid() -> None:
    infos = [
        info("Demo people", 1),
        info('a"b', 2),
        info("other", 3),
        info("twin", 4),
        info("twin", 5),
    ]
    sql = f'select * from "demo people", "a""b", "{infos[2].id}", twin, "{infos[4].id.upper()}"'

    assert mentioned(sql, infos) == {
        "Demo people": infos[0].id,
        'a"b': infos[1].id,
        infos[2].id: infos[2].id,
        infos[4].id: infos[4].id,
    }


NAMES = ["Demo people", "people", "x.tweets", "twin", "twin", "tweet_insights"]
HINTS = {
    "blank in a name": (
        "select * from Demo people",
        "table 'datafusion.public.Demo' not found",
        'as "Demo people", and put the query in single quotes',
    ),
    "other case": ("select * from demo PEOPLE", "table 'demo' not found", 'as "Demo people"'),
    "dot": ("select * from x.tweets", "table 'datafusion.x.tweets' not found", 'as "x.tweets"'),
    "parser": ("select * from Demo people x", "Expected: end", 'as "Demo people"'),
    "misspelled": (
        "select * from tweet_insight",
        "table 'datafusion.public.tweet_insight' not found",
        'Did you mean "tweet_insights"?',
    ),
    "duckdb": (
        "from tweet_insight",
        "Table with name tweet_insight does not exist!",
        'Did you mean "tweet_insights"?',
    ),
    "shared": (
        "select * from twin",
        "table 'twin' not found",
        "2 datasets have this name; use their GUIDs",
    ),
    "unknown": ("select * from zzz", "table 'zzz' not found", "`dataset list` shows"),
    "text": (
        'select 1 where name = "Bob"',
        'No field named "Bob". Valid fields are name.',
        "If 'Bob' is text",
    ),
    "plain text": (
        'select 1 where name = "bob"',
        "No field named bob.\nValid fields",
        "If 'bob' is text",
    ),
    "text in duckdb": (
        'select 1 where name = "Bob"',
        'Referenced column "Bob" not found in',
        "If 'Bob' is text",
    ),
    "json": ("select json_get(a)", "Invalid function 'json_get'.", "use --engine duckdb"),
    "arrow": ("select a->'b'", "Operator -> is not yet supported", "use --engine duckdb"),
}


@pytest.mark.parametrize(("sql", "said", "hint"), HINTS.values(), ids=HINTS)
def test_a_refusal_says_what_helps(sql: str, said: str, hint: str) -> None:
    told = str(refusal(said, sql, NAMES))

    assert hint in told
    assert "\n" not in told
    assert "datafusion.public" not in told


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        (
            'select nope from "Demo people"',
            'No field named nope. Valid fields are "Demo people".id.',
        ),
        ("select 'Demo people' fro x", "Expected: end of statement"),
        ("select 1/", "SQL error"),
    ],
)
def test_other_refusals_stay_as_they_are(sql: str, said: str) -> None:
    assert str(refusal(said, sql, NAMES)) == f"SQL: {said}"


def test_columns_of_one_name_are_told_apart() -> None:
    schema = pa.schema(
        [("id", pa.string()), ("id", pa.int64()), ("id_2", pa.string()), ("id", pa.bool_())]
    )

    assert distinct(schema).names == ["id", "id_2", "id_2_2", "id_3"]
    assert distinct(schema).types == schema.types
