"""`type_conflicts: text`: a column whose types contradict each other becomes text, without loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.singer_messages import Loaded, Rows, record, schema
from target_command import Command, Run

from dataset_store import dataset_id
from dataset_store.schema import type_name

if TYPE_CHECKING:
    from collections.abc import Callable

INT = {"type": ["integer", "null"]}
TEXT = {"type": ["string", "null"]}
MOMENT = {"type": ["string", "null"], "format": "date-time"}
CHOICE = {"type_conflicts": "text", "nested": "struct"}


def stream(part: Any, *values: Any, first: int = 1) -> Rows:
    """A stream of rows that are numbered from `first`."""
    rows = [record("s", id=number, v=value) for number, value in enumerate(values, first)]
    return [schema("s", {"id": INT, "v": part}, ["id"]), *rows]


def values(loaded: Loaded) -> list[Any]:
    return [row["v"] for row in sorted(loaded.rows("s"), key=lambda row: row["id"])]


def test_a_warning_names_stream_column_and_both_types_once(command: Command) -> None:
    line = (
        f"Stream 's', dataset {dataset_id('s')}: Column 'v' holds int64, but the new rows hold string; "
        "it becomes text, as `type_conflicts` is text"
    )
    assert command(*stream(INT, 1), type_conflicts="text") == Run(0, "", [])
    run = command(*stream(TEXT, "a", first=2), type_conflicts="text")
    assert run == Run(0, "", [line])
    later = command(*stream(INT, 3, first=3), *stream(TEXT, "b", first=4), type_conflicts="text")
    assert later == Run(0, "", [line])


@pytest.mark.parametrize("method", ["append-only", "upsert"])
def test_later_rows_of_every_type_load_in_the_same_spelling(
    method: str, load: Callable[..., Loaded]
) -> None:
    parts: list[tuple[Any, Any]] = [
        (INT, 5), (TEXT, "a"), (INT, 5), ({"type": "number"}, 5.0), ({"type": "number"}, 0.5),
        ({"type": "boolean"}, True), (MOMENT, "2024-01-01T01:00:00+01:00"), ({}, "b"),
        ({"type": "null"}, None), ({"type": "object"}, {"a": [1]}), (TEXT, "5"),
    ]  # fmt: skip
    for number, (part, value) in enumerate(parts):
        # the setting is needed once: from then on the column takes everything
        config = {} if number > 1 else {"type_conflicts": "text"}
        loaded = load(*stream(part, value, first=number), load_method=method, **config)
    assert values(loaded) == [
        "5", "a", "5", "5", "0.5", "true", "2024-01-01T00:00:00Z", "b", None, '{"a":[1]}', "5",
    ]  # fmt: skip


def test_a_key_that_becomes_text_still_finds_its_rows(load: Callable[..., Loaded]) -> None:
    load(schema("s", {"k": INT, "n": INT}, ["k"]), record("s", k=1, n=1), record("s", k=2, n=1))
    load(schema("s", {"k": TEXT, "n": INT}, ["k"]), record("s", k="1", n=2), type_conflicts="text")
    loaded = load(schema("s", {"k": INT, "n": INT}, ["k"]), record("s", k=2, n=3))
    assert sorted(map(str, loaded.rows("s"))) == ["{'k': '1', 'n': 2}", "{'k': '2', 'n': 3}"]


OBJECT = {"type": ["object", "null"], "properties": {"a": INT, "b": MOMENT}}
GIVEN = {"a": 1, "b": "2024-01-01T00:00:00Z"}
NESTED: list[tuple[str, Any, Any, Any, Any, str, Any, Any]] = [
    ("field", {"properties": {"a": INT}}, {"a": 1}, {"properties": {"a": TEXT}}, {"a": "x"},
     "struct<a: string>", {"a": "1"}, {"a": "x"}),
    ("elements", {"items": INT}, [1, None], {"items": TEXT}, ["x"], "json", "[1,null]", '["x"]'),
    ("field of elements", {"items": {"properties": {"a": INT}}}, [{"a": 1}],
     {"items": {"properties": {"a": TEXT}}}, [{"a": "x"}],
     "list<element: struct<a: string>>", [{"a": "1"}], [{"a": "x"}]),
    ("object and array", OBJECT, GIVEN, {"items": INT}, [1], "json",
     '{"a":1,"b":"2024-01-01T00:00:00Z"}', "[1]"),
    ("object and any", OBJECT, GIVEN, {}, "x", "json",
     '{"a":1,"b":"2024-01-01T00:00:00Z"}', '"x"'),
    ("object and text", OBJECT, GIVEN, TEXT, "x", "string",
     '{"a":1,"b":"2024-01-01T00:00:00Z"}', "x"),
    ("number and array", INT, 1, {"items": INT}, [1], "string", "1", "[1]"),
    ("names that differ by case", {"properties": {"a": INT}}, {"a": 1},
     {"properties": {"A": INT}}, {"A": 1}, "json", '{"a":1}', '{"A":1}'),
]  # fmt: skip


@pytest.mark.parametrize("method", ["upsert", "overwrite"])
@pytest.mark.parametrize(
    ("old", "first", "new", "second", "column", "stored", "added"),
    [case[1:] for case in NESTED],
    ids=[case[0] for case in NESTED],
)
def test_objects_and_arrays(
    old: Any, first: Any, new: Any, second: Any, column: str, stored: Any, added: Any, method: str,
    load: Callable[..., Loaded],
) -> None:  # fmt: skip
    runs = [stream(old, first), stream(new, second, first=2), stream(old, first, first=3)]
    if method == "overwrite":
        loaded = load(*(each for run in runs for each in run), load_method=method, **CHOICE)
    else:
        for run in runs:
            loaded = load(*run, **CHOICE)
    assert type_name(loaded.dataset("s").schema.field("v")) == column
    assert values(loaded) == [stored, added, stored]


def test_types_that_fit_stay_as_they_are(load: Callable[..., Loaded]) -> None:
    load(*stream(INT, 1), type_conflicts="text")
    loaded = load(*stream({"type": "number"}, 1.5, first=2), type_conflicts="text")
    assert values(loaded) == [1.0, 1.5]
