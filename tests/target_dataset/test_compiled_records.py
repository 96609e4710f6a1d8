"""Lines that are decoded at once give what they give one by one: rows, types, errors and STATE."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from bench.posts import SCHEMA as POSTS
from bench.posts import post
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.column_cases import an_object, columns
from support.target_runs import outcome, outcome_with_workers

from tap_twitter.tap import TapTwitter
from target_dataset import decode
from target_dataset.decode import RecordDecoder
from target_dataset.errors import InputError
from target_dataset.messages import read_message
from target_dataset.record_lines import LineGroups, read_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from target_dataset.record_lines import Lines

FIRST_LINE = 7
NEVER = sys.maxsize


@pytest.fixture(autouse=True)
def _few_lines_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "FEWEST_AT_ONCE", 1)


def line(record: str, stream: str = "s") -> str:
    return f'{{"type":"RECORD","stream":"{stream}","record":{record}}}'


def groups(*texts: str) -> list[Lines]:
    return list(LineGroups().of("\n".join(texts).encode(), FIRST_LINE))


def decoder(json_schema: dict[str, Any], keys: Sequence[str] = (), **options: Any) -> RecordDecoder:
    return RecordDecoder("s", json_schema, keys, **options)


def one_by_one(wanted: RecordDecoder, lines: list[Lines]) -> pa.RecordBatch | str:
    """What the other way makes of the lines, or its error."""
    try:
        places, messages = zip(*read_records(lines), strict=True)
        return wanted.decode([message.record for message in messages], places)
    except InputError as error:
        return f"{type(error).__name__}: {error}"


def at_once(tried: RecordDecoder, lines: list[Lines]) -> pa.RecordBatch | str:
    try:
        return tried.decode_lines(lines)
    except InputError as error:
        return f"{type(error).__name__}: {error}"


def steps_aside(tried: RecordDecoder, lines: list[Lines]) -> bool:
    """Whether the lines are left to the other way, whose result is the same in any case."""
    found = tried.decoded_at_once(lines)
    wanted = one_by_one(tried, lines)
    if found is not None:
        assert not isinstance(wanted, str), wanted
        assert_same(found, wanted)
    assert_same(at_once(tried, lines), wanted)
    return found is None


def assert_same(found: pa.RecordBatch | str, wanted: pa.RecordBatch | str) -> None:
    if isinstance(found, str) or isinstance(wanted, str):
        assert found == wanted
        return
    assert found.schema.equals(wanted.schema, check_metadata=True)
    # in this form, not-a-number equals itself and -0.0 is not 0.0
    assert repr(found.to_pydict()) == repr(wanted.to_pydict())
    found.validate(full=True)


def test_posts_are_decoded_at_once() -> None:
    lines = groups(*(line(json.dumps(post(number, edits=number % 2))) for number in range(100)))
    assert not steps_aside(decoder(POSTS, ["id"]), lines)


CATALOG: dict[str, Any] = TapTwitter(validate_config=False).catalog_dict
EXAMPLES = {
    "array": [],
    "boolean": True,
    "integer": 1,
    "number": 0.5,
    "object": {},
    "string": "2026-01-02T03:04:05Z",
}


def example(json_schema: dict[str, Any]) -> Any:
    if "enum" in json_schema:
        return json_schema["enum"][0]
    if json_schema.get("format") == "date":
        return "2026-01-02"
    kind = next(name for name in EXAMPLES if name in json_schema["type"])
    if kind == "object" and json_schema.get("properties"):
        return {name: example(part) for name, part in json_schema["properties"].items()}
    if kind == "array":
        return [example(json_schema["items"])]
    return EXAMPLES[kind]


@pytest.mark.parametrize("found", CATALOG["streams"], ids=lambda found: found["stream"])
def test_the_streams_of_our_tap_are_decoded_at_once(found: dict[str, Any]) -> None:
    lines = groups(line(json.dumps(example(found["schema"]))))
    assert not steps_aside(decoder(found["schema"], found["key_properties"]), lines)


OBJECT = {
    "type": ["object", "null"],
    "properties": {"b": {"type": "integer"}, "a": {"type": ["string", "null"]}},
}

TAKEN = {
    "integer": ({"type": "integer"}, ["1", "-9223372036854775808", "9223372036854775807", "-0"]),
    "integer with bounds": ({"type": "integer", "minimum": 1, "exclusiveMaximum": 3}, ["1", "2"]),
    "number": ({"type": "number"}, ["1", "0.1", "-0.0", "1E-400", "9007199254740993", "5e-324"]),
    "boolean": ({"type": ["boolean", "null"]}, ["true", "null"]),
    "text": ({"type": "string", "maxLength": 2}, ['"🚀🚀"', '"\\u00e9\\n"', '""']),
    "enum": ({"type": ["string", "null"], "enum": ["a", "b", None]}, ['"a"', "null"]),
    "enum of integers": ({"enum": [1, 2]}, ["1", "2"]),
    "const": ({"const": "a"}, ['"a"']),
    "date-time": (
        {"type": "string", "format": "date-time"},
        ['"2026-01-02T03:04:05Z"', '"2026-01-02"', '"2026-01-02T03:04:05.123456789+02:00"'],
    ),
    "date": ({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}, ['"2026-01-02"']),
    "alternatives": ({"oneOf": [{"type": "integer"}, {"type": "null"}]}, ["1", "null"]),
    "text or integer": ({"type": ["string", "integer"]}, ['"a"', "1"]),
    "null": ({"type": "null"}, ["null"]),
    "object": (OBJECT, ['{"b":1,"a":"x"}', "null", '{"a":null,"b":2}', "{}", '{ "b" : 1 }']),
    "escapes in an object": (
        OBJECT,
        ['{"a":"\\u00e9\\/"}', '{"\\u0061":"x"}', '{"a":"x","a":"y"}'],
    ),
    "free object": ({"type": "object"}, ['{"b":1.0,"a":[1e5,-0,1.10,-0.0]}', '{"":{}}']),
    "anything": ({}, ["1", '"null"', "null", "[[]]", "0.10", "12345678901234567890.5"]),
    "array": (
        {"type": "array", "items": {"type": "number"}, "minItems": 1},
        ["[1,0.5]", "[1.0,1e2]", "[-0,100000000000000000000]"],
    ),
    "array of objects": ({"type": "array", "items": OBJECT}, ['[{"b":1},{"a":"x"},null]', "[]"]),
}


@pytest.mark.parametrize(("json_schema", "values"), TAKEN.values(), ids=TAKEN)
def test_values_that_are_taken(json_schema: dict[str, Any], values: list[str]) -> None:
    tried = decoder({"properties": {"v": json_schema}})
    lines = groups(*(line(f'{{"v":{value}}}') for value in values), line("{}"))
    assert not steps_aside(tried, lines)


ASIDE = {
    "integer with a fraction of zero": ({"type": "integer"}, "5.0"),
    "integer beyond 2**53 with a fraction": ({"type": "integer"}, "9007199254740993.0"),
    "integer of 64 bits and one": ({"type": "integer"}, "9223372036854775808"),
    "integer out of bounds": ({"type": "integer", "maximum": 2}, "3"),
    "integer that is text": ({"type": "integer"}, '"5"'),
    "integer that is true": ({"type": "integer"}, "true"),
    "number out of range": ({"type": "number"}, "1e400"),
    "number with a bound": ({"type": "number", "maximum": 5}, "5.0000000000000000001"),
    "decimal": ({"type": "number", "precision": 5, "scale": 2}, "1.10"),
    "multiple": ({"type": "integer", "multipleOf": 2}, "3"),
    "text that is a number": ({"type": ["string", "number"]}, "1.10"),
    "text that is too long": ({"type": "string", "maxLength": 1}, '"🚀🚀"'),
    "half of a surrogate pair": ({"type": "string"}, '"\\ud800"'),
    "pattern": ({"type": "string", "pattern": "^a$"}, '"b"'),
    "value that is not listed": ({"type": "string", "enum": ["a"]}, '"b"'),
    "null that is not listed": ({"type": ["string", "null"], "enum": ["a"]}, "null"),
    "double for a listed integer": ({"enum": [1]}, "1.0"),
    "true for a listed integer": ({"enum": [1]}, "true"),
    "no date": ({"type": "string", "format": "date"}, '"2026-02-30"'),
    "two alternatives": ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, "1"),
    "nothing": ({"type": "null"}, "1"),
    "undeclared part": (OBJECT, '{"c":1}'),
    "part of another type": (OBJECT, '{"a":1}'),
    "missing part": ({**OBJECT, "required": ["a"]}, "{}"),
    "reference": ({"$ref": "#/definitions/a"}, "1"),
    "not what it may not be": ({"not": {"type": "string"}}, '"a"'),
    "false": (False, "1"),
    "deep": ({}, f"{'[' * 300}{']' * 300}"),
    "no JSON": ({}, "NaN"),
    "exponent without end": ({}, f"1e{'9' * 30}"),
}


@pytest.mark.parametrize(("json_schema", "value"), ASIDE.values(), ids=ASIDE)
def test_values_that_are_left_to_the_other_way(json_schema: dict[str, Any], value: str) -> None:
    root = {"properties": {"v": json_schema}, "definitions": {"a": {"type": "integer"}}}
    assert steps_aside(decoder(root), groups(line(f'{{"v":{value}}}')))


GOOD = line('{"v":1}')
LINES = {
    "undeclared property": [line('{"v":1,"w":1}')],
    "missing key": [line('{"w":1}')],
    "no record": [line("[]")],
    "object on two lines": [GOOD[:-1], "}"],
    "two objects on a line": [GOOD + GOOD],
    "two objects on a line, and one on two": [GOOD + GOOD[:-2], "}}"],
    "half an object before another": [f"{GOOD}{line('')[:-1]}", line('{"v":2}')],
    "cut off": [GOOD, GOOD[:-3]],
    "carriage returns": [f"{GOOD}\r", f"{GOOD}\r"],
    "other stream in the end": [GOOD[:-1] + ',"stream":"t"}'],
    "other type in the end": [GOOD[:-1] + ',"type":"STATE","value":{}}'],
    "version that is none": [GOOD[:-1] + ',"version":"x"}'],
}


@pytest.mark.parametrize("texts", LINES.values(), ids=LINES)
def test_lines_that_are_left_to_the_other_way(texts: list[str]) -> None:
    tried = decoder({"properties": {"v": {"type": "integer"}}}, ["v"])
    head = groups(GOOD)[0].head
    found = [replace(each, head=head) for each in groups(GOOD, *texts)]
    assert steps_aside(tried, found)


def test_messages_may_hold_more_than_a_record() -> None:
    more = GOOD[:-1] + ',"version":5,"time_extracted":"2026-01-01T00:00:00Z","more":{"v":"x"}}'
    assert not steps_aside(decoder({"properties": {"v": {"type": "integer"}}}), groups(GOOD, more))


def test_keys_that_are_doubles_are_read_digit_by_digit() -> None:
    tried = decoder({"properties": {"v": {"type": "number"}}}, ["v"])
    assert steps_aside(tried, groups(line('{"v":0.1}')))


def test_structs_are_left_to_the_other_way() -> None:
    assert steps_aside(decoder({"properties": {"v": OBJECT}}, nested="struct"), groups(GOOD))


def test_it_is_not_tried_for_ever() -> None:
    tried = decoder({"properties": {"v": {"type": "integer"}}})
    for _ in range(5):
        assert tried.takes_lines
        tried.decode_lines(groups(line('{"v":5.0}')))
    assert not tried.takes_lines


def test_failures_that_are_far_between_do_not_end_it() -> None:
    tried = decoder({"properties": {"v": {"type": "integer"}}})
    for _ in range(10):
        tried.decode_lines(groups(line('{"v":5.0}')))
        tried.decode_lines(groups(GOOD))
    assert tried.takes_lines


@dataclass(frozen=True)
class Stream:
    """A stream: its name, its schema and its records as JSON text."""

    name: str
    schema: str
    keys: list[str]
    records: list[str]

    @property
    def head(self) -> str:
        return (
            json.dumps({"type": "SCHEMA", "stream": self.name, "key_properties": self.keys})[:-1]
            + f', "schema": {self.schema}}}'
        )


def valid(json_schema: str, keys: list[str], records: list[str]) -> Iterator[str]:
    """The records that their schema allows."""
    _, message = read_message(f'{{"type":"SCHEMA","stream":"s","schema":{json_schema}}}'.encode())
    assert isinstance(message, dict)
    checking = decoder(message["schema"], keys)
    for record in records:
        if not isinstance(one_by_one(checking, groups(line(record))), str):
            yield record


@st.composite
def streams(draw: st.DrawFn, name: str, *, is_valid: bool) -> Stream:
    keys = draw(st.sampled_from([[], ["id"]]))
    parts = draw(st.lists(columns(), min_size=1, max_size=4))
    properties = {"id": '{"type":"integer"}'} | {
        f"p{number}": an_object(keywords) for number, (keywords, _) in enumerate(parts)
    }
    more = draw(st.sampled_from([{}, {"required": '["id"]'}, {"additionalProperties": "false"}]))
    json_schema = an_object({"type": '"object"', "properties": an_object(properties), **more})
    rows = draw(
        st.lists(
            st.fixed_dictionaries(
                {"id": st.integers(0, 5).map(str)},
                optional={f"p{number}": values for number, (_, values) in enumerate(parts)},
            ),
            max_size=8,
        )
    )
    records = [an_object(row).replace(", ", draw(st.sampled_from([", ", ","]))) for row in rows]
    if is_valid:
        records = list(valid(json_schema, keys, records))
    return Stream(name, json_schema, keys, records)


@st.composite
def runs(draw: st.DrawFn, count: int) -> list[str]:
    """What a tap writes: some streams, their records in turns, STATE now and then."""
    faulty = draw(st.sampled_from([None, None, None, *range(count)]))
    drawn = [draw(streams(f"s{n}", is_valid=n != faulty)) for n in range(count)]
    texts = [stream.head for stream in drawn]
    waiting = [[line(record, stream.name) for record in stream.records] for stream in drawn]
    while any(waiting):
        lines = draw(st.sampled_from([lines for lines in waiting if lines]))
        length = draw(st.integers(1, len(lines)))
        texts += lines[:length]
        del lines[:length]
        if draw(st.booleans()):
            texts.append(json.dumps({"type": "STATE", "value": {"n": len(texts)}}))
    return texts


configs = st.fixed_dictionaries(
    {
        "load_method": st.sampled_from(["upsert", "append-only", "overwrite"]),
        "invalid_dates": st.sampled_from(["error", "null"]),
        "validate_records": st.sampled_from([True, True, False]),
        "overwrite_empty": st.just(True),
    },
    optional={"batch_size_rows": st.integers(1, 9)},
)


STREAMS = 8
"""How many are loaded at once: most of the time goes into the making of datasets."""

found_only = [Phase.explicit, Phase.reuse, Phase.generate]
slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


# each takes half a second of two processes; the campaign below has fifty times as many
@settings(max_examples=100 // STREAMS, suppress_health_check=slow, phases=found_only)
@given(runs(STREAMS), configs)
def test_both_ways_end_in_the_same_with_workers_and_without(
    texts: list[str], config: dict[str, Any]
) -> None:
    found, _ = outcome_with_workers(texts, config, fewest=1)
    assert found == outcome(texts, config, fewest=NEVER)


@pytest.mark.torture
@pytest.mark.timeout(7200)
@settings(max_examples=5_000 // STREAMS, suppress_health_check=slow, phases=found_only)
@given(runs(STREAMS), configs)
def test_all_ways_end_in_the_same_in_many_cases(texts: list[str], config: dict[str, Any]) -> None:
    wanted = outcome(texts, config, fewest=NEVER)
    assert outcome(texts, config, fewest=1) == wanted
    for fewest in (1, NEVER):
        assert outcome_with_workers(texts, config, fewest)[0] == wanted


@settings(max_examples=200, suppress_health_check=slow, phases=found_only)
@given(streams("s", is_valid=False))
def test_both_ways_decode_the_same(stream: Stream) -> None:
    _, message = read_message(stream.head.encode())
    assert isinstance(message, dict)
    if stream.records:
        steps_aside(decoder(message["schema"], stream.keys), groups(*map(line, stream.records)))
