"""Settings that stand as text, as environment variables and Meltano hand them on."""

from __future__ import annotations

from typing import Any

import pytest

from singer_plugin import settings
from singer_plugin.text_values import value_of

INTEGER = {"type": ["integer", "null"]}
NUMBER = {"type": ["number", "null"]}
BOOLEAN = {"type": ["boolean", "null"]}
OBJECT = {"type": ["object", "null"]}
TEXT = {"type": ["string", "null"]}
NOT_EMPTY = {"type": ["string", "null"], "minLength": 1}
DATE = {"type": ["string", "null"], "pattern": "^[0-9-]{10}$"}
OPTIONS = {"type": ["string", "null"], "enum": ["a", "b", None]}
IDS = {"type": ["array", "null"], "items": {"type": "string"}}
COUNTS = {"type": ["array", "null"], "items": {"type": "integer"}}
ONE_OR_MANY = {"type": ["string", "array", "null"]}


@pytest.mark.parametrize(
    ("text", "prop", "value"),
    [
        ("5", INTEGER, 5),
        ("2.5", NUMBER, 2.5),
        ("five", INTEGER, "five"),
        ("true", BOOLEAN, True),
        ("Off", BOOLEAN, False),
        ("maybe", BOOLEAN, "maybe"),
        ('{"a": 1}', OBJECT, {"a": 1}),
        ("{a", OBJECT, "{a"),
        ('["1", "2"]', IDS, ["1", "2"]),
        ("1234567890123456789, 2", IDS, ["1234567890123456789", "2"]),
        ("0123", IDS, ["0123"]),
        ("1,2", COUNTS, [1, 2]),
        ("1,x", COUNTS, [1, "x"]),
        ("a", OPTIONS, "a"),
        ("c", OPTIONS, "c"),
        ("a,b", ONE_OR_MANY, "a,b"),
        ('["a", "b"]', ONE_OR_MANY, ["a", "b"]),
        ("7", ONE_OR_MANY, "7"),
        ("7", TEXT, "7"),
        ("", TEXT, ""),
        ("", NOT_EMPTY, ""),
        *[("", prop, None) for prop in (DATE, INTEGER, NUMBER, BOOLEAN, OBJECT, IDS, OPTIONS)],
        (" ", IDS, None),
    ],
)
def test_text_is_read_by_the_type_of_its_setting(
    text: str, prop: dict[str, Any], value: Any
) -> None:
    assert value_of(text, prop) == value


SCHEMA: dict[str, Any] = {
    "properties": {
        "load_method": {**OPTIONS, "default": "a"},
        "size": INTEGER,
        "schema": TEXT,
        "auth": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"consumer_key": TEXT},
        },
    }
}


def test_empty_text_counts_as_not_set() -> None:
    given = {"load_method": "", "size": "", "schema": ""}
    assert settings.with_defaults(SCHEMA, given) == {"load_method": "a", "schema": "", "auth": {}}


def test_empty_variables_count_as_not_set() -> None:
    environ = {"X_LOAD_METHOD": "", "X_SIZE": "", "X_SCHEMA": "", "X_AUTH_CONSUMER_KEY": ""}
    assert settings.from_environment(SCHEMA, "X_", environ) == {}


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("X_LOADMETHOD", "X_LOAD_METHOD"),
        ("X_AUTH_CONSUMERKEY", "X_AUTH_CONSUMER_KEY"),
        ("X_AUTH_CONSUMER_KEYS", "X_AUTH_CONSUMER_KEY"),
        ("X_LOAD_METOHD", "X_LOAD_METHOD"),
    ],
)
def test_variables_that_look_like_a_setting_are_told(variable: str, meant: str) -> None:
    assert settings.unknown_variables(SCHEMA, "X_", {variable: "sesame"}) == [
        f"Environment variable {variable} is not known and has no effect. Did you mean '{meant}'?"
    ]


@pytest.mark.parametrize(
    "variable",
    [
        "X_LOGLEVEL",
        "X__SELECT",
        "X__SCHEMA",
        "X__CATALOG",
        "X_LOAD_METHOD",
        "X_HOME",
        "Y_LOADMETHOD",
    ],
)
def test_other_variables_are_left_alone(variable: str) -> None:
    assert settings.unknown_variables(SCHEMA, "X_", {variable: "1"}) == []


def test_an_unknown_setting_is_told_with_the_one_that_is_meant() -> None:
    assert settings.unknown(SCHEMA, {"loadmethod": "a", "consumer_key": "b", "zzz": 1}) == [
        "Setting 'consumer_key' is not known and has no effect: set 'auth.consumer_key'.",
        "Setting 'loadmethod' is not known and has no effect. Did you mean 'load_method'?",
        "Setting 'zzz' is not known and has no effect.",
    ]
