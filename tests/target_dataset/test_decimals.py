"""Numbers of a declared precision have a column that holds them to the digit."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.singer_messages import Loaded, Message, schema, state
from target_command import Command, Run

from dataset_store.schema import json_schema
from target_dataset.columns import UnfitError, builder
from target_dataset.decode import RecordDecoder
from target_dataset.errors import InvalidRecordError

if TYPE_CHECKING:
    from pathlib import Path

Load = Callable[..., Loaded]

NUMBER = {"type": ["number", "null"], "precision": 20, "scale": 4}
TEXT = {"type": ["string", "null"], "format": "x-singer.decimal", "precision": 20, "scale": 4}
DOUBLE = {"type": ["number", "null"]}
PLAIN = {"type": ["string", "null"], "format": "x-singer.decimal"}
KINDS = {"number": NUMBER, "text": TEXT}

VALUES = {
    "9007199254740993.0": "9007199254740993",
    "9007199254740993.0001": "9007199254740993.0001",
    "-9999999999999999.9999": "-9999999999999999.9999",
    "1.234567890123456789e15": "1234567890123456.789",
    "1.23456789012345678901e15": None,
    "1.2345678901234567E15": "1234567890123456.7",
    "1.10": "1.1",
    "0.1": "0.1",
    "0.10000000": "0.1",
    "10e-1": "1",
    "1E5": "100000",
    "-0.0": "0",
    "0e999999999": "0",
    "7": "7",
    "1e-999999999": None,
    "1e999999999": None,
    "0.00001": None,
    "10000000000000000": None,
    "10000000000000000.0": None,
    "1e16": None,
    "-0.12345": None,
    "0.30000000000000004": None,
}
"""As JSON, and as stored; None is refused."""
FITTING = {text: Decimal(value) for text, value in VALUES.items() if value is not None}
UNFIT = [text for text, value in VALUES.items() if value is None]

WAYS: dict[str, Message] = {
    "plain": {},
    "unchecked": {"validate_records": False},
    "mapped": {"stream_maps": {"s": {"more": "'1'"}}},
    "flattened": {"flattening_enabled": True, "flattening_max_depth": 2},
    "metadata": {"add_record_metadata": True},
    "append": {"load_method": "append-only"},
    "overwrite": {"load_method": "overwrite"},
    "struct": {"nested": "struct"},
}


def line(kind: str, text: str, name: str = "v") -> str:
    value = f'"{text}"' if kind == "text" else text
    return f'{{"type": "RECORD", "stream": "s", "record": {{"{name}": {value}}}}}'


def refused(column: str = "v", precision: int = 20, scale: int = 4) -> str:
    return (
        f"column {column!r} holds a value that is not a decimal of at most {precision} digits, "
        f"{scale} of them after the point"
    )


def stored(loaded: Loaded, column: str = "v") -> dict[Any, int]:
    values = [row[column] for row in loaded.rows("s")]
    return {value: values.count(value) for value in values}


def type_of(loaded: Loaded, column: str = "v") -> pa.DataType:
    return loaded.dataset("s").schema.field(column).type


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("config", WAYS.values(), ids=WAYS)
def test_decimals_keep_every_digit(config: Message, kind: str, load: Load) -> None:
    loaded = load(
        schema("s", {"v": KINDS[kind]}), *(line(kind, text) for text in FITTING), **config
    )
    assert type_of(loaded) == pa.decimal128(20, 4)
    wanted = list(FITTING.values())
    assert stored(loaded) == {value: wanted.count(value) for value in wanted}


def decode(declared: Message, *values: str) -> list[Any]:
    """The values that column `v` holds, from JSON text."""
    decoder = RecordDecoder("s", {"properties": {"v": declared}})
    records = [f'{{"v":{value}}}'.encode() for value in values]
    found: list[Any] = decoder.decode(records, range(1, len(records) + 1)).column(0).to_pylist()
    return found


@pytest.mark.parametrize("text", UNFIT)
def test_what_has_too_many_digits_is_refused(text: str) -> None:
    for declared, value in ((NUMBER, text), (TEXT, f'"{text}"')):
        with pytest.raises(InvalidRecordError, match=f"^Line 2, stream 's': {refused()}$"):
            decode(declared, "null", value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_is_one_line(kind: str, command: Command) -> None:
    found = command(
        schema("s", {"v": KINDS[kind]}), line(kind, "1"), line(kind, "0.12345"), state({})
    )
    assert found == Run(1, "", [f"Line 3, stream 's': {refused()}"])


@pytest.mark.parametrize(
    "text", ["", "a", "1_000", "1,5", "0x1", "\u0661", "1e", ".", "--1", "1e99999999999999999999"]
)
def test_text_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidRecordError, match=refused()):
        decode(TEXT, json.dumps(text))


@pytest.mark.parametrize("value", [True, [], {}], ids=str)
def test_values_of_other_types_are_refused(value: Any) -> None:
    build = builder(pa.field("v", pa.decimal128(20, 4)), null_dates=False)
    with pytest.raises(UnfitError, match=refused()):
        build([value])


def test_what_is_no_number_is_null(load: Load) -> None:
    texts = ["NaN", "-Infinity", "inf"]
    loaded = load(
        schema("s", {"v": TEXT, "w": NUMBER}),
        *(line("text", text) for text in texts),
        *(line("number", text, "w") for text in ["NaN", "null"]),
    )
    assert loaded.rows("s") == [{"v": None, "w": None}] * 5


SPELLED = st.decimals(allow_nan=False, allow_infinity=False).map(str) | st.from_regex(
    r"-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?", fullmatch=True
)


@given(SPELLED, st.integers(1, 38).flatmap(lambda p: st.tuples(st.just(p), st.integers(0, p))))
def test_a_decimal_is_kept_or_refused(text: str, digits: tuple[int, int]) -> None:
    precision, scale = digits
    number = Fraction(text)
    steps = number * 10**scale
    fits = steps.denominator == 1 and abs(steps) < 10**precision
    build = builder(pa.field("v", pa.decimal128(precision, scale)), null_dates=False)
    if fits:
        assert build([text, None]).to_pylist() == [Decimal(text), None]
    else:
        with pytest.raises(UnfitError):
            build([text])


@pytest.mark.parametrize("kind", KINDS)
def test_a_decimal_is_an_exact_key(kind: str, load: Load) -> None:
    keys = ["9007199254740993.0000", "9007199254740992", "1.10", "1.1000", "-0.0", "0"]
    for _ in range(2):
        loaded = load(
            schema("s", {"v": KINDS[kind]}, ["v"]),
            *(line(kind, text) for text in keys),
        )
    wanted = ["9007199254740993", "9007199254740992", "1.1", "0"]
    assert stored(loaded) == dict.fromkeys(map(Decimal, wanted), 1)


INSIDE = {
    "type": "object",
    "properties": {"a": NUMBER, "l": {"type": "array", "items": TEXT}},
}
OBJECT = '{"type": "RECORD", "stream": "s", "record": {"v": {"a": 1.10, "l": ["1.0001", null]}}}'


def test_decimals_in_structs_and_lists(load: Load) -> None:
    loaded = load(schema("s", {"v": INSIDE}), OBJECT, nested="struct")
    assert loaded.rows("s") == [{"v": {"a": Decimal("1.1"), "l": [Decimal("1.0001"), None]}}]
    assert type_of(loaded).field("a").type == pa.decimal128(20, 4)


def test_decimals_in_json_text_stay_as_they_are(load: Load) -> None:
    loaded = load(schema("s", {"v": INSIDE}), OBJECT)
    assert loaded.rows("s") == [{"v": '{"a":1.10,"l":["1.0001",null]}'}]


def test_flattened_and_mapped_decimals(load: Load) -> None:
    loaded = load(
        schema("s", {"v": INSIDE, "w": TEXT}),
        OBJECT.replace('"v"', '"w": "12345678901234.5678", "v"'),
        flattening_enabled=True,
        flattening_max_depth=1,
        stream_maps={"s": {"copy": "w", "joined": "w + '!'", "twice": "float(w) * 2"}},
    )
    [row] = loaded.rows("s")
    assert (row["v__a"], row["copy"]) == (Decimal("1.1"), Decimal("12345678901234.5678"))
    assert (row["joined"], row["twice"]) == ("12345678901234.5678!", 24691357802469.137)


def test_decimals_of_batch_files(tmp_path: Path, load: Load) -> None:
    values = [Decimal("1234567890123456.7891"), Decimal("0.1000"), None]
    pq.write_table(pa.table({"v": pa.array(values, pa.decimal128(20, 4))}), tmp_path / "rows")
    encoding = {"format": "parquet"}
    batch = {
        "type": "BATCH",
        "stream": "s",
        "encoding": encoding,
        "manifest": [str(tmp_path / "rows")],
    }
    assert stored(load(schema("s", {"v": NUMBER}), batch)) == dict.fromkeys(values, 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["upsert", "append-only"])
def test_a_stored_column_keeps_its_type(method: str, kind: str, load: Load) -> None:
    """Builds before had doubles and text for these."""
    before = DOUBLE if kind == "number" else PLAIN
    config = {"load_method": method}
    texts = ["1.10", "2.5"]
    for json_type in (before, KINDS[kind]):
        loaded = load(
            schema("s", {"v": json_type}, ["v"]), *(line(kind, text) for text in texts), **config
        )
    wanted: list[Any] = [1.1, 2.5] if kind == "number" else texts
    assert stored(loaded) == dict.fromkeys(wanted, 2 if method == "append-only" else 1)


@pytest.mark.parametrize("kind", KINDS)
def test_an_overwrite_takes_the_new_type(kind: str, load: Load) -> None:
    before = DOUBLE if kind == "number" else PLAIN
    for json_type in (before, KINDS[kind]):
        loaded = load(schema("s", {"v": json_type}), line(kind, "1.10"), load_method="overwrite")
    assert loaded.rows("s") == [{"v": Decimal("1.1")}]


def test_decimals_inside_of_stored_columns_keep_their_type(load: Load) -> None:
    before = {
        "type": "object",
        "properties": {"a": DOUBLE, "l": {"type": "array", "items": PLAIN}},
    }
    for inside in (before, INSIDE):
        loaded = load(schema("s", {"v": inside}), OBJECT, nested="struct")
    assert loaded.rows("s") == [{"v": {"a": 1.1, "l": ["1.0001", None]}}] * 2


def test_a_stored_double_refuses_keys_that_it_does_not_hold(load: Load, command: Command) -> None:
    load(schema("s", {"v": DOUBLE}, ["v"]), line("number", "1"))
    found = command(
        schema("s", {"v": NUMBER}, ["v"]), line("number", "9007199254740993"), store="datasets"
    )
    assert found.code == 1
    assert "holds a key that a double cannot hold exactly" in found.errors[0]


CHANGES: dict[str, tuple[Message, Message, str, str]] = {
    "wider": (NUMBER, {**NUMBER, "precision": 22, "scale": 5}, "1.5", "decimal128(22, 5)"),
    "narrower": (NUMBER, {**NUMBER, "precision": 3, "scale": 1}, "1.5", "decimal128(20, 4)"),
    "integer, then decimal": ({"type": "integer"}, NUMBER, "1", "decimal128(23, 4)"),
    "decimal, then integer": (NUMBER, {"type": "integer"}, "1", "decimal128(23, 4)"),
    "null, then decimal": ({"type": "null"}, NUMBER, "null", "decimal128(20, 4)"),
    "decimal, then null": (NUMBER, {"type": "null"}, "null", "decimal128(20, 4)"),
    "JSON, then decimal": ({}, NUMBER, "1.10", "string"),
}


@pytest.mark.parametrize(("before", "after", "text", "wanted"), CHANGES.values(), ids=CHANGES)
def test_a_column_whose_type_changes(
    before: Message, after: Message, text: str, wanted: str, load: Load
) -> None:
    for json_type in (before, after):
        loaded = load(schema("s", {"v": json_type}), line("number", text))
    value = None if text == "null" else text if wanted == "string" else Decimal(text)
    assert str(type_of(loaded)) == wanted
    assert loaded.rows("s") == [{"v": value}] * 2


def test_doubles_do_not_fit_a_decimal(load: Load, command: Command) -> None:
    messages = schema("s", {"v": NUMBER}), line("number", "1.5")
    later = schema("s", {"v": DOUBLE}), line("number", "2.50")
    load(*messages)
    found = command(*later, store="datasets")
    assert found.code == 1
    assert "Column 'v' holds decimal128(20, 4), but the new rows hold double" in found.errors[0]
    loaded = load(*later, type_conflicts="text")
    assert stored(loaded) == {"1.5000": 1, "2.5": 1}


def test_a_decimal_column_is_shown_as_declared(load: Load) -> None:
    loaded = load(schema("s", {"v": NUMBER}), line("number", "1.10"))
    assert json_schema(loaded.dataset("s").schema)["properties"] == {"v": NUMBER}
    [row] = loaded.store.query("select sum(v) as v from s").read_all().to_pylist()
    assert row["v"] == Decimal("1.1")
