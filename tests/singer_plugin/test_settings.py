from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest

from singer_plugin import settings

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "store": {"type": ["string", "null"], "default": "./datasets"},
        "free": {"type": ["object", "null"], "properties": {"a": {}}, "additionalProperties": True},
        "api": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {
                "words": {"type": ["string", "null"], "enum": ["auto", "tweet", None]},
                "timeout": {"type": ["number", "null"], "exclusiveMinimum": 0, "default": 60},
                "verify": {"type": ["boolean", "null"]},
                "token": {"type": ["string", "null"], "secret": True},
                "ids": {"type": ["string", "array", "null"]},
                "url": {
                    "type": ["string", "null"],
                    "pattern": "^https?://",
                    "errorMessage": "must begin with http",
                },
            },
        },
    },
}


@pytest.mark.parametrize(
    "given",
    [{}, {"api": {}}, {"api": None}, {"api": {"timeout": None}}],
    ids=["absent", "empty", "null", "null-inside"],
)
def test_defaults_are_filled_in_groups(given: dict[str, Any]) -> None:
    filled = {"store": "./datasets", "api": {"timeout": 60}}
    assert settings.with_defaults(SCHEMA, given) == filled


def test_what_is_given_is_kept_and_not_changed_in_place() -> None:
    given: dict[str, Any] = {"api": {"timeout": 5, "odd": 1}, "free": {"b": 2}}
    filled = settings.with_defaults(SCHEMA, given)
    assert filled == {**given, "store": "./datasets"}
    assert filled["api"] is not given["api"]


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"api": {"timeout": "2.5"}}, 2.5),
        ({"api": {"timeout": "7"}}, 7),
        ({"api": {"timeout": "soon"}}, "soon"),
        ({"api": '{"timeout": "3"}'}, 3),
    ],
    ids=["fraction", "integer", "no-number", "group"],
)
def test_numbers_may_be_text(given: dict[str, Any], read: Any) -> None:
    assert settings.with_defaults(SCHEMA, given)["api"]["timeout"] == read


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"P_STORE": "s3://b"}, {"store": "s3://b"}),
        ({"P_API_TIMEOUT": "2.5"}, {"api": {"timeout": 2.5}}),
        ({"P_API_VERIFY": "no"}, {"api": {"verify": False}}),
        ({"P_API_TOKEN": "123"}, {"api": {"token": "123"}}),
        ({"P_API_IDS": '["a", "b"]'}, {"api": {"ids": ["a", "b"]}}),
        ({"P_API_IDS": "Twitter ids"}, {"api": {"ids": "Twitter ids"}}),
        ({"P_API_IDS": "123"}, {"api": {"ids": "123"}}),
        ({"P_API": '{"timeout": 1, "words": "auto"}', "P_API_TIMEOUT": "2"},
         {"api": {"timeout": 2, "words": "auto"}}),
        ({"P_FREE": '{"x": 1}'}, {"free": {"x": 1}}),
        ({"P_API_TIMEOUT": "soon"}, {"api": {"timeout": "soon"}}),
        ({"P_NOTHING": "1", "OTHER": "2"}, {}),
    ],
    ids=lambda value: ",".join(value) if all(k.isupper() for k in value) else None,
)  # fmt: skip
def test_environment_variables(variables: dict[str, str], expected: dict[str, Any]) -> None:
    assert settings.from_environment(SCHEMA, "P_", variables) == expected


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ({"store": 5}, "Setting 'store' must be of type string."),
        ({"api": {"words": "klingon"}}, "Setting 'api.words' must be one of: auto, tweet."),
        ({"api": {"timeout": 0}}, "Setting 'api.timeout' must be more than 0."),
        ({"api": {"token": 777}}, "Setting 'api.token' must be of type string."),
        ({"api": {"ids": 7}}, "Setting 'api.ids' must be of type array or string."),
        ({"api": {"url": "ftp://secret"}}, "Setting 'api.url' must begin with http."),
        ({"api": {"timeout": "NaN"}}, "Setting 'api.timeout' must be of type number."),
        ({"api": 7}, "Setting 'api' must be of type object."),
        (
            {"api": {"timout": 7}},
            "Setting 'api' accepts only: words, timeout, verify, token, ids, url; it does not accept "
            "'timout' (did you mean 'timeout'?).",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_problems_name_the_setting_and_the_mend_but_no_value(
    config: dict[str, Any], line: str
) -> None:
    assert settings.problems(SCHEMA, config) == [line]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("timeout", "Setting 'timeout' is not known and has no effect: set 'api.timeout'."),
        ("a", "Setting 'a' is not known and has no effect."),
    ],
    ids=["of-a-group", "of-none"],
)
def test_what_has_no_effect_is_told_where_it_belongs(name: str, line: str) -> None:
    assert settings.unknown(SCHEMA, {"store": "x", name: 5}) == [line]


def test_good_settings_have_no_problems() -> None:
    assert settings.problems(SCHEMA, settings.with_defaults(SCHEMA, {})) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Decimal("0.5"), 0.5),
        (Decimal("60.0"), 60),
        (Decimal("1e3"), 1000),
        (3.0, 3),
        (2.5, 2.5),
        (float("nan"), "nan"),
        (float(2**53), 2**53),
        (1.5e18, "1.5e+18"),
        (Decimal("Infinity"), "Infinity"),
        (True, True),
        ("1.0", "1.0"),
        ([{"a": Decimal("1.5")}], [{"a": 1.5}]),
    ],
    ids=str,
)
def test_numbers_become_those_of_python(given: Any, expected: Any) -> None:
    found = settings.plain(given)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ([{"store": "a"}, {"store": "b"}], {"store": "b"}),
        ([{"api": {"timeout": 5}}, {"api": {"token": "x"}}], {"api": {"timeout": 5, "token": "x"}}),
        ([{"api": '{"timeout": 5}'}, {"api": {"token": "x"}}], {"api": {"timeout": 5, "token": "x"}}),
        ([{"api": {"token": "x"}}, {"api": {"token": None}}], {"api": {"token": "x"}}),
        ([{"api": "damaged"}, {"api": {"token": "x"}}], {"api": "damaged"}),
        ([{"api": {"token": "x"}}, {"api": "damaged"}], {"api": "damaged"}),
        ([{"api": {"token": None}}, {"api": {}}], {"api": {}}),
        ([{"free": {"a": 1}}, {"free": {"b": 2}}], {"free": {"b": 2}}),
        ([{"store": "a"}, {"store": None, "odd": 1}], {"store": "a", "odd": 1}),
    ],
    ids=["later", "group", "group-as-text", "null", "damaged", "damaged-later", "null-alone", "no-group", "unknown"],
)  # fmt: skip
def test_sources_complete_each_other(
    sources: list[dict[str, Any]], expected: dict[str, Any]
) -> None:
    before = copy.deepcopy(sources)
    assert settings.merged(SCHEMA, sources) == expected
    assert sources == before


def test_defaults_are_copies() -> None:
    schema = {"properties": {"free": {"type": "object", "default": {}}}}
    settings.with_defaults(schema, {})["free"]["left"] = "behind"
    assert settings.with_defaults(schema, {}) == {"free": {}}
