"""What JSON values become in the store."""

from __future__ import annotations

import io
import json
import tempfile
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.singer_messages import Message, lines, read, record, schema

from dataset_store import dataset_id, open_store
from dataset_store.schema import TIMESTAMP, arrow_schema
from target_dataset import columns
from target_dataset.columns import UnfitError
from target_dataset.decode import RecordDecoder
from target_dataset.errors import InvalidRecordError
from target_dataset.target import TargetDataset

DATE_TIME = {"type": ["string", "null"], "format": "date-time"}
DATE = {"type": ["string", "null"], "format": "date"}


def decode(json_schema: Message, *texts: str, **options: Any) -> list[Any]:
    """The values that column `v` holds, from the JSON texts of values."""
    decoder = RecordDecoder("s", {"properties": {"v": json_schema}}, **options)
    records = [f'{{"v":{text}}}'.encode() for text in texts]
    lines = range(1, len(records) + 1)
    found: list[Any] = decoder.decode(records, lines).column("v").to_pylist()
    return found


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("json_schema", "text", "stored"),
    [
        ({"type": "integer"}, "1.0", 1),
        ({"type": "integer"}, "-9223372036854775808", -(2**63)),
        ({"type": "integer"}, "1e3", 1000),
        ({"type": "number"}, "1", 1.0),
        ({"type": "number"}, "9007199254740993", 9007199254740992.0),
        ({"type": "number"}, "1.10", 1.1),
        ({"type": "number"}, "12345678901234567890123", 1.2345678901234568e22),
        ({"type": "string"}, '"Grüße 😀 \\u0000"', "Grüße 😀 \x00"),
        ({"type": ["string", "integer"]}, "12345678901234567890", "12345678901234567890"),
        ({"type": ["string", "boolean"]}, "true", "true"),
        ({"type": "object"}, '{ "ä": [1, 2.50, null, "\\u00e9"] }', '{"ä":[1,2.50,null,"é"]}'),
        ({"type": "array"}, "[]", "[]"),
        ({}, '"text"', '"text"'),
        ({}, "null", None),
        ({}, "0", "0"),
        (DATE_TIME, '"2024-02-29T12:00:00+02:00"', at(2024, 2, 29, 10)),
        (DATE_TIME, '"2024-02-29t12:00:00z"', at(2024, 2, 29, 12)),
        (DATE_TIME, '"2024-02-29 12:00:00"', at(2024, 2, 29, 12)),
        (DATE_TIME, '"2024-02-29"', at(2024, 2, 29)),
        (DATE_TIME, '"2024-02-29T12:00:00.123456789Z"', at(2024, 2, 29, 12, 0, 0, 123456)),
        (DATE_TIME, '"0001-01-01T00:00:00Z"', at(1, 1, 1)),
        (DATE_TIME, '"9999-12-31T23:59:59.999999Z"', datetime.max.replace(tzinfo=UTC)),
        (DATE_TIME, "null", None),
        (DATE, '"2024-02-29"', date(2024, 2, 29)),
        (DATE, '"20240229"', date(2024, 2, 29)),
        (DATE, '"2024-02-29T00:00:00Z"', date(2024, 2, 29)),
        (DATE, '"2024-02-29t00:00:00.000000z"', date(2024, 2, 29)),
        (DATE, '"2024-02-29 00:00:00"', date(2024, 2, 29)),
        (DATE, '"2024-02-29T00:00:00+00:00"', date(2024, 2, 29)),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
@pytest.mark.parametrize("beside", [[], ["null"]], ids=["alone", "beside-null"])
def test_values(json_schema: Message, text: str, stored: Any, beside: list[str]) -> None:
    found = decode(json_schema, text, *beside, validate=False)
    assert found == [stored, *[None] * len(beside)]
    assert type(found[0]) is type(stored)


@pytest.mark.parametrize(
    ("json_schema", "text", "reason"),
    [
        ({"type": "integer"}, "9223372036854775808", "not a 64-bit integer"),
        ({"type": "integer"}, "1.5", "not a 64-bit integer"),
        ({"type": "integer"}, "true", "not a 64-bit integer"),
        ({"type": "integer"}, '"5"', "not a 64-bit integer"),
        ({"type": "number"}, "true", "not a number in a double's range"),
        ({"type": "number"}, "1" + "0" * 400, "not a number in a double's range"),
        ({"type": "boolean"}, "1", "neither true nor false"),
        (DATE_TIME, '"secret"', "not a date from year 1 to 9999"),
        (DATE_TIME, '""', "not a date from year 1 to 9999"),
        (DATE_TIME, "5", "not a date from year 1 to 9999"),
        (DATE_TIME, '"0000-01-01T00:00:00Z"', "not a date from year 1 to 9999"),
        (DATE_TIME, '"9999-12-31T23:59:59-01:00"', "not a date from year 1 to 9999"),
        (DATE, '"2023-02-29"', "not a date from year 1 to 9999"),
        (DATE, '"0000-01-01"', "not a date from year 1 to 9999"),
        (DATE, '"2024-02-29T00:00:00.000001Z"', "not a date from year 1 to 9999"),
        (DATE, '"2024-02-29T00:00:00+02:00"', "not a date from year 1 to 9999"),
        (DATE, '"2024-02-29T22:00:00-02:00"', "not a date from year 1 to 9999"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else None,
)
def test_values_that_do_not_fit(json_schema: Message, text: str, reason: str) -> None:
    with pytest.raises(InvalidRecordError) as caught:
        decode(json_schema, "null", text, validate=False)
    assert str(caught.value).startswith("Line 2, stream 's': column 'v' holds ")
    assert reason in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("json_schema", [DATE_TIME, DATE], ids=["date-time", "date"])
def test_invalid_dates_may_become_null(json_schema: Message) -> None:
    texts = ['"2024-01-01"', '"0000-00-00"', '"2024-01-02"']
    found = decode(json_schema, *texts, null_dates=True)
    assert [value and value.day for value in found] == [1, None, 2]


STRUCT = {
    "type": "object",
    "properties": {
        "n": {"type": ["integer", "null"]},
        "at": DATE_TIME,
        "any": {},
        "tags": {
            "type": ["array", "null"],
            "items": {"type": "object", "properties": {"tag": {"type": "string"}}},
        },
    },
}


def test_structs() -> None:
    found = decode(
        STRUCT,
        '{"n": 1.0, "at": "2024-01-01T01:00:00+01:00", "any": {"x": 1}, "extra": 1,'
        ' "tags": [{"tag": "a"}, null, {}]}',
        "null",
        '{"tags": []}',
        nested="struct",
        validate=False,
    )
    assert found == [
        {
            "n": 1,
            "at": at(2024, 1, 1),
            "any": '{"x":1}',
            "tags": [{"tag": "a"}, None, {"tag": None}],
        },
        None,
        {"n": None, "at": None, "any": None, "tags": []},
    ]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"n": "x"}', "'v.n'"),
        ('{"tags": [{"tag": "a"}, 5]}', "'v.tags[]'"),
        ('{"tags": {}}', "'v.tags'"),
        ("[]", "'v'"),
    ],
)
def test_values_that_do_not_fit_into_structs(text: str, path: str) -> None:
    with pytest.raises(InvalidRecordError, match="Line 1, stream 's': column") as caught:
        decode(STRUCT, text, nested="struct", validate=False)
    assert path in str(caught.value)


