"""What a JSON schema asserts: what the validator of singer-sdk allows, and nothing more."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.exceptions import InvalidRecord
from singer_sdk.sinks.core import JSONSchemaValidator
from support.singer_messages import record, schema

from target_dataset.json_numbers import exact_number, spelled_number
from target_dataset.validation import RecordValidator

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.singer_messages import Loaded
    from target_command import Command

FORMATS = [
    "date-time", "date", "time", "duration", "email", "idn-email", "hostname", "ipv4", "ipv6", "uri",
    "uri-reference", "iri", "uuid", "regex", "json-pointer", "singer.decimal", "int64", "nonsense",
]  # fmt: skip
DIALECTS = [
    "http://json-schema.org/draft-03/schema#",
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
    "http://example.com/own",
    "",
]

ALLOWED = [
    *[(f'{{"format": "{name}"}}', '"x y"') for name in FORMATS],
    ('{"contentEncoding": "base16"}', '"0xA1B2"'),
    ('{"contentEncoding": "base64"}', '"!!"'),
    ('{"contentEncoding": "base64", "contentMediaType": "application/json"}', '"{"'),
    ('{"contentMediaType": "application/json"}', '"{"'),
    ('{"anyOf": [{"type": "null"}, {"contentEncoding": "base16"}]}', '"0xA1B2"'),
    # an array of `items` is no schema of 2020-12: Draft 7 takes over, and asserts contents
    ('{"items": [{"contentEncoding": "base16"}]}', '["0xA1B2"]'),
    ('{"items": [{"contentMediaType": "application/json"}]}', '["{"]'),
    *[(f'{{"$schema": "{name}", "contentEncoding": "base16"}}', '"0xA1B2"') for name in DIALECTS],
    (r'{"pattern": "^\\d$"}', '"٣"'),
    (r'{"pattern": "^\\w$"}', '"é"'),
    ('{"pattern": "^a$"}', r'"a\n"'),
    (r'{"pattern": "^\\s$"}', r'"\ufeff"'),
    ('{"dependencies": {"a": ["b"]}}', '{"a": 1}'),
    ('{"oneOf": [{"type": "integer"}, {"type": "number"}]}', "5.0"),
    ('{"type": "integer"}', "1.0"),
    ('{"type": "integer"}', "9007199254740993.0"),
    ('{"type": "integer"}', "1e2"),
    ('{"type": "number"}', "1e400"),
    ('{"enum": [1]}', "1.0"),
    ('{"const": 1.10}', "1.1"),
    ('{"const": 9007199254740993}', "9007199254740993.0"),
    ('{"minimum": 9007199254740993}', "9007199254740993.0"),
    ('{"minimum": 9007199254740993.0}', "9007199254740993.0"),
    ('{"maximum": 0.1}', "0.10"),
    ('{"maximum": 100000000000000000000000000000000000000}', "1e38"),
    ('{"multipleOf": 0.01}', "0.29"),
    ('{"multipleOf": 0.01}', "4.350"),
    ('{"multipleOf": 1e-38}', "0.29"),
    ('{"multipleOf": 2}', "1e30"),
    ('{"uniqueItems": true}', "[1, true]"),
    ('{"uniqueItems": true}', "[[1], [true]]"),
    ('{"maxLength": 1}', '"😀"'),
    ('{"id": "foo", "type": "integer"}', "1"),
    ('{"exclusiveMaximum": true, "maximum": 5}', "4"),
]  # fmt: skip
REFUSED = [
    (r'{"pattern": "^\\d$"}', '"x"'),
    ('{"type": "integer"}', "1.5"),
    ('{"type": "integer"}', "9007199254740992.5"),
    ('{"type": "integer"}', "true"),
    ('{"type": "number"}', "true"),
    ('{"type": "string"}', "1.10"),
    ('{"enum": [1]}', "true"),
    ('{"enum": [[1]]}', "[true]"),
    ('{"const": {"a": false}}', '{"a": 0}'),
    ('{"const": 9007199254740993}', "9007199254740992.0"),
    ('{"minimum": 9007199254740993}', "9007199254740992.0"),
    ('{"maximum": 9007199254740992}', "9007199254740993.0"),
    ('{"exclusiveMinimum": 0.1}', "0.10"),
    ('{"exclusiveMaximum": 9007199254740993}', "9007199254740993.0"),
    ('{"maximum": 0.1}', "0.1000000000000000055"),
    ('{"maximum": 1e400}', "1e401"),
    ('{"multipleOf": 0.01}', "0.015"),
    ('{"multipleOf": 0.01}', "1E-3"),
    ('{"uniqueItems": true}', "[1, 1.0]"),
    ('{"uniqueItems": true}', "[1.1, 1.10]"),
    ('{"maxLength": 1}', '"ab"'),
    ('{"dependentRequired": {"a": ["b"]}}', '{"a": 1}'),
    ('{"unevaluatedProperties": false}', '{"a": 1}'),
    ('{"prefixItems": [{"type": "string"}]}', "[1]"),
    ('{"items": [{"type": "string"}]}', "[1]"),
    ('{"minContains": 2, "contains": {"type": "string"}}', '["a"]'),
    ('{"exclusiveMaximum": true, "maximum": 5}', "5"),
    *[(f'{{"$schema": "{name}", "type": "integer"}}', '"a"') for name in DIALECTS],
]  # fmt: skip


def read(text: str, parse_float: Callable[[str], Any]) -> Any:
    return json.loads(text, parse_float=parse_float)


@pytest.mark.parametrize(
    ("value_schema", "value", "allowed"),
    [*[(*case, True) for case in ALLOWED], *[(*case, False) for case in REFUSED]],
)
def test_what_a_schema_allows(value_schema: str, value: str, allowed: bool) -> None:
    found = RecordValidator("s", {"properties": {"v": read(value_schema, spelled_number)}})
    for parse_float in (exact_number, spelled_number):
        one = {"v": read(value, parse_float)}
        assert found.is_valid(one) == found.are_valid([one]) == allowed
    if not allowed:
        assert "column 'v" in found.reason(one)


OLDER = ['"exclusiveMaximum": true', '"items": [']


@pytest.mark.parametrize(
    ("value_schema", "value"),
    [case for case in REFUSED if not any(older in case[0] for older in OLDER)],
)
def test_what_is_refused_is_refused_by_the_sdk_too(value_schema: str, value: str) -> None:
    of_stream = {"properties": {"v": read(value_schema, Decimal)}}
    with pytest.raises(InvalidRecord):
        JSONSchemaValidator(of_stream).validate({"v": read(value, Decimal)})


BASE16 = {"type": ["string", "null"], "contentEncoding": "base16"}


@pytest.mark.parametrize(
    "config",
    [{}, {"flattening_enabled": True, "flattening_max_depth": 1}, {"stream_maps": {"s": {"w": "v"}}},
     {"nested": "struct"}, {"add_record_metadata": True}],
    ids=str,
)  # fmt: skip
def test_binary_values_load_as_text(config: dict[str, Any], load: Callable[..., Loaded]) -> None:
    messages = [record("s", v="0xA1B2", o={"v": "0x"}), record("s", v=None)]
    inner = {"type": "object", "properties": {"v": BASE16}}
    loaded = load(schema("s", {"v": BASE16, "o": inner}), *messages, **config)
    assert {row["v"] for row in loaded.rows("s")} == {"0xA1B2", None}


def test_the_reason_names_what_is_wrong_to_the_sdk_too(command: Command) -> None:
    digits = {"a": {"pattern": r"^\d$"}, "b": {"type": "integer"}, "c": {"pattern": r"^\d$"}}
    found = command(schema("s", digits), record("s", a="٣", b="x", c="٣"))
    assert found.errors == ["Line 2, stream 's': column 'b': the value is not of type \"integer\""]
