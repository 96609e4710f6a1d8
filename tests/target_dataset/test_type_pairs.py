"""What a column holds when its type changes: every type after every other."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from support.singer_messages import Loaded, record, schema

from dataset_store.errors import TypeConflictError
from dataset_store.schema import arrow_schema, type_name
from dataset_store.widening import widen

if TYPE_CHECKING:
    from collections.abc import Callable


NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)

# each type with a value, how it is stored by itself, as text, and as JSON text
TYPES: dict[str, tuple[Any, ...]] = {
    "null": ({"type": "null"}, None, None, None, None),
    "boolean": ({"type": ["boolean", "null"]}, True, True, "true", "true"),
    "integer": ({"type": ["integer", "null"]}, 5, 5, "5", "5"),
    "number": ({"type": ["number", "null"]}, 1.5, 1.5, "1.5", "1.5"),
    "decimal": ({"type": ["number", "null"], "precision": 9, "scale": 2}, 2.25, Decimal("2.25"),
                "2.25", "2.25"),
    "string": ({"type": ["string", "null"]}, "a", "a", "a", '"a"'),
    "date": ({"type": "string", "format": "date"}, "2024-01-02", date(2024, 1, 2),
             "2024-01-02", '"2024-01-02"'),
    "date-time": ({"type": "string", "format": "date-time"}, "2024-01-01T13:00:00+01:00", NOON,
                  "2024-01-01T12:00:00Z", '"2024-01-01T12:00:00Z"'),
    "object": ({"type": ["object", "null"]}, {"a": 1}, *['{"a":1}'] * 3),
    "array": ({"type": ["array", "null"]}, ["x"], *['["x"]'] * 3),
    "any": ({}, "b", '"b"', "b", '"b"'),
    "union": ({"type": ["integer", "string", "null"]}, 7, "7", "7", '"7"'),
}  # fmt: skip
TEXT = {"string", "union"}
JSON = {"object", "array", "any"}
STORED = {
    "null": "null", "boolean": "bool", "integer": "int64", "number": "double",
    "decimal": "decimal128(9, 2)", "string": "string",
    "date": "date32[day]", "date-time": "timestamp[us, tz=UTC]", "object": "json",
    "array": "json", "any": "json", "union": "string",
}  # fmt: skip

WIDER = {
    ("integer", "number"): "double",
    ("integer", "decimal"): "decimal128(21, 2)",
    ("date", "date-time"): "timestamp[us, tz=UTC]",
}
"""Pairs, in either order, with a type that holds both."""

YIELDING = {("number", "decimal"): "double", **{(text, "decimal"): "string" for text in TEXT}}
"""Pairs of which the stored type stays, in this order alone."""

PAIRS = [(old, new) for old in TYPES for new in TYPES]


def becomes(old: str, new: str) -> str | None:
    """The type of the column, `text` if both become text, None if the types contradict each other."""
    if old == "null" or new == "null":
        return STORED[new if old == "null" else old]
    if old in JSON:
        return "json"
    if (old, new) in YIELDING:
        return YIELDING[old, new]
    if old in TEXT:
        return "string" if new in TEXT | JSON else None
    if STORED[old] == STORED[new]:
        return STORED[old]
    return WIDER.get((old, new)) or WIDER.get((new, old))


def value_of(kind: str, column: str) -> Any:
    """How a column of a type holds the value of one of `TYPES`."""
    _, given, alone, text, as_json = TYPES[kind]
    if column in {"string", "json"}:
        return text if column == "string" else as_json
    if column == "double" and given is not None:
        return float(given)
    midnight = datetime(2024, 1, 2, tzinfo=UTC)
    return midnight if kind == "date" and column.startswith("timestamp") else alone


def load_pairs(pairs: list[tuple[str, str]], load: Callable[..., Loaded], **config: Any) -> Loaded:
    """Two runs of one stream, which has a column for each pair and the same in a struct."""
    for number in (0, 1):
        properties = {"-".join(pair): TYPES[pair[number]][0] for pair in pairs}
        values = {"-".join(pair): TYPES[pair[number]][1] for pair in pairs}
        inside = {"type": ["object", "null"], "properties": properties}
        loaded = load(
            schema("s", {"id": {"type": "integer"}, **properties, "o": inside}, ["id"]),
            record("s", id=number, o=values, **values),
            nested="struct",
            **config,
        )
    return loaded


def check(
    pairs: list[tuple[str, str]],
    load: Callable[..., Loaded],
    columns: dict[str, str],
    **config: Any,
) -> None:
    loaded = load_pairs(pairs, load, **config)
    fields = loaded.dataset("s").schema
    inside = fields.field("o").type
    assert {name: type_name(fields.field(name)) for name in columns} == columns
    assert {name: type_name(inside.field(name)) for name in columns} == columns
    rows = sorted(loaded.rows("s"), key=lambda row: row["id"])
    for number, row in enumerate(rows):
        wanted = {"-".join(p): value_of(p[number], columns["-".join(p)]) for p in pairs}
        assert {name: row[name] for name in columns} == wanted
        assert row["o"] == wanted


@pytest.mark.parametrize("method", ["append-only", "upsert"])
def test_types_that_fit_together(method: str, load: Callable[..., Loaded]) -> None:
    pairs = [pair for pair in PAIRS if becomes(*pair)]
    columns = {"-".join(pair): becomes(*pair) or "" for pair in pairs}
    check(pairs, load, columns, load_method=method)


@pytest.mark.parametrize("method", ["append-only", "upsert"])
def test_types_that_contradict_each_other_become_text(
    method: str, load: Callable[..., Loaded]
) -> None:
    columns = {"-".join(pair): becomes(*pair) or "string" for pair in PAIRS}
    check(PAIRS, load, columns, load_method=method, type_conflicts="text")


@pytest.mark.parametrize("pair", [p for p in PAIRS if not becomes(*p)], ids="-then-".join)
def test_types_that_contradict_each_other_are_an_error(pair: tuple[str, str]) -> None:
    old, new = (arrow_schema({"properties": {"v": TYPES[kind][0]}}) for kind in pair)
    with pytest.raises(TypeConflictError, match=f"'v' holds {re.escape(STORED[pair[0]])}, "):
        widen(old, new)