moments = st.datetimes(
    timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
)
DIGITS = st.text("0123456789", min_size=1, max_size=2)
almost_moments = st.builds(
    "{}-{}-{}{}{}:{}{}".format,
    st.sampled_from(["0000", "0001", "2024", "9999", "24"]),
    DIGITS,
    DIGITS,
    st.sampled_from(["T", " ", "t", ""]),
    DIGITS,
    DIGITS,
    st.sampled_from(["Z", "", "z", ":00Z", ":60Z", ":00.1Z", ":00.1234567+01", ":00+0130"]),
)
texts = (
    moments.map(datetime.isoformat) | st.dates().map(date.isoformat) | almost_moments | st.text()
)


@pytest.mark.parametrize(
    ("data_type", "values"),
    [
        (pa.int64(), st.integers() | st.floats() | st.booleans() | st.text()),
        (pa.float64(), st.integers() | st.floats(allow_nan=False) | st.booleans() | st.text()),
        (pa.bool_(), st.booleans() | st.integers(0, 1)),
        (pa.string(), st.text() | st.integers() | st.booleans()),
        (TIMESTAMP, texts),
        (pa.date32(), texts),
    ],
    ids=["integer", "number", "boolean", "string", "date-time", "date"],
)
def test_shortcuts_agree_with_the_rules(
    data_type: pa.DataType, values: st.SearchStrategy[Any]
) -> None:
    """Wherever Arrow converts a whole column, each value by itself comes out the same."""
    kind = columns._KINDS[data_type]

    @given(values)
    def agree(value: Any) -> None:
        try:
            quick = kind.shortcut([None, value])
        except columns._FAILURES:
            return
        assert quick.equals(pa.array([None, kind.rule(value)], data_type))

    agree()


def test_an_unfit_value_is_not_shown() -> None:
    build = columns.builder(pa.field("v", pa.int64()), null_dates=False)
    with pytest.raises(UnfitError) as caught:
        build(["secret"])
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
TYPES: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "string": st.text(),
    "object": st.dictionaries(st.text(), json_values, max_size=3),
    "array": st.lists(json_values, max_size=3),
}


@st.composite
def streams(draw: st.DrawFn) -> tuple[Message, list[Message]]:
    """A schema of several columns, with records that it allows."""
    names = draw(st.lists(st.sampled_from("abcdef"), unique=True, min_size=1))
    types = {name: draw(st.sampled_from(sorted(TYPES))) for name in names}
    fields = {name: st.none() | TYPES[types[name]] for name in names}
    records = draw(st.lists(st.fixed_dictionaries({}, optional=fields), max_size=5))
    properties = {name: {"type": [found, "null"]} for name, found in types.items()}
    return {"type": "object", "properties": properties}, records


def parsed(row: Message, json_schema: Message) -> Message:
    """The stored row, its JSON text read again."""
    nested = {
        name
        for name, prop in json_schema["properties"].items()
        if prop["type"][0] in {"object", "array"}
    }
    return {
        name: json.loads(value) if value is not None and name in nested else value
        for name, value in row.items()
    }


@settings(max_examples=40, deadline=None)
@given(stream=streams(), batch_rows=st.integers(1, 4))
def test_stored_rows_equal_the_records(
    stream: tuple[Message, list[Message]], batch_rows: int
) -> None:
    json_schema, records = stream
    messages = [schema("s", json_schema["properties"]), *(record("s", **row) for row in records)]
    with tempfile.TemporaryDirectory() as folder:
        config = {"store": folder, "batch_size_rows": batch_rows}
        TargetDataset(config=config).listen(io.StringIO(lines(messages)))
        dataset = open_store(folder).find(dataset_id("s"))
        assert dataset
        assert dataset.schema.equals(arrow_schema(json_schema), check_metadata=True)
        stored = [parsed(row, json_schema) for row in read(dataset)]
    wanted = [{name: row.get(name) for name in json_schema["properties"]} for row in records]
    assert sorted(map(repr, stored)) == sorted(map(repr, wanted))
