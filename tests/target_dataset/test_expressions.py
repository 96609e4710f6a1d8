"""Columns that stream maps compute have the types of what their expressions give."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from support.singer_messages import Loaded, Message, record, schema
from support.target_cases import run_case

from dataset_store.schema import arrow_schema, type_name
from target_dataset.expressions import type_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from target_command import Command

TEXT = {"type": ["string", "null"]}
PROPERTIES: Message = {
    "id": {"type": "integer"},
    "n": {"type": ["integer", "null"]},
    "f": {"type": "number"},
    "s": {"type": "string"},
    "b": {"type": "boolean"},
    "at": {"type": "string", "format": "date-time"},
    "user": {"type": "object", "properties": {"name": TEXT, "n": {"type": "integer"}}},
    "tags": {"type": "array", "items": TEXT},
    "any": {},
}
GIVEN = {
    "id": 3, "n": 2, "f": 1.5, "s": "abc", "b": True, "at": "2024-01-01T01:00:00+01:00",
    "user": {"name": "ann", "n": 7}, "tags": ["x"], "any": 5,
}  # fmt: skip

# the expression, the type of its column or None if it is not certain, and what is stored
EXPRESSIONS: list[tuple[str, str | None, Any]] = [
    ("id > 5", "bool", False), ("not b", "bool", False), ("'x' in tags", "bool", True),
    ("float(id) > 2", "bool", True), ("int(f) / 2", "double", 0.5), ("id * 2", "int64", 6),
    ("id + 1", "int64", 4), ("id + f", "double", 4.5), ("-id", "int64", -3), ("id ** 2", "double", 9.0),
    ("id // 2", "int64", 1), ("7 / 2", "double", 3.5), ("b + 1", "int64", 2),
    ("str(id)", "string", "3"), ("md5(s)", "string", "900150983cd24fb0d6963f7d28e17f72"),
    ("float(id)", "double", 3.0), ("int('7')", "int64", 7), ("bool(n)", "bool", True),
    ("json.dumps(tags)", "string", '["x"]'), ("s + 'd'", "string", "abcd"),
    ("s * 2", "string", "abcabc"), ("s.upper()", "string", "ABC"), ("s[1:]", "string", "bc"),
    ("s.startswith('a')", "bool", True), ("s.find('c')", "int64", 2), ("at[:10]", "string", "2024-01-01"),
    ("id if b else None", "int64", 3), ("None if b else s", "string", None),
    ("id if b else s", "string", "3"), ("id if b else f", "double", 3.0), ("n or f", "double", 2.0),
    ("at", "timestamp[us, tz=UTC]", datetime(2024, 1, 1, tzinfo=UTC)), ("_['n']", "int64", 2),
    ("record['f']", "double", 1.5), ("user['n'] + 1", "int64", 8), ("user.name", "string", "ann"),
    ("__stream_name__", "string", "s"), ("f'{id}!'", "string", "3!"), ("[id, s]", "json", '[3,"abc"]'),
    ("{'a': id}", "json", '{"a":3}'), ("s.split('b')", "json", '["a","c"]'),
    ("datetime.datetime.fromisoformat(at)", "timestamp[us, tz=UTC]", datetime(2024, 1, 1, tzinfo=UTC)),
    ("datetime.datetime.fromisoformat(at).date()", "date32[day]", datetime(2024, 1, 1).date()),  # noqa: DTZ001
    ("datetime.datetime.fromisoformat(at).timestamp()", "double", 1704067200.0),
    ("any", "json", "5"), ("None", "null", None), ("True", "bool", True), ("'x'", "string", "x"),
    ("any + 1", None, "6"), ("config['x'] * 2", None, "4"), ("user.get('n')", None, "7"),
    ("any > 1 and any", "json", "5"), ("tags[0]", None, "x"),
]  # fmt: skip


def test_columns_have_the_types_of_their_expressions(load: Callable[..., Loaded]) -> None:
    maps = {f"v{number}": text for number, (text, *_) in enumerate(EXPRESSIONS)}
    for _ in range(2):
        loaded = load(
            schema("s", PROPERTIES, ["id"]),
            record("s", **GIVEN),
            stream_maps={"s": {"id": "id", **maps, "__else__": None}},
            stream_map_config={"x": 2},
        )
    columns = loaded.dataset("s").schema
    [row] = loaded.rows("s")
    found = {text: (type_name(columns.field(name)), row[name]) for name, text in maps.items()}
    assert found == {text: (kind or "string", value) for text, kind, value in EXPRESSIONS}


@pytest.mark.parametrize(("text", "kind"), [each[:2] for each in EXPRESSIONS])
def test_a_type_is_certain_or_none(text: str, kind: str | None) -> None:
    found = type_of(text, PROPERTIES, "v")
    assert (found is None) is (kind is None)
    if found is not None:
        assert type_name(arrow_schema({"properties": {"v": found}}).field(0)) == kind


@pytest.mark.parametrize(
    "text", ["((", "", "a = 1", "nobody", "lambda: 1", "fake.name()", "~id", "id % s", "s - s"]
)
def test_nothing_is_said_of_what_is_not_known(text: str) -> None:
    assert type_of(text, PROPERTIES, "v") is None


def test_a_property_may_get_another_type(load: Callable[..., Loaded]) -> None:
    maps = {"id": "md5(str(id))", "n": "self > 1", "s": "f"}
    loaded = load(schema("s", PROPERTIES, ["id"]), record("s", **GIVEN), stream_maps={"s": maps})
    names = [type_name(loaded.dataset("s").schema.field(name)) for name in maps]
    assert names == ["string", "bool", "double"]


@pytest.mark.parametrize(
    ("maps", "reason"),
    [
        ({"id": "config['x']"}, "'id' holds a value that is not a 64-bit integer"),
        ({"v": "id * 9223372036854775807"}, "'v' holds a value that is not a 64-bit integer"),
    ],
    ids=["unknown", "too large"],
)
def test_an_expression_that_is_at_fault_is_named(
    maps: dict[str, str], reason: str, command: Command
) -> None:
    stream = [schema("s", PROPERTIES, ["id"]), record("s", **GIVEN)]
    run = command(*stream, stream_maps={"s": maps}, stream_map_config={"x": "secret"})
    [error] = run.errors
    assert error.startswith(f"Line 2, stream 's': column {reason}")
    assert error.endswith("`stream_maps` computes it: correct the expression, or wrap it in str()")


def test_records_are_checked_before_they_are_mapped(tmp_path: Path) -> None:
    case = run_case("m02_streammap_dotted", tmp_path)
    assert case.codes == [0]
    assert case.rows("public.orders") == [{"id": 1, "x": 2}]


@pytest.mark.parametrize("kind", [TEXT, {"type": "integer"}], ids=["text", "integer"])
def test_a_column_that_earlier_versions_made_as_text_stays_text(
    kind: Any, load: Callable[..., Loaded]
) -> None:
    """Other versions took computed columns for text: rows go on to be loaded as they were."""
    load(schema("s", {"id": {"type": "integer"}, "x": kind}, ["id"]), record("s", id=0))
    for number in (1, 2):
        loaded = load(
            schema("s", {"id": {"type": "integer"}}, ["id"]),
            record("s", id=number),
            stream_maps={"s": {"x": "id * 2"}},
        )
    values = ["2", "4"] if kind is TEXT else [2, 4]
    assert sorted(row["x"] for row in loaded.rows("s") if row["id"]) == values
