"""Numbers come out digit by digit, or are refused; no way through the target takes a double for them."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.singer_messages import Loaded, Message, schema, state
from support.target_cases import run_case
from target_command import Command, Run

from target_dataset.columns import json_text
from target_dataset.json_numbers import (
    SpelledNumber,
    exact_number,
    plain_numbers,
    spelled_number,
)

if TYPE_CHECKING:
    from pathlib import Path

Load = Callable[..., Loaded]

INTEGER = {"type": ["integer", "null"]}
NUMBER = {"type": ["number", "null"]}
DEEP = {"type": "object", "properties": {"list": {"type": "array", "items": INTEGER}}}

WAYS: dict[str, Message] = {
    "plain": {},
    "unchecked": {"validate_records": False},
    "mapped": {"stream_maps": {"s": {"more": "'1'"}}},
    "flattened": {"flattening_enabled": True, "flattening_max_depth": 2},
    "metadata": {"add_record_metadata": True},
    "overwrite": {"load_method": "overwrite"},
    "struct": {"nested": "struct"},
}


def number_record(text: str) -> str:
    return f'{{"type": "RECORD", "stream": "s", "record": {{"v": {text}}}}}'


def batch(path: Path, *texts: str) -> Message:
    path.write_text("".join(f'{{"v": {text}}}\n' for text in texts))
    encoding = {"format": "jsonl", "compression": "none"}
    return {"type": "BATCH", "stream": "s", "encoding": encoding, "manifest": [str(path)]}


INTEGERS = {
    "9007199254740993": 9007199254740993,
    "9007199254740993.0": 9007199254740993,
    "1214820332314624001.000": 1214820332314624001,
    "1.234567890123456789E18": 1234567890123456789,
    "1.2345678901234568e+18": 1234567890123456800,
    "-9223372036854775808.0": -(2**63),
    "9.223372036854775807e18": 2**63 - 1,
    "1e2": 100,
    "10.0e-1": 1,
    "-0.0": 0,
    "0e999999999": 0,
    "-0": 0,
    "1.0": 1,
}


@pytest.mark.parametrize("config", WAYS.values(), ids=WAYS)
def test_integers_are_read_to_the_digit(config: Message, load: Load) -> None:
    loaded = load(schema("s", {"v": INTEGER}), *map(number_record, INTEGERS), **config)
    assert sorted(row["v"] for row in loaded.rows("s")) == sorted(INTEGERS.values())


def test_integers_in_batch_files(tmp_path: Path, load: Load) -> None:
    loaded = load(schema("s", {"v": INTEGER}), batch(tmp_path / "records", *INTEGERS))
    assert sorted(row["v"] for row in loaded.rows("s")) == sorted(INTEGERS.values())


def test_integers_in_structs_and_lists(load: Load) -> None:
    record = number_record(f'{{"list": [{", ".join(INTEGERS)}]}}')
    loaded = load(schema("s", {"v": DEEP}), record, nested="struct")
    assert loaded.rows("s") == [{"v": {"list": list(INTEGERS.values())}}]


def test_integers_with_a_fraction_of_zero_are_keys(load: Load) -> None:
    texts = ["9007199254740993.0", "9007199254740992.0", "9007199254740993"]
    loaded = load(schema("s", {"v": INTEGER}, ["v"]), *map(number_record, texts))
    assert sorted(row["v"] for row in loaded.rows("s")) == [9007199254740992, 9007199254740993]


@pytest.mark.parametrize(
    "text",
    [
        "9223372036854775808.0",
        "-9223372036854775809",
        "1e19",
        "1e999999999",
        "1e-999999999",
        "1.5",
        "1.50",
        "9007199254740992.5",
        "0.1e-30",
    ],
)
@pytest.mark.parametrize("config", [WAYS["plain"], WAYS["unchecked"], WAYS["mapped"]],
                         ids=["plain", "unchecked", "mapped"])  # fmt: skip
def test_what_is_no_integer_is_refused(text: str, config: Message, command: Command) -> None:
    found = command(
        schema("s", {"v": INTEGER}), number_record("1"), number_record(text), state({}), **config
    )
    assert (found.code, found.out, len(found.errors)) == (1, "", 1)
    assert found.errors[0].startswith("Line 3, stream 's': column 'v'")
    assert text not in found.errors[0]


DOUBLES = {
    "1": 1.0,
    "1.10": 1.1,
    "1E5": 1e5,
    "0.1234567890123456789": 0.12345678901234568,
    "9007199254740993.0": 9007199254740992.0,
    "12345678901234567890123": 1.2345678901234568e22,
    "1e-400": 0.0,
    "1.7976931348623157e308": 1.7976931348623157e308,
}


@pytest.mark.parametrize("config", WAYS.values(), ids=WAYS)
def test_a_number_becomes_the_nearest_double(config: Message, load: Load) -> None:
    loaded = load(schema("s", {"v": NUMBER}), *map(number_record, DOUBLES), **config)
    assert sorted(row["v"] for row in loaded.rows("s")) == sorted(DOUBLES.values())


@pytest.mark.parametrize("text", ["1e400", "-1e400", "1" + "0" * 400, "1e999999999"])
def test_numbers_beyond_doubles_are_refused(text: str, command: Command) -> None:
    error = "Line 2, stream 's': column 'v' holds a value that is not a number in a double's range"
    assert command(schema("s", {"v": NUMBER}), number_record(text)) == Run(1, "", [error])


SPELLED = [
    "1.10",
    "1E5",
    "-0.0",
    "0.00000001",
    "1e-05",
    "1e400",
    "123456789012345678901234567890",
    "0.1234567890123456789",
    "9007199254740993.0",
    "100000000000000000000000.0",
]


@pytest.mark.parametrize(
    ("json_schema", "wrapped"),
    [
        ({}, "{}"),
        ({"type": ["string", "number", "null"]}, "{}"),
        ({"type": "object"}, '{{"a":[{{"b":{}}}]}}'),
        ({"type": "array"}, "[{},[{},1]]"),
    ],
    ids=["any", "text", "object", "array"],
)
@pytest.mark.parametrize("way", ["plain", "unchecked", "mapped", "metadata"])
def test_text_keeps_the_spelling_of_numbers(
    json_schema: Message, wrapped: str, way: str, load: Load
) -> None:
    values = [wrapped.format(text, text) for text in SPELLED]
    loaded = load(schema("s", {"v": json_schema}), *map(number_record, values), **WAYS[way])
    assert sorted(row["v"] for row in loaded.rows("s")) == sorted(values)


def test_flattening_keeps_the_spelling_of_numbers(load: Load) -> None:
    inner = {"l": {"type": "array"}, "t": {"type": ["string", "number"]}}
    records = [f'{{"l": [{text}, {{"x": {text}}}], "t": {text}}}' for text in SPELLED]
    loaded = load(
        schema("s", {"v": {"type": "object", "properties": inner}}),
        *map(number_record, records),
        flattening_enabled=True,
        flattening_max_depth=2,
    )
    found = {row["v__t"]: row["v__l"] for row in loaded.rows("s")}
    assert found == {text: f'[{text},{{"x":{text}}}]' for text in SPELLED}


@pytest.mark.parametrize("texts", [["1.10", "1e400"], ["NaN", "1.10"]], ids=["JSON", "not JSON"])
def test_text_in_batch_files(texts: list[str], tmp_path: Path, load: Load) -> None:
    loaded = load(schema("s", {"v": {}}), batch(tmp_path / "records", *texts))
    wanted = [None if text == "NaN" else text for text in texts]
    assert [row["v"] for row in loaded.rows("s")] == wanted


EXPRESSIONS = {
    "v * 2": 3.0,
    "v * 1.5": 2.25,
    "1.5 / v": 1.0,
    "-v * 2.0": -3.0,
    "(v + 1) * 2.0": 5.0,
    "v ** 2": 2.25,
    "1.0 if v > 1.4 else 0.0": 1.0,
}


def test_expressions_do_not_depend_on_the_spelling(load: Load) -> None:
    computed = {f"c{number}": f"float({each})" for number, each in enumerate(EXPRESSIONS)}
    loaded = load(
        schema("s", {"v": NUMBER}),
        *map(number_record, ["1.5", "1.50", "15e-1"]),
        stream_maps={"s": computed},
    )
    assert (
        loaded.rows("s")
        == [{"v": 1.5, **dict(zip(computed, EXPRESSIONS.values(), strict=True))}] * 3
    )


NOT_EXACT = "column 'v' holds a key that a double cannot hold exactly; declare the column as an integer or a string"


@pytest.mark.parametrize("types", [["number"], ["integer", "number"]], ids="-".join)
@pytest.mark.parametrize("method", [None, "append-only", "overwrite"])
@pytest.mark.parametrize(
    "text",
    ["1214820332314624001", "9007199254740993", "9007199254740993.0", "0.12345678901234567890", "1.0000000000000000001"],
)  # fmt: skip
def test_a_key_that_no_double_holds_is_refused(
    types: list[str], method: str | None, text: str, command: Command
) -> None:
    config = {"load_method": method} if method else {}
    found = command(
        schema("s", {"v": {"type": types}}, ["v"]),
        number_record("1"),
        number_record(text),
        state({"n": 1}),
        **config,
    )
    assert found == Run(1, "", [f"Line 3, stream 's': {NOT_EXACT}"])


def test_keys_that_doubles_hold_stay_apart(load: Load) -> None:
    texts = [
        "1.1",
        "1.10",
        "11e-1",
        "0.1",
        "1214820332314624000",
        "9007199254740992",
        "0.12345678901234568",
        "1e22",
    ]
    loaded = load(schema("s", {"v": NUMBER}, ["v"]), *map(number_record, texts))
    wanted = [0.1, 0.12345678901234568, 1.1, 9007199254740992.0, 1214820332314624000.0, 1e22]
    assert sorted(row["v"] for row in loaded.rows("s")) == wanted


def test_zero_is_one_key(load: Load) -> None:
    texts = ["0.0", "-0.0", "0", "-0", "0e5", "-0.00"]
    loaded = load(schema("s", {"v": NUMBER}, ["v"]), *map(number_record, texts))
    [row] = loaded.rows("s")
    assert math.copysign(1, row["v"]) == 1


@given(
    st.decimals(allow_nan=False, allow_infinity=False)
    | st.floats(allow_nan=False, allow_infinity=False)
)
def test_numbers_are_spelled_as_they_were_read(number: Decimal | float) -> None:
    text = str(number)
    for read in (exact_number, spelled_number):
        assert json_text(read(text)) == text
        assert Decimal(str(read(text))) == Decimal(text)
    [plain] = plain_numbers([exact_number(text)])
    assert type(plain) in {float, Decimal, int}
    assert Decimal(str(plain)) == Decimal(text)


def test_copies_keep_the_spelling() -> None:
    number = SpelledNumber("1E5")
    for copied in (deepcopy(number), pickle.loads(pickle.dumps(number))):
        assert (str(copied), copied) == ("1E5", 100_000)


def test_integers_of_decimals(tmp_path: Path) -> None:
    case = run_case("p_int_as_decimal", tmp_path)
    assert case.codes == [0]
    assert case.rows("s") == [
        {
            "id": 1,
            "n": 9007199254740993,
            "j": '{"a":9007199254740993.0}',
            "t": "9007199254740993.0",
            "m": "0.1234567890123456789",
        },
        {
            "id": 2,
            "n": 1234567890123456789,
            "j": '{"a":1.234567890123456789E18,"b":123456789012345678901234567890,'
            '"c":0.1234567890123456789,"d":1.10}',
            "t": "123456789012345678901234567890",
            "m": "1.10",
        },
        {"id": 1214820332314624000, "n": 2, "j": None, "t": None, "m": None},
        {"id": 1214820332314624001, "n": 1, "j": None, "t": None, "m": None},
    ]


def test_number_keys(tmp_path: Path) -> None:
    case = run_case("p_number_key", tmp_path)
    refused = NOT_EXACT.replace("'v'", "'id'")
    assert case.runs == [
        Run(1, "", [f"Line 2, stream 's': {refused}"]),
        Run(1, "", [f"Line 2, stream 'w': {refused}"]),
    ]
    assert case.rows("s") == case.rows("w") == []


def test_zero_keys(tmp_path: Path) -> None:
    case = run_case("p_zero_key", tmp_path)
    assert case.codes == [0]
    assert case.rows("s", "k") == [{"k": 0.0, "v": 3}]
