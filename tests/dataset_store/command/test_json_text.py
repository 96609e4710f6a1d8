"""Text that holds JSON leaves as it is, to every digit, whichever command shows it."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from support.dataset_command import failed, succeeded

from dataset_store import DatasetSpec, open_store
from dataset_store.schema import JSON_TEXT

NUMBERS = '{"a": 9007199254740993.0, "b": [1.10], "c": 1E5}'
DEEP = "[" * 5_000 + "]" * 5_000


def store(*texts: str | None) -> None:
    rows = pa.table(
        [pa.array(texts, pa.string())],
        schema=pa.schema([pa.field("v", pa.string(), metadata=JSON_TEXT)]),
    )
    open_store("./datasets").create(DatasetSpec("x", rows.schema)).append(rows)


@pytest.mark.parametrize(
    "words",
    [
        ["show", "x"],
        ["show", "x", "--json"],
        ["sql", "select * from x"],
        ["sql", "select * from x", "--json"],
        ["export", "x", "out.json"],
        ["export", "x", "out.jsonl"],
    ],
    ids=" ".join,
)
def test_numbers_keep_every_digit(words: list[str]) -> None:
    store(NUMBERS.replace(" ", ""))
    printed = succeeded(*words, env={"COLUMNS": "200"})
    if words[0] == "export":
        printed = Path(words[-1]).read_text()
    assert "".join(NUMBERS.split()) in "".join(printed.split())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"a text"', "a text"),
        ("null", None),
        ("7", 7),
        ("{broken", "{broken"),
        ("NaN", "NaN"),
        (DEEP, DEEP),
        (None, None),
    ],
    ids=["text", "null", "number", "broken", "no JSON", "deep", "nothing"],
)
def test_any_json_and_what_is_none(text: str | None, value: object) -> None:
    store(text)
    assert json.loads(succeeded("sql", "select * from x", "--json")) == [{"v": value}]
    succeeded("show", "x")


@pytest.mark.parametrize(
    "expression",
    [
        "json_extract(v, '$.a')",
        "v->>'a'",
        "v->'$.a'",
        "v #>> '{a}'",
        "json_array_length(v)",
        "get_json_object(v, 'a')",
        "parse_json(v)",
        "jsonb_array_elements(v)",
        "cast(v as json)",
        "v.a",
        "v['a']",
        "unnest(v)",
        "1 from json_each(v, '$.a') as tag, x union all select 1",
    ],
)
def test_whoever_asks_json_is_told_of_the_engine_that_can(expression: str) -> None:
    store(NUMBERS)
    told = failed("sql", f"select {expression} from x")
    assert (
        "For JSON, use --engine duckdb, an extra: pip install 'opendataset-target-dataset[sql]' ["
        in told
    )
